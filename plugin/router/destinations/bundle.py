# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs several DICOM files as one body and unpacks them: `multipart/related` (RFC 2387) and ZIP archives."""

import secrets
import zipfile
from collections.abc import Iterable, Iterator
from email.message import Message
from tempfile import TemporaryFile
from typing import IO

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError

DICOM = "application/dicom"
MULTIPART = "multipart/related"
ZIP = "application/zip"

_CHUNK = 1024 * 1024
#: The most files that one answer may hold.
_MOST_FILES = 100_000
#: The mark of a DICOM file, and its offset in bytes (PS3.10, 7.1).
_MAGIC_AT, _MAGIC = 128, b"DICM"

_BROKEN_ZIP = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


class BrokenBundle(Exception):  # noqa: N818 - it reads as what it says
    """The body is not of the form that its type says. The message says why."""


def write_multipart(files: Iterable[bytes], body: IO[bytes]) -> str:
    """Write files as `multipart/related`; return the Content-Type."""
    boundary = secrets.token_hex(16)
    for file in files:
        body.write(f"--{boundary}\r\nContent-Type: {DICOM}\r\nContent-Length: {len(file)}\r\n\r\n".encode())
        body.write(file)
        body.write(b"\r\n")
    body.write(f"--{boundary}--\r\n".encode())
    return f'{MULTIPART}; type="{DICOM}"; boundary={boundary}'


def write_zip(files: Iterable[bytes], body: IO[bytes]) -> str:
    """Write files as a ZIP archive; return its Content-Type. Does not compress, which hardly helps images."""
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
        for number, file in enumerate(files, 1):
            archive.writestr(f"{number:06}.dcm", file)
    return ZIP


def read_bundle(body: IO[bytes], content_type: str, largest: int) -> Iterator[bytes]:
    """Yield the DICOM files in a body, one at a time. Raises BrokenBundle.

    `largest`: the most bytes that the files of a ZIP archive may have together, unpacked.
    """
    described = Message()
    described["Content-Type"] = content_type
    body.seek(0)
    match described.get_content_type():
        case "application/dicom":
            yield body.read()
        case "application/octet-stream" if _is_dicom(body):
            yield body.read()
        case "multipart/related" | "multipart/mixed":
            boundary = described.get_param("boundary")
            if not isinstance(boundary, str) or not boundary:
                raise BrokenBundle("a multipart answer without a boundary")
            yield from _parts(body, boundary)
        case "application/zip" | "application/x-zip-compressed":
            yield from _entries(body, largest)
        case other:
            raise BrokenBundle(f"an answer of type {other[:100]}, which is neither DICOM nor several of them")


def _is_dicom(body: IO[bytes]) -> bool:
    start = body.read(_MAGIC_AT + len(_MAGIC))
    body.seek(0)
    return start[_MAGIC_AT:] == _MAGIC


def _parts(body: IO[bytes], boundary: str) -> Iterator[bytes]:
    with TemporaryFile() as contents:
        lengths = _unpack(body, boundary, contents)
        contents.seek(0)
        for length in lengths:
            yield contents.read(length)


def _unpack(body: IO[bytes], boundary: str, contents: IO[bytes]) -> list[int]:
    """Write the contents of all parts one after the other; return the length of each."""
    lengths: list[int] = []
    ended: list[bool] = []

    def begin() -> None:
        if len(lengths) >= _MOST_FILES:
            raise BrokenBundle(f"more than {_MOST_FILES} parts")
        lengths.append(0)

    def data(chunk: bytes, start: int, end: int) -> None:
        contents.write(chunk[start:end])
        lengths[-1] += end - start

    def end() -> None:
        ended.append(True)

    try:
        parser = MultipartParser(boundary, {"on_part_begin": begin, "on_part_data": data, "on_end": end})
        while chunk := body.read(_CHUNK):
            parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise BrokenBundle(f"a multipart answer that cannot be read: {error}") from error
    if not ended:
        raise BrokenBundle("a multipart answer that is cut off")
    return lengths


def _entries(body: IO[bytes], largest: int) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(body) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > largest:
                raise BrokenBundle("a ZIP archive that holds too much")
            for entry in entries:
                # Python gives no more bytes than the entry declares, and raises where there are more.
                yield archive.read(entry)
    except _BROKEN_ZIP as error:
        raise BrokenBundle(f"a ZIP archive that cannot be read ({type(error).__name__})") from error
