# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of a file, read in order."""

import zlib
from collections.abc import Callable
from typing import Final

#: Reads the given number of bytes; fewer only at the end.
Read = Callable[[int], bytes]

_CHUNK: Final = 1 << 14


class Odd(Exception):  # noqa: N818 - it reads as what it says
    """The file is not in the form that its first bytes say, or it ends too early."""


class Source:
    """Bytes that are read in order."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.data = b""
        self.at = 0
        #: The position of the first byte of `data` in the whole.
        self._base = 0

    @property
    def position(self) -> int:
        return self._base + self.at

    def has(self, size: int) -> bool:
        """Read until so many bytes are in `data`; return False where the end comes before."""
        missing = self.at + size - len(self.data)
        if missing <= 0:
            return True
        more = self._read(max(missing, _CHUNK))
        self._base += self.at
        self.data = self.data[self.at :] + more
        self.at = 0
        return len(self.data) >= size

    def take(self, size: int) -> bytes:
        """Return the next bytes. Raises Odd at the end."""
        if not self.has(size):
            raise Odd
        taken = self.data[self.at : self.at + size]
        self.at += size
        return taken

    def skip(self, size: int) -> None:
        """Pass over bytes. Raises Odd at the end."""
        while size:
            if not self.has(1):
                raise Odd
            passed = min(size, len(self.data) - self.at)
            self.at += passed
            size -= passed

    def rest(self, size: int) -> bytes:
        """Return up to so many of the next bytes."""
        self.has(size)
        taken = self.data[self.at : self.at + size]
        self.at += len(taken)
        return taken


def inflating(read: Read) -> Read:
    """Return a function that reads the inflated bytes of deflated ones (PS3.5, A.5). It raises Odd."""
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)

    def inflated(size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size and not inflating.eof:
            compressed = inflating.unconsumed_tail or read(_CHUNK)
            if not compressed:
                break
            try:
                parts += inflating.decompress(compressed, size - len(parts))
            except zlib.error as error:
                raise Odd from error
        return bytes(parts)

    return inflated
