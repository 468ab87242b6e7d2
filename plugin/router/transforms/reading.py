# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse a DICOM file that is to be changed, without copying its pixels."""

import io
import struct
from typing import Any

import pydicom
from pydicom import FileDataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.filereader import read_dataset, read_partial
from pydicom.hooks import hooks, raw_element_vr
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

_PIXEL_DATA = 0x7FE0_0010
_UNDEFINED = 0xFFFF_FFFF
_ITEM, _END_OF_ITEMS = 0xE000_FFFE, 0xE0DD_FFFE


def read(file: bytes) -> FileDataset:
    """The data set of a file. Its Pixel Data is a view of the file. Raises one of UNREADABLE."""
    source = io.BytesIO(file)
    dataset = read_partial(source, stop_when=_is_pixel_data)
    begin = source.tell()
    # pydicom inflates a deflated data set into another buffer, so that the position is not in the file.
    if dataset.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        return pydicom.dcmread(io.BytesIO(file))
    if begin == len(file):
        return dataset
    is_implicit, is_little = dataset.original_encoding
    pixels, end = _pixel_data(file, begin, bool(is_implicit), bool(is_little))
    if pixels is None:
        return pydicom.dcmread(io.BytesIO(file))
    dataset[_PIXEL_DATA] = pixels
    if end < len(file):
        source.seek(end)
        encoding = dataset.original_character_set
        dataset.update(read_dataset(source, bool(is_implicit), bool(is_little), parent_encoding=encoding))
    return dataset


def _is_pixel_data(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return int(tag) == _PIXEL_DATA


def _pixel_data(
    file: bytes, begin: int, is_implicit: bool, is_little: bool
) -> tuple[RawDataElement | None, int]:
    """The element at `begin`, and its end; None where its items are invalid (PS3.5, A.4)."""
    order = "<" if is_little else ">"
    vr = None if is_implicit else file[begin + 4 : begin + 6].decode("latin-1")
    at = begin + (4 if is_implicit else 8)
    [length] = struct.unpack_from(f"{order}L", file, at)
    start = at + 4
    if length != _UNDEFINED:
        end = after = min(start + length, len(file))
    else:
        end = _end_of_items(file, start)
        after = end + 8
        if end < 0:
            return None, 0
    value: Any = memoryview(file)[start:end]
    tag = BaseTag(_PIXEL_DATA)
    return RawDataElement(tag, vr, length, value, start, is_implicit, is_little), after


def _end_of_items(file: bytes, at: int) -> int:
    """The position of the delimiter after little endian items; -1 where it is missing."""
    while at + 8 <= len(file):
        tag, length = struct.unpack_from("<LL", file, at)
        if tag == _END_OF_ITEMS:
            return at
        if tag != _ITEM:
            break
        at += 8 + length
    return -1


def _vr(raw: RawDataElement, found: dict[str, Any], **context: Any) -> None:
    """Find the VR of an element, for a known one also if it came as UN with 64 KB or more (PS3.5, 6.2.2).
    pydicom itself leaves it UN, and names and dates inside stay unseen."""
    raw_element_vr(raw, found, **context)
    if found["VR"] == "UN" and not raw.tag.is_private:
        try:
            known = dictionary_VR(raw.tag)
        except KeyError:
            return
        # Other VRs cannot have such a length with explicit VRs.
        if known in EXPLICIT_VR_LENGTH_32:
            found["VR"] = known


hooks.register_callback("raw_element_vr", _vr)
