# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether pixels may show text that identifies the patient (PS3.3, C.7.6.1.1.1 and C.7.6.1)."""

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

#: Modalities (PS3.3, C.7.3.1.1.1) whose devices often write text into the pixels.
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
    """A person must look at this image and release it before it is changed."""


def looked_at(dataset: Dataset, may_be_held: bool, is_released: bool) -> list[str]:
    """Return remarks on an image with pixels and without a matching redaction.

    Raises Untransformable where its pixels may show text, and Withheld instead where it `may_be_held` for a
    person. `is_released`: a person has looked at it and released it.
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
    """Why an image with pixels may show text; None where it denies that, or its kind seldom has text."""
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
