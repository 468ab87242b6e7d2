# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the part of a stored image before its pixels."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import pydicom
from pydicom.uid import DeflatedExplicitVRLittleEndian

from router.unreadable import UNREADABLE

#: So many bytes hold nearly every header.
_BEGINNING: Final = 1 << 20


class Files(Protocol):
    """A source of files, such as `router.orthanc_api.OrthancApi`."""

    def headers(
        self, files: Mapping[str, str], take: Callable[[Callable[[int], bytes]], bytes]
    ) -> Sequence[Any]:
        """For each instance, a tuple with the result of `take` for its file, or an error."""
        ...

    def file(self, instance: str) -> bytes:
        """The whole file of an instance."""
        ...


def header_of(files: Files, instance: str) -> bytes:
    """The instance's file up to its pixels. The whole file where it is smaller than a megabyte, or where its
    first megabyte does not reach the pixels.

    Raises what the request for the file raises.
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
    """The number of bytes before the pixels; 0 where the header does not end in these bytes."""
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
