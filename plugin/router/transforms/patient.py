# SPDX-License-Identifier: GPL-3.0-or-later
"""The patient of an image (PS3.3, C.7.1.1)."""

import io
from typing import Final

from pydicom import Dataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag

from router.transforms.elements import text_of
from router.unreadable import UNREADABLE

_PATIENT_ID: Final = BaseTag(0x0010_0020)
_ISSUER: Final = BaseTag(0x0010_0021)
_ISSUER_QUALIFIERS: Final = BaseTag(0x0010_0024)
_BIRTH_DATE: Final = 0x0010_0030


def identified(dataset: Dataset) -> tuple[str, str]:
    """The patient's identifier and its issuer; both may be empty."""
    return text_of(dataset, _PATIENT_ID).strip(), _issuer(dataset)


def identified_in(beginning: bytes, is_whole: bool) -> tuple[str, str] | None:
    """The same from the beginning of a file; `is_whole` if it is the whole file. None where more of the file
    is needed. Both are empty for a whole file that is not DICOM."""
    reached: list[bool] = []

    def is_behind(tag: BaseTag, _vr: str | None, _length: int) -> bool:
        if int(tag) >= _BIRTH_DATE:
            reached.append(True)
        return bool(reached)

    try:
        dataset = read_partial(io.BytesIO(beginning), stop_when=is_behind)
        return identified(dataset) if reached or is_whole else None
    except UNREADABLE:
        return ("", "") if is_whole else None


def _issuer(dataset: Dataset) -> str:
    """The issuer of the identifier: its name, or else its universal identifier."""
    named = text_of(dataset, _ISSUER).strip()
    if named or _ISSUER_QUALIFIERS not in dataset:
        return named
    qualifiers = dataset[_ISSUER_QUALIFIERS].value or ()
    return next((str(item.get("UniversalEntityID") or "").strip() for item in qualifiers), "")
