# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the pixels of an image may show writing that tells who it is (PS3.3, C.7.6.1.1.1 and C.7.6.1)."""

from typing import Final

from pydicom import Dataset
from pydicom.uid import (
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameSingleBitSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
)

from router.transforms.untransformable import Untransformable

#: Modalities (PS3.3, C.7.3.1.1.1) whose devices often write into the picture.
_OFTEN: Final = frozenset("BDUS DOC ES HC IVUS OP OT RF SC US XA XC".split())
_CAPTURES: Final = frozenset(
    {
        SecondaryCaptureImageStorage,
        MultiFrameSingleBitSecondaryCaptureImageStorage,
        MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
        MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
        MultiFrameTrueColorSecondaryCaptureImageStorage,
    }
)


class Withheld(Untransformable):
    """This image is changed only once a person has looked at it, and has released it."""


def looked_at(dataset: Dataset, may_be_held: bool, is_released: bool) -> list[str]:
    """Remarks on an image with pixels that no redaction is for.

    Raises Untransformable where its pixels may show writing; Withheld, where it `may_be_held` for a person to
    look at it. That a person has done so is said by `is_released`.
    """
    found = _suspicion(dataset)
    if found is None:
        return []
    reason = f"{found}, and no redaction of the transform is for it"
    if not may_be_held:
        raise Untransformable(reason)
    if not is_released:
        raise Withheld(reason)
    return [f"{reason}: it goes out only if a person has released it"]


def _suspicion(dataset: Dataset) -> str | None:
    """Why an image with pixels may show writing; None where it says that it does not, or is of a kind that
    seldom does."""
    told = str(dataset.get("BurnedInAnnotation") or "").strip()
    if told == "YES":
        return "Its pixels have burned-in annotation, it says"
    if told == "NO":
        return None
    if dataset.get("SOPClassUID") in _CAPTURES:
        kind = "secondary captures"
    elif (modality := str(dataset.get("Modality") or "").strip()) in _OFTEN:
        kind = f"images of modality {modality}"
    else:
        return None
    return f"It does not say whether its pixels have burned-in annotation, as {kind} often have"
