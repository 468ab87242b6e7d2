# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts how deep the sequences of a DICOM file are nested, without recursion.

Orthanc and other programs read sequences by functions that call themselves; a file nested deeply enough
brings them down. Whatever has Orthanc parse a file looks here first.
"""

import struct
import zlib
from typing import Final

from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

#: More than any IOD or private element comes near to, and far less than any program has trouble with.
MOST_LEVELS: Final = 64
#: What is said of a file that has more.
TOO_DEEP: Final = f"Its sequences are nested more than {MOST_LEVELS} levels deep, which is not safe to read"

_PREAMBLE: Final = 132
_UNDEFINED: Final = 0xFFFFFFFF
#: Items and delimiters (PS3.5, 7.5).
_ITEM, _ITEM_END, _SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
_PIXEL_DATA = (0x7FE0, 0x0010)
#: Value representations whose length takes four bytes (PS3.5, 7.1.2).
_LONG: Final = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
#: A deflated data set is not inflated beyond this.
_MOST_BYTES: Final = 1 << 30


def is_too_deep(file: bytes) -> bool:
    """Whether a DICOM file (PS3.10) has more levels of sequences than `MOST_LEVELS`, or has many items and
    cannot be read well enough to tell."""
    syntax, start = _meta_information(file)
    data, start = _data_set(file, syntax, start)
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    # No level is without an item; nearly all files are done with here.
    if data.count(struct.pack(f"{order}HH", *_ITEM)) <= MOST_LEVELS:
        return False
    try:
        return _Levels(data, start, order, syntax != ImplicitVRLittleEndian).exceed()
    except struct.error:
        return True


def _meta_information(file: bytes) -> tuple[str, int]:
    """The transfer syntax, and where the data set begins."""
    syntax, position = str(ImplicitVRLittleEndian), _PREAMBLE
    if file[128:_PREAMBLE] != b"DICM":
        return syntax, 0
    while file[position : position + 2] == b"\x02\x00" and position + 12 <= len(file):
        is_long = file[position + 4 : position + 6] in _LONG
        length = struct.unpack_from("<I" if is_long else "<H", file, position + (8 if is_long else 6))[0]
        value = position + (12 if is_long else 8)
        if file[position + 2 : position + 4] == b"\x10\x00":
            syntax = file[value : value + length].decode("ascii", "replace").strip("\0 ")
        position = value + length
    return syntax, position


def _data_set(file: bytes, syntax: str, start: int) -> tuple[bytes, int]:
    if syntax != DeflatedExplicitVRLittleEndian:
        return file, start
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(file[start:], _MOST_BYTES), 0
    except zlib.error:
        return b"", 0


class _Levels:
    """Goes through a data set, from sequence to item and back."""

    def __init__(self, data: bytes, start: int, order: str, is_explicit: bool) -> None:
        self._data = data
        self._position = start
        self._order = order
        #: What is open: where it ends (None: at its delimiter), whether it is a sequence, whether what is in
        #: it has its value representations with it, and whether its items are fragments of pixels.
        self._open: list[tuple[int | None, bool, bool, bool]] = [(len(data), False, is_explicit, False)]

    def exceed(self) -> bool:
        """Whether there are more than `MOST_LEVELS`. Raises struct.error where it cannot be read."""
        while self._position < len(self._data):
            while (
                len(self._open) > 1 and self._open[-1][0] is not None and self._position >= self._open[-1][0]
            ):
                self._open.pop()
            self._element()
            # Sequences and items take turns.
            if len(self._open) > 2 * MOST_LEVELS + 1:
                return True
        return False

    def _element(self) -> None:
        tag = struct.unpack_from(f"{self._order}HH", self._data, self._position)
        if tag[0] == _ITEM[0]:
            self._delimit(tag)
            return
        _, _, is_explicit, _ = self._open[-1]
        vr = self._data[self._position + 4 : self._position + 6] if is_explicit else b""
        if is_explicit and vr not in _LONG:
            length = struct.unpack_from(f"{self._order}H", self._data, self._position + 6)[0]
            self._position += 8 + length
            return
        self._position += 12 if is_explicit else 8
        length = struct.unpack_from(f"{self._order}I", self._data, self._position - 4)[0]
        # A value that is not known to be a sequence may be one, and may be taken for one.
        begins_item = struct.pack(f"{self._order}HH", *_ITEM)
        may_be_one = vr in {b"", b"UN"} and self._data.startswith(begins_item, self._position)
        if vr == b"SQ" or length == _UNDEFINED or may_be_one:
            end = None if length == _UNDEFINED else self._position + length
            self._open.append((end, True, is_explicit and vr != b"UN", tag == _PIXEL_DATA))
        else:
            self._position += length

    def _delimit(self, tag: tuple[int, ...]) -> None:
        length = struct.unpack_from(f"{self._order}I", self._data, self._position + 4)[0]
        self._position += 8
        _, is_sequence, is_explicit, has_fragments = self._open[-1]
        if tag == _ITEM:
            if has_fragments:
                self._position += length
            else:
                end = None if length == _UNDEFINED else self._position + length
                self._open.append((end, False, is_explicit, False))
        elif len(self._open) > 1 and is_sequence == (tag == _SEQUENCE_END):
            self._open.pop()
