# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a changed data set as a file (PS3.10, 7) with a single copy of its pixels.

Except for the file meta information, the bytes are the same as pydicom's, in a fraction of its time.
"""

import io
import struct
from collections.abc import Iterator
from itertools import chain
from typing import Final

import pydicom
from pydicom import DataElement, Dataset, FileDataset
from pydicom.charset import default_encoding
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element, write_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, PersonName

from router.transforms.elements import Element, encoded_element, text_element, text_of
from router.transforms.pixels import Buffer, ChangedPixels, PixelData

#: The identification of this software as the writer of a file (PS3.10, 7.1).
IMPLEMENTATION_CLASS_UID: Final = "2.25.113103261355263773374322053837550951258"
IMPLEMENTATION_VERSION_NAME: Final = "ORTHANC_ROUTER"

_GROUP_LENGTH: Final = BaseTag(0x0002_0000)
_VERSION: Final = BaseTag(0x0002_0001)
#: The class and instance UIDs of the file meta information, by the tags that they come from in the data set.
_STORED: Final = {BaseTag(0x0002_0002): BaseTag(0x0008_0016), BaseTag(0x0002_0003): BaseTag(0x0008_0018)}
_SYNTAX: Final = BaseTag(0x0002_0010)
_IMPLEMENTATION_CLASS: Final = BaseTag(0x0002_0012)
_IMPLEMENTATION_VERSION: Final = BaseTag(0x0002_0013)
_PIXEL_DATA = 0x7FE0_0010
_UNDEFINED: Final = 0xFFFF_FFFF
_ITEM = b"\xfe\xff\x00\xe0"
_END_OF_ITEM = b"\xfe\xff\x0d\xe0\x00\x00\x00\x00"
_END_OF_SEQUENCE = b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"

#: The padding of one-line texts to even length. ASCII letters are the same in every character set.
_PADDING = {
    **dict.fromkeys(("AE", "AS", "CS", "DA", "DT", "LO", "PN", "SH", "TM"), " "),
    "UI": "\0",
}

Encoding = str | list[str]


def write(dataset: FileDataset) -> bytes:
    """Return the file. Its file meta information names this software. Raises one of UNREADABLE."""
    meta = dataset.file_meta
    for stored, tag in _STORED.items():
        uid = text_of(dataset, tag)
        if not uid:
            raise ValueError(f"no {keyword_for_tag(tag)}")
        meta[stored] = text_element(stored, "UI", uid)
    meta[_IMPLEMENTATION_CLASS] = text_element(_IMPLEMENTATION_CLASS, "UI", IMPLEMENTATION_CLASS_UID)
    meta[_IMPLEMENTATION_VERSION] = text_element(_IMPLEMENTATION_VERSION, "SH", IMPLEMENTATION_VERSION_NAME)
    syntax = UID(meta.TransferSyntaxUID)
    if syntax == DeflatedExplicitVRLittleEndian or not syntax.is_little_endian:
        return _as_pydicom_does(dataset)
    if _PIXEL_DATA in dataset:
        _set_length(dataset, syntax.is_encapsulated)
    made = io.BytesIO()
    made.write((dataset.preamble or bytes(128)) + b"DICM")
    for chunk in chain(_file_meta(meta), _chunks(dataset, syntax.is_implicit_VR, default_encoding)):
        made.write(chunk)
    return made.getvalue()


def clear_file_meta(dataset: FileDataset) -> None:
    """Remove the preamble and all file meta information that is not needed: it may identify (PS3.10, 7.1)."""
    dataset.preamble = bytes(128)
    came = dataset.file_meta
    dataset.file_meta = FileMetaDataset({_SYNTAX: came.get_item(_SYNTAX)})


def _as_pydicom_does(dataset: FileDataset) -> bytes:
    if _PIXEL_DATA in dataset:
        dataset[_PIXEL_DATA].value = b"".join(_pixel_chunks(dataset.PixelData))
    made = io.BytesIO()
    pydicom.dcmwrite(made, dataset, enforce_file_format=True)
    return made.getvalue()


def _set_length(dataset: Dataset, is_encapsulated: bool) -> None:
    """Set the length of the pixels: undefined if encapsulated, else defined (PS3.5, A.4)."""
    pixels = dataset.get_item(_PIXEL_DATA)
    if is_encapsulated and bytes((pixels.value or b"")[:4]) != _ITEM:
        raise ValueError("pixels that are not encapsulated in a compressed transfer syntax")
    if isinstance(pixels, RawDataElement):
        length = _UNDEFINED if is_encapsulated else len(pixels.value or b"")
        dataset[_PIXEL_DATA] = pixels._replace(length=length)
    else:
        pixels.is_undefined_length = is_encapsulated


def _file_meta(meta: FileMetaDataset) -> Iterator[Buffer]:
    """Yield the file meta information, which is always explicit little endian (PS3.10, 7.1)."""
    meta[_VERSION] = encoded_element(_VERSION, "OB", b"\0\1")
    meta.pop(_GROUP_LENGTH, None)
    elements = [chunk for element in _sorted(meta) for chunk in _element(element, False, default_encoding)]
    yield struct.pack("<HH2sHL", 2, 0, b"UL", 4, sum(map(len, elements)))
    yield from elements


def _chunks(level: Dataset, is_implicit: bool, parent: Encoding) -> Iterator[Buffer]:
    """Yield all elements of a data set or an item; `parent` is the inherited character set."""
    if not _can_be_taken_over(level, is_implicit):
        yield from _converted(level, is_implicit, parent)
        return
    encoding = level.get("SpecificCharacterSet", parent)
    for element in _sorted(level):
        yield from _element(element, is_implicit, encoding)


def _can_be_taken_over(level: Dataset, is_implicit: bool) -> bool:
    """Whether elements can be written as read, and those made here have VRs."""
    if level.original_encoding == (None, None):
        return all(isinstance(one, DataElement) and len(one.VR) == 2 for one in level.values())
    return (
        level.original_encoding == (is_implicit, True)
        and level.original_character_set == level._character_set
    )


def _converted(level: Dataset, is_implicit: bool, parent: Encoding) -> Iterator[Buffer]:
    """Like `_chunks`, for a level with a new encoding, or made here."""
    # Iteration gives elements their VR, which may depend on other elements.
    at_the_end = [element for element in level if element.tag >= _PIXEL_DATA]
    for element in at_the_end:
        del level[element.tag]
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = is_implicit, True
    write_dataset(buffer, level, parent)
    yield buffer.getvalue()
    for element in at_the_end:
        yield from _element(element, is_implicit, level.get("SpecificCharacterSet", parent))


def _sorted(level: Dataset) -> Iterator[Element]:
    """Yield the elements by tag, without group lengths, which are retired (PS3.5, 7.2)."""
    for tag, element in sorted(level.items(), key=lambda item: int(item[0])):
        if int(tag) & 0xFFFF or int(tag) >> 16 <= 6:
            yield element


def _element(element: Element, is_implicit: bool, encoding: Encoding) -> Iterator[Buffer]:
    value: Buffer | None
    if isinstance(element, RawDataElement):
        value, is_undefined = element.value or b"", element.length == _UNDEFINED
    elif element.tag == _PIXEL_DATA and element.value:
        size = len(element.value) + len(element.value) % 2
        yield _header(element, size, is_implicit, element.is_undefined_length)
        yield from _pixel_chunks(element.value)
        if element.is_undefined_length:
            yield _END_OF_SEQUENCE
        return
    else:
        value, is_undefined = _value(element, is_implicit, encoding), element.is_undefined_length
    if value is None:
        buffer = DicomBytesIO()
        buffer.is_implicit_VR, buffer.is_little_endian = is_implicit, True
        write_data_element(buffer, element, encoding)
        yield buffer.getvalue()
        return
    yield _header(element, len(value), is_implicit, is_undefined)
    yield value
    if is_undefined:
        yield _END_OF_SEQUENCE


def _header(element: Element, length: int, is_implicit: bool, is_undefined: bool) -> bytes:
    """Tag, VR and length (PS3.5, 7.1)."""
    group, number = int(element.tag) >> 16, int(element.tag) & 0xFFFF
    vr = element.VR or "UN"
    if is_undefined:
        length = _UNDEFINED
    if is_implicit:
        return struct.pack("<HHL", group, number, length)
    if vr not in EXPLICIT_VR_LENGTH_32 and length > 0xFFFF:
        vr = "UN"  # a value too long for its VR must be written as UN (PS3.5, 6.2.2)
    if vr in EXPLICIT_VR_LENGTH_32:
        return struct.pack("<HH2sHL", group, number, vr.encode(), 0, length)
    return struct.pack("<HH2sH", group, number, vr.encode(), length)


def _pixel_chunks(pixels: PixelData) -> Iterator[Buffer]:
    """Yield the value of Pixel Data, of even length."""
    if isinstance(pixels, ChangedPixels):
        yield from pixels.raw_frames()
        yield pixels.padding()
    else:
        yield pixels
    yield bytes(len(pixels) % 2)


def _value(element: DataElement, is_implicit: bool, encoding: Encoding) -> Buffer | None:
    """The encoded value of an element of a common kind; None for kinds that pydicom must encode."""
    value = element.value
    if element.VR == "SQ":
        return b"".join(chunk for item in value for chunk in _item(item, is_implicit, encoding))
    if value is None:
        return b""
    padding = _PADDING.get(element.VR)
    if padding is None:
        return None
    text = str(value) if isinstance(value, str | PersonName) else "\\".join(map(str, value))
    if not text.isascii():
        return None
    return (text if len(text) % 2 == 0 else text + padding).encode("ascii")


def _item(item: Dataset, is_implicit: bool, encoding: Encoding) -> Iterator[Buffer]:
    content = b"".join(_chunks(item, is_implicit, encoding))
    is_undefined = getattr(item, "is_undefined_length_sequence_item", False)
    yield _ITEM
    yield struct.pack("<L", _UNDEFINED if is_undefined else len(content))
    yield content
    if is_undefined:
        yield _END_OF_ITEM
