# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup's file: whole, or refused."""

import io
import json
import stat
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from router.command_line.archive import NoBackup, read_archive, write_archive
from router.store import StoreUnavailable, open_store, put_back

AT = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)
PARTS = {"one.bson": b"first" * 1000, "two.bson": b""}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    write_archive(path, "mongodb", "1.0", AT, [(name, iter([content])) for name, content in PARTS.items()])
    return path


def test_what_was_written_comes_back(file: Path) -> None:
    with read_archive(file) as archive:
        manifest = archive.manifest
        assert (manifest.store, manifest.version, manifest.created_at) == ("mongodb", "1.0", AT)
        assert {name: archive.part(name).read() for name in manifest.parts} == PARTS


def test_it_is_its_owners_alone(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"some"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_archive(tmp_path / "backup.zip", "sqlite", "1.0", AT, [("router.sqlite3", breaking())])
    assert list(tmp_path.iterdir()) == []


def rewritten(file: Path, **changes: bytes) -> None:
    """The same archive with other parts, and its manifest as it was."""
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in (content | changes).items():
            archive.writestr(name, part)


def refused(file: Path) -> str:
    with pytest.raises(NoBackup) as refusal, read_archive(file):
        pass
    return str(refusal.value)


def test_a_changed_part_is_refused(file: Path) -> None:
    rewritten(file, **{"one.bson": b"other" * 1000})
    assert "one.bson is not what was written" in refused(file)


@pytest.mark.parametrize("length", [0, 100, -10])
def test_a_file_that_is_cut_off_is_refused(file: Path, length: int) -> None:
    file.write_bytes(file.read_bytes()[:length])
    assert "no whole backup" in refused(file)


def test_another_archive_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "no whole backup" in refused(other)


def test_a_missing_part_is_refused(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        manifest = archive.read("manifest.json")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", manifest)
    assert "no whole backup" in refused(file)


def test_one_of_a_newer_router_is_refused(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    rewritten(file, **{"manifest.json": json.dumps({**manifest, "format": 2, "version": "9.9"}).encode()})
    assert "newer router (9.9)" in refused(file)


class TestHostileArchives:
    """Of somebody who wants more to happen than a restore."""

    def read(self, file: Path) -> None:
        with read_archive(file) as archive:
            assert archive.manifest

    def written(self, folder: Path, manifest: bytes, **parts: bytes) -> Path:
        file = folder / "backup.zip"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
            archive.writestr("manifest.json", manifest)
        return file

    def test_a_manifest_that_unpacks_to_gigabytes(self, tmp_path: Path) -> None:
        with pytest.raises(NoBackup):
            self.read(self.written(tmp_path, b" " * (64 << 20)))

    def test_a_part_that_is_larger_than_it_says(self, tmp_path: Path) -> None:
        told = {"bytes": 10, "sha256": "0" * 64}
        manifest = {"format": 1, "store": "sqlite", "version": "1", "created_at": "2024-01-01T00:00:00Z"}
        written = json.dumps({**manifest, "parts": {"part": told}}).encode()
        file = self.written(tmp_path, written, part=bytes(64 << 20))
        with pytest.raises(NoBackup, match="damaged"):
            self.read(file)

    @pytest.mark.parametrize("manifest", [b"[" * 100_000, b"null", b'{"parts": []}', b"\xff", b""])
    def test_a_manifest_that_is_none(self, tmp_path: Path, manifest: bytes) -> None:
        with pytest.raises(NoBackup):
            self.read(self.written(tmp_path, manifest))

    @pytest.mark.parametrize("content", [None, b"no database", b"SQLite format 3\0" + bytes(4096)])
    def test_a_store_stays_where_what_comes_is_none(self, tmp_path: Path, content: bytes | None) -> None:
        with closing(open_store(None, "", tmp_path)) as store:
            store.remember("kept", "yes")
        parts = {} if content is None else {"router.sqlite3": io.BytesIO(content)}
        with pytest.raises(StoreUnavailable):
            put_back(None, "", tmp_path, parts, replace=True)
        with closing(open_store(None, "", tmp_path)) as store:
            assert store.recall("kept") == "yes"
        assert not list(tmp_path.glob("*restored*"))
