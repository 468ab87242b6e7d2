# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of a file as they come."""

import zlib
from collections.abc import Callable
from typing import Final

#: Reads as many bytes as are asked for; fewer only at the end.
Read = Callable[[int], bytes]

_CHUNK: Final = 1 << 14


class Odd(Exception):  # noqa: N818 - it reads as what it says
    """The file is not written as its first bytes say, or ends too early."""


class Source:
    """Bytes that come one after the other."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.data = b""
        self.at = 0
        #: Where in the whole `data` begins.
        self._base = 0

    @property
    def position(self) -> int:
        return self._base + self.at

    def has(self, size: int) -> bool:
        """Have so many bytes at hand; False where the end comes before."""
        missing = self.at + size - len(self.data)
        if missing <= 0:
            return True
        more = self._read(max(missing, _CHUNK))
        self._base += self.at
        self.data = self.data[self.at :] + more
        self.at = 0
        return len(self.data) >= size

    def take(self, size: int) -> bytes:
        """The next bytes. Raises Odd."""
        if not self.has(size):
            raise Odd
        taken = self.data[self.at : self.at + size]
        self.at += size
        return taken

    def skip(self, size: int) -> None:
        """Pass over bytes. Raises Odd."""
        while size:
            if not self.has(1):
                raise Odd
            passed = min(size, len(self.data) - self.at)
            self.at += passed
            size -= passed

    def rest(self, size: int) -> bytes:
        """Up to so many of the next bytes."""
        self.has(size)
        taken = self.data[self.at : self.at + size]
        self.at += len(taken)
        return taken


def inflating(read: Read) -> Read:
    """The bytes that deflated ones stand for (PS3.5, A.5)."""
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
