"""Parsing a DICOM file that is to be changed."""

import io
from typing import Any

import pydicom
from pydicom import FileDataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.hooks import hooks, raw_element_vr
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32


def read(file: bytes) -> FileDataset:
    """The data set of a file. Raises one of UNREADABLE."""
    return pydicom.dcmread(io.BytesIO(file))


def _vr(raw: RawDataElement, found: dict[str, Any], **context: Any) -> None:
    """Find the VR of an element; of a known one that came as UN also where it has 64 KB and more (PS3.5,
    6.2.2). pydicom itself leaves those UN, with names and dates unseen inside."""
    raw_element_vr(raw, found, **context)
    if found["VR"] == "UN" and not raw.tag.is_private:
        try:
            known = dictionary_VR(raw.tag)
        except KeyError:
            return
        # Others cannot be written as long as this with explicit VRs.
        if known in EXPLICIT_VR_LENGTH_32:
            found["VR"] = known


hooks.register_callback("raw_element_vr", _vr)
