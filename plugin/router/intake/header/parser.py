# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the elements of a data set one by one (PS3.5, 7.1 and 7.5)."""

import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from pydicom.datadict import dictionary_VR

from router.intake.header.kept import Kept
from router.intake.header.source import Odd, Source

UNDEFINED: Final = 0xFFFFFFFF
ITEM: Final = 0xFFFEE000
ITEM_END: Final = 0xFFFEE00D
SEQUENCE_END: Final = 0xFFFEE0DD

#: The most bytes kept of a value that is not a sequence; far more than rules compare.
_LONGEST_VALUE: Final = 300_000
_DEEPEST: Final = 60

#: Value representations, and whether their length takes four bytes (PS3.5, 7.1.2).
HAS_LONG_LENGTH: Final = dict.fromkeys(
    b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split(), False
) | dict.fromkeys(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split(), True)
_BYTES: Final = frozenset(b"OB OD OF OL OV OW".split())


class Parser:
    """Reads element after element."""

    def __init__(self, source: Source, *, implicit: bool, little: bool) -> None:
        self.source = source
        self.implicit = implicit
        self.little = little
        order = "<" if little else ">"
        self.explicit_head = struct.Struct(f"{order}HH2sH").unpack_from
        self.implicit_head = struct.Struct(f"{order}HHI").unpack_from
        self.long_length = struct.Struct(f"{order}I").unpack_from

    def peek_group(self) -> int | None:
        """Return the group of the next element; None at the end."""
        source = self.source
        if not source.has(8):
            return None
        return int.from_bytes(source.data[source.at : source.at + 2], "little" if self.little else "big")

    def head(self) -> tuple[int, bytes | None, int]:
        """Return tag, value representation (None where the file has none) and length of the next element."""
        source = self.source
        if not source.has(12) and not source.has(8):
            raise Odd
        if self.implicit:
            group, element, length = self.implicit_head(source.data, source.at)
            source.at += 8
            return (group << 16) | element, None, length
        group, element, vr, length = self.explicit_head(source.data, source.at)
        if group == 0xFFFE:
            (length,) = self.long_length(source.data, source.at + 4)
            source.at += 8
            return (group << 16) | element, None, length
        long = HAS_LONG_LENGTH.get(vr)
        if long is None:
            raise Odd
        if long:
            if not source.has(12):
                raise Odd
            (length,) = self.long_length(source.data, source.at + 8)
            source.at += 12
        else:
            source.at += 8
        return (group << 16) | element, vr, length

    def value(self, tag: int, vr: bytes | None, length: int) -> Kept:
        """Read the value of an element whose head was read; return the element. Raises Odd."""
        name = vr.decode("ascii") if vr else None
        if length == UNDEFINED:
            if vr == b"UN" or tag >= 0x7FE00000:
                raise Odd
            taken = bytearray()
            self._pass_items(length, taken, 0)
            return Kept(tag, "SQ", len(taken), bytes(taken))
        if vr == b"SQ" or (vr is None and is_sequence(tag)):
            return Kept(tag, name, length, self.source.take(length))
        if vr in _BYTES or (length > _LONGEST_VALUE and vr is None and tag >= 0x7FE00000):
            self.source.skip(length)
            return Kept(tag, name, length, None if length else b"")
        if length > _LONGEST_VALUE:
            begun = self.source.take(_LONGEST_VALUE)
            self.source.skip(length - _LONGEST_VALUE)
            return Kept(tag, name, length, begun)
        return Kept(tag, name, length, self.source.take(length))

    def pass_undefined(self, tag: int, vr: bytes | None) -> None:
        """Pass over a value of undefined length, whose head was read. Raises Odd."""
        if tag >= 0x7FE00000:
            # Encapsulated pixels. Where elements after them are asked for, pydicom reads the file.
            raise Odd
        if vr == b"UN":
            # The items are in implicit VR (PS3.5, 6.2.2).
            Parser(self.source, implicit=True, little=True)._pass_items(UNDEFINED, None, 0)
        else:
            self._pass_items(UNDEFINED, None, 0)

    def _pass_items(self, length: int, taken: bytearray | None, depth: int) -> None:
        """Pass over the items of a sequence; keep their bytes (without the delimiter) in `taken`."""
        for _ in self._items(length, depth, taken):
            self._pass_item(taken, depth)

    def _pass_item(self, taken: bytearray | None, depth: int) -> None:
        """Pass over the elements of an item of undefined length."""
        while True:
            tag, vr, length = self._noted_head(taken)
            if tag == ITEM_END:
                return
            if length == UNDEFINED:
                inner = self if vr != b"UN" else Parser(self.source, implicit=True, little=True)
                for _ in inner._items(length, depth + 1, taken, delimited=True):
                    inner._pass_item(taken, depth + 1)
            elif taken is None:
                self.source.skip(length)
            else:
                taken += self.source.take(length)

    def _noted_head(self, taken: bytearray | None) -> tuple[int, bytes | None, int]:
        source = self.source
        if not source.has(12) and not source.has(8):
            raise Odd
        begin = source.at
        head = self.head()
        if taken is not None:
            taken += source.data[begin : source.at]
        return head

    def _items(
        self, length: int, depth: int, taken: bytearray | None, *, delimited: bool = False
    ) -> Iterable[int]:
        """Yield the items of undefined length in a sequence of undefined length: the caller must pass over
        them. Passes over the other items. `delimited`: keep the last delimiter, too."""
        if depth > _DEEPEST or length != UNDEFINED:
            raise Odd
        while True:
            mark = len(taken) if taken is not None else 0
            tag, _, size = self._noted_head(taken)
            if tag == SEQUENCE_END:
                if taken is not None and not delimited:
                    del taken[mark:]
                return
            if tag != ITEM:
                raise Odd
            if size == UNDEFINED:
                yield size
            elif taken is None:
                self.source.skip(size)
            else:
                taken += self.source.take(size)


@lru_cache(maxsize=1024)
def is_sequence(tag: int) -> bool:
    """Whether the dictionary says that the tag is a sequence, for files without value representations."""
    try:
        return dictionary_VR(tag) == "SQ"
    except KeyError:
        return False
