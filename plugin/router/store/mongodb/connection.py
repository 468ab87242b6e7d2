# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection to MongoDB: one client, safe writes, short timeouts, and its errors in an administrator's
words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, cast

import pymongo
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import IndexModel, MongoClient, ReadPreference, WriteConcern
from pymongo.change_stream import DatabaseChangeStream
from pymongo.collection import Collection
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    InvalidOperation,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)
from pymongo.uri_parser import parse_uri

from router.store.acts import Sign, as_it_is
from router.store.port import StoreUnavailable

#: A document as MongoDB keeps it.
Record = dict[str, Any]

_RAW: Final[Any] = CodecOptions(RawBSONDocument)

_DUPLICATE_KEY: Final = 11000

#: Milliseconds; the connection string may override them.
_TIMEOUTS: Final = {
    "serverSelectionTimeoutMS": 3_000,
    "connectTimeoutMS": 3_000,
    "socketTimeoutMS": 15_000,
    "waitQueueTimeoutMS": 5_000,
}
_WRITE_TIMEOUT: Final = 10_000
#: Timeout in seconds for long commands (see `at_length`).
_LONGEST_SECONDS: Final = 3600.0

_NO_PRIMARY: Final = "it has no primary at the moment"

#: Reasons in an administrator's words, by MongoDB's error code.
_REASONS: Final = {
    13: "its user has too few rights; it needs the role readWrite on this database",
    18: "it refuses the user name or the password in MongoUri",
    14031: "its disk is full; free some space there",
    11600: "it is shutting down",
    189: _NO_PRIMARY,
    10107: _NO_PRIMARY,
}


class MongoConnection:
    """A client of one database. A write that has returned is on the disks of a majority of its servers."""

    def __init__(self, uri: str, database: str) -> None:
        """Make the client; do not wait for the server. Raises StoreUnavailable where the URI is invalid."""
        try:
            given = parse_uri(uri)
            timeouts: Any = {name: value for name, value in _TIMEOUTS.items() if name not in given["options"]}
            self._client = MongoClient[Record](uri, appname="orthanc-router", **timeouts)
            self._database = self._client.get_database(
                database,
                codec_options=CodecOptions[Record](tz_aware=True, tzinfo=UTC),
                read_preference=ReadPreference.PRIMARY,
                write_concern=WriteConcern(w="majority", j=True, wtimeout=_WRITE_TIMEOUT),
            )
        except (PyMongoError, ValueError) as error:
            # The driver's message may contain a part of the password.
            raise StoreUnavailable(
                "MongoUri cannot be used: it must look like mongodb://user:password@host:27017/, with special"
                " letters of the password percent-encoded, and a host of mongodb+srv:// must be known to DNS"
                f" ({type(error).__name__})"
            ) from None
        hosts = ", ".join(f"{host}:{port}" for host, port in given["nodelist"])
        #: Signs what is queued for the audit trail.
        self.sign: Sign = as_it_is
        self.place = f"{given['fqdn'] or hosts}, database {database}"

    def collection(self, name: str) -> Collection[Record]:
        return self._database[name]

    def raw_collection(self, name: str) -> Collection[RawBSONDocument]:
        """Return the collection with its documents as raw BSON."""
        # pymongo's types do not express that the codec options change the type of the documents.
        raw: Any = self._database.get_collection(name, codec_options=_RAW)
        return cast("Collection[RawBSONDocument]", raw)

    def collection_names(self) -> set[str]:
        """Return the names of the database's collections, without MongoDB's own. Raises the driver's
        errors."""
        return {name for name in self._database.list_collection_names() if not name.startswith("system.")}

    def watch(self, pipeline: list[Record], milliseconds: int) -> DatabaseChangeStream[Record]:
        """Return a stream of the database's changes that pass the pipeline. Each read waits at most this long
        for a change. Raises the driver's errors."""
        return self._database.watch(pipeline, max_await_time_ms=milliseconds)

    @contextmanager
    def at_length(self) -> Iterator[None]:
        """Allow the commands in the block to take long, for example to index millions of documents. The
        driver's own timeouts are for commands that a caller waits for."""
        with pymongo.timeout(_LONGEST_SECONDS):
            yield

    def make_indexes(self, collection: Collection[Record], indexes: Sequence[IndexModel]) -> None:
        """Make a collection's missing indexes. Raises the driver's errors."""
        with self.at_length():
            collection.create_indexes(indexes)

    def time(self) -> datetime:
        """Return the time of the primary's clock. Raises StoreUnavailable."""
        with self.errors_in_words():
            told: datetime = self._client.admin.command("hello")["localTime"]
        return told

    @contextmanager
    def errors_in_words(self) -> Iterator[None]:
        """Turn the driver's errors in the block into StoreUnavailable."""
        try:
            yield
        except PyMongoError as error:
            raise StoreUnavailable(f"MongoDB ({self.place}) cannot be used now: {_reason(error)}") from error

    def close(self) -> None:
        # The client tells the server that its sessions end; the timeout is for a server that is away.
        with pymongo.timeout(0.5):
            self._client.close()


def duplicates(error: BulkWriteError) -> list[int]:
    """Return the positions of the documents that were there already. Raises `error` for any other failure."""
    failures = error.details["writeErrors"]
    if error.details["writeConcernErrors"] or any(each["code"] != _DUPLICATE_KEY for each in failures):
        raise error
    return [each["index"] for each in failures]


def _reason(error: PyMongoError) -> str:
    """Return the reason without the driver's quotations, because documents hold patient data."""
    if isinstance(error, ServerSelectionTimeoutError):
        return f"it does not answer ({str(error).partition(' (configured')[0][:200]}); check that it runs"
    if isinstance(error, WTimeoutError):
        return "a majority of its servers does not confirm the write in time"
    if isinstance(error, WaitQueueTimeoutError):
        return "all of its connections are in use (maxPoolSize in MongoUri)"
    if isinstance(error, NotPrimaryError):
        return _NO_PRIMARY
    if isinstance(error, ConnectionFailure):
        return f"the connection was lost ({type(error).__name__})"
    if isinstance(error, InvalidOperation):
        return "the store is closed"
    if isinstance(error, ConfigurationError):
        return "its settings and those in MongoUri do not agree"
    if isinstance(error, OperationFailure):
        code = error.code
        if isinstance(error, BulkWriteError):
            failures = [*error.details["writeErrors"], *error.details["writeConcernErrors"]]
            code = failures[0]["code"] if failures else code
        return _REASONS.get(code or 0, f"it refuses the request with its error {code}")
    return type(error).__name__
