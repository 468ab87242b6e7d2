# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies the embedded store's file, and puts copies back."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Final

from router.store.port import StoreInUse, StoreNotEmpty, StoreUnavailable
from router.store.sqlite.database import FILE_NAME, Database

_PIECE: Final = 1 << 20


def copy_of(database: Database) -> Iterator[bytes]:
    """Yield the file as it is at one moment, in pieces; others can read and write meanwhile. Needs as much
    free disk space beside the file (SQLite, "Online Backup API")."""
    copy = database.path.with_name(f"{database.path.name}.copy-{os.getpid()}")
    try:
        with closing(sqlite3.connect(copy)) as target, database.read() as source:
            copy.chmod(0o600)
            source.backup(target)
        with copy.open("rb") as stream:
            while piece := stream.read(_PIECE):
                yield piece
    finally:
        copy.unlink(missing_ok=True)


def put_back_file(folder: Path, parts: Mapping[str, IO[bytes]], replace: bool) -> None:
    """Replace a folder's store file by a copy, after checking that the copy is whole.

    Raises StoreNotEmpty, StoreInUse, StoreUnavailable, OSError.
    """
    if FILE_NAME not in parts:
        raise StoreUnavailable(f"there is no {FILE_NAME} in it")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / FILE_NAME
    if file.exists():
        if not replace:
            raise StoreNotEmpty(f"There is a store already: {file}")
        _let_go(file)
    # SQLite would apply a log that was left behind to the new file.
    for ending in ("-wal", "-shm"):
        file.with_name(f"{file.name}{ending}").unlink(missing_ok=True)
    draft = file.with_name(f"{file.name}.restored-{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            shutil.copyfileobj(parts[FILE_NAME], stream, _PIECE)
            stream.flush()
            os.fsync(stream.fileno())
        owner = folder.stat()
        if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(draft, owner.st_uid, owner.st_gid)
        _check(draft)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _check(draft: Path) -> None:
    """Check that a copy is a whole store. Raises StoreUnavailable."""
    try:
        with closing(sqlite3.connect(draft)) as connection:
            [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
            tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'documents'").fetchone()
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(f"what is in it is no database: {error}") from error
    if found != "ok" or tables is None:
        raise StoreUnavailable("what is in it is no whole store of the router")


def _let_go(file: Path) -> None:
    """Make SQLite move its write-ahead log into the old file.

    That fails while another connection uses the file. Raises StoreInUse then.
    """
    try:
        with closing(sqlite3.connect(file, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise StoreInUse(f"{file} is in use: stop Orthanc first") from error
        # Any other error: it is no database, or damaged, and may be replaced.
