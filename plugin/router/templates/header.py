# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads of a stored image what comes before its pixels."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import pydicom
from pydicom.uid import DeflatedExplicitVRLittleEndian

from router.unreadable import UNREADABLE

#: Bytes that hold nearly every header.
_BEGINNING: Final = 1 << 20


class Files(Protocol):
    """What gives files; `router.orthanc_api.OrthancApi` is one."""

    def headers(
        self, files: Mapping[str, str], take: Callable[[Callable[[int], bytes]], bytes]
    ) -> Sequence[Any]:
        """For each instance a tuple of what `take` makes of its file, or an error."""
        ...

    def file(self, instance: str) -> bytes:
        """The whole file."""
        ...


def header_of(files: Files, instance: str) -> bytes:
    """The instance's file without its pixels and what comes after them, however large they are; a small file
    as it is, and the whole one where the pixels are not found in its first megabyte.

    Raises what asking for the file raises.
    """
    [read] = files.headers({instance: ""}, lambda read: read(_BEGINNING))
    if isinstance(read, tuple):
        beginning: bytes = read[0]
        if len(beginning) < _BEGINNING:
            return beginning
        if length := _length_of_header(beginning):
            return beginning[:length]
    return files.file(instance)


def _length_of_header(beginning: bytes) -> int:
    """0 where its end is not in these bytes."""
    file = io.BytesIO(beginning)
    try:
        dataset = pydicom.dcmread(file, stop_before_pixels=True)
    except UNREADABLE:
        return 0
    # The whole data set is compressed (PS3.5, A.5).
    if dataset.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        return 0
    length = file.tell()
    return length if length < len(beginning) else 0
