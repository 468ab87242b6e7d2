# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup in one file: a ZIP archive with the parts of a store, and a manifest that vouches for them."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Literal

from pydantic import ValidationError

from router.documents.document import Document, Instant

#: Of the archive itself; what is in the parts has the store's own version.
_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_PIECE: Final = 1 << 20
#: Far more than a manifest has, and little enough for any memory.
_LARGEST_MANIFEST: Final = 1 << 20

#: What `zipfile` raises for an archive that is damaged, encrypted, or packed in another way.
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class Part(Document):
    """The manifest's entry for a part."""

    bytes: int
    sha256: str


class Manifest(Document):
    """The description of a backup and its parts."""

    format: int = _FORMAT
    store: Literal["sqlite", "mongodb"]
    #: Of the router that made it.
    version: str
    created_at: Instant
    parts: dict[str, Part]


class NoBackup(Exception):  # noqa: N818 - it reads as what it says
    """The file is no backup, or an incomplete one."""


def write_archive(
    file: Path,
    store: Literal["sqlite", "mongodb"],
    version: str,
    at: Instant,
    parts: Iterable[tuple[str, Iterable[bytes]]],
) -> Manifest:
    """Write an archive that only its owner can read. The file gets its name once all of it is on the disk.

    Raises OSError.
    """
    draft = file.with_name(f"{file.name}.incomplete")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                written = {name: _write(archive, name, pieces) for name, pieces in parts}
                manifest = Manifest(store=store, version=version, created_at=at, parts=written)
                archive.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


class Archive:
    """A backup that was verified as complete."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self.manifest = manifest
        self._archive = archive

    def part(self, name: str) -> IO[bytes]:
        """Return one part; the caller reads and closes it."""
        return self._archive.open(name)


@contextmanager
def read_archive(file: Path) -> Iterator[Archive]:
    """Open an archive once every part of it is as the manifest says. Raises NoBackup, OSError."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = Manifest.model_validate_json(_manifest_of(archive))
            if manifest.format != _FORMAT:
                raise NoBackup(f"{file} is a backup of a newer router ({manifest.version})")
            for name, part in manifest.parts.items():
                if _part_of(archive, name, part.bytes) != part:
                    raise NoBackup(f"{file} is damaged: {name} is not what was written")
            yield Archive(archive, manifest)
    except (*_BROKEN, KeyError, ValidationError) as error:
        raise NoBackup(f"{file} is no whole backup of the router") from error


def _write(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> Part:
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as part:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            part.write(piece)
    return Part(bytes=size, sha256=digest.hexdigest())


def _manifest_of(archive: zipfile.ZipFile) -> bytes:
    """Raises KeyError, and BadZipFile where it is larger than any."""
    with archive.open(_MANIFEST) as manifest:
        content = manifest.read(_LARGEST_MANIFEST + 1)
    if len(content) > _LARGEST_MANIFEST:
        raise zipfile.BadZipFile("the manifest is too large")
    return content


def _part_of(archive: zipfile.ZipFile, name: str, most: int) -> Part:
    """What is there; no more than a little above the bytes that are told is unpacked."""
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as part:
        while piece := part.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            if size > most:
                break
    return Part(bytes=size, sha256=digest.hexdigest())
