# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded store's file: its connections and transactions, and its errors in an administrator's words."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from router.store.acts import Sign, as_it_is
from router.store.port import StoreUnavailable

_log = logging.getLogger(__name__)

#: The store's file, in the router's folder.
FILE_NAME: Final = "router.sqlite3"

#: How many unused readers stay open.
_IDLE_READERS: Final = 4

#: Seconds to wait for another program that is writing to the file.
_BUSY_SECONDS: Final = 5.0

_PRAGMAS: Final = (
    # With synchronous = FULL, a commit is on the disk when it returns; readers never wait for the writer.
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # So that the write-ahead log shrinks again after a huge transaction.
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -8000",
)

#: Reasons in an administrator's words, by SQLite's primary result code: the codes that mean "not now".
_REASONS: Final = {
    sqlite3.SQLITE_BUSY: "another program holds a lock on it",
    sqlite3.SQLITE_LOCKED: "another program holds a lock on it",
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written (I/O error); look at the system's log",
    sqlite3.SQLITE_READONLY: "it is read-only; check its owner, its permissions and the volume it is on",
    sqlite3.SQLITE_PERM: "access is denied; check its owner and permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that its folder exists and may be written to",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "it is not a database of the router; restore it from a backup",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
}

_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A connection, and the file (device and inode) it was opened on."""

    connection: sqlite3.Connection
    file: Identity


class Database:
    """One writer, which threads use in turn, and one reader for each thread that reads at the moment.

    A connection that failed is closed and opened anew at the next use: the store works again as soon as the
    fault is gone. `prepare` is called with every new writer, in a transaction.
    """

    def __init__(self, path: Path, prepare: Callable[[sqlite3.Connection, str], None]) -> None:
        """Open the file; make it where it is missing. Raises StoreUnavailable."""
        self.path = path
        #: Signs what is queued for the audit trail; in SQL it is the function `signed`.
        self.sign: Sign = as_it_is
        self._prepare = prepare
        #: The damage found, in words; empty where there is none. It is never cleared: a later read without
        #: an error may have read another part of the file.
        self.damage = ""
        self._checking: sqlite3.Connection | None = None
        self._closed = False
        self._writing = threading.Lock()
        self._writer: _Opened | None = None
        self._readers_guard = threading.Lock()
        self._idle_readers: list[_Opened] = []
        self._make_file()
        with self.write():
            pass

    @contextmanager
    def write(self, *, passing: bool = False) -> Iterator[sqlite3.Connection]:
        """Run the block in a transaction. It is on the disk when the block ends, and rolled back when the
        block raises.

        `passing=True` does not fsync: the commit survives a crash of the process, but a power failure before
        the next other commit may undo it.
        """
        with self._writing, self._errors_in_words():
            connection = self._current_writer()
            try:
                connection.execute(f"PRAGMA synchronous = {'NORMAL' if passing else 'FULL'}")
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except sqlite3.Error:
                self._close_writer()
                raise
            except BaseException:
                connection.rollback()
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the store during the block."""
        with self._errors_in_words():
            opened = self._take_reader()
            try:
                opened.connection.execute("BEGIN")
                yield opened.connection
                opened.connection.execute("COMMIT")
            except sqlite3.Error:
                opened.connection.close()
                raise
            except BaseException:
                opened.connection.rollback()
                self._give_back(opened)
                raise
            self._give_back(opened)

    def look_for_damage(self) -> None:
        """Check the whole file, which may take minutes; `close` interrupts it. Raises StoreUnavailable."""
        with self.read() as connection:
            self._checking = connection
            try:
                found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
            finally:
                self._checking = None
        if found != ["ok"]:
            self._note_damage(found[0])

    def _note_damage(self, how: str) -> None:
        if not self.damage:
            self.damage = f"the store {self.path} is damaged ({how}); restore it from a backup"
            _log.error("%s", self.damage)

    def close(self) -> None:
        """Close all connections; a reader in use is closed when its block ends."""
        if (checking := self._checking) is not None:
            checking.interrupt()
        with self._writing:
            self._closed = True
            self._close_writer()
        with self._readers_guard:
            readers, self._idle_readers = self._idle_readers, []
        for reader in readers:
            reader.connection.close()

    def _make_file(self) -> None:
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            self.path.chmod(0o600)
        except OSError as error:
            raise StoreUnavailable(f"the store {self.path} cannot be opened: {error.strerror}") from error

    def _identity(self) -> Identity:
        """Return the identity of the file at the path: writes to a removed file would be lost."""
        try:
            status = self.path.stat()
        except OSError as error:
            raise StoreUnavailable(
                f"the store {self.path} has disappeared ({error.strerror}); put it back, "
                "or restart Orthanc to begin with an empty one"
            ) from error
        return status.st_dev, status.st_ino

    def _open(self) -> _Opened:
        if self._closed:
            raise StoreUnavailable(f"the store {self.path} is closed")
        identity = self._identity()
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        connection.create_function("signed", 1, lambda text: self.sign(text))
        connection.row_factory = sqlite3.Row
        return _Opened(connection, identity)

    def _current_writer(self) -> sqlite3.Connection:
        if self._writer is not None and self._writer.file != self._identity():
            self._close_writer()
        if self._writer is None:
            opened = self._open()
            try:
                opened.connection.execute("BEGIN IMMEDIATE")
                self._prepare(opened.connection, str(self.path))
                opened.connection.execute("COMMIT")
            except (sqlite3.Error, StoreUnavailable):
                opened.connection.close()
                raise
            self._writer = opened
        return self._writer.connection

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.connection.close()
            self._writer = None

    def _take_reader(self) -> _Opened:
        identity = self._identity()
        while True:
            with self._readers_guard:
                opened = self._idle_readers.pop() if self._idle_readers else None
            if opened is None:
                return self._open()
            if opened.file == identity:
                return opened
            opened.connection.close()

    def _give_back(self, opened: _Opened) -> None:
        with self._readers_guard:
            if not self._closed and len(self._idle_readers) < _IDLE_READERS:
                self._idle_readers.append(opened)
                return
        opened.connection.close()

    @contextmanager
    def _errors_in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            reason = _REASONS.get(code)
            if code in _DAMAGE:
                self._note_damage(str(error))
            if reason is None:
                raise
            raise StoreUnavailable(f"the store {self.path} cannot be used now: {reason}") from error
