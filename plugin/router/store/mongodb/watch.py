# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports changes of policies and destinations as they happen, by a change stream."""

from typing import Final

from pymongo.errors import OperationFailure

from router.store.mongodb.connection import MongoConnection, Record

#: The collections whose changes are reported.
_COLLECTIONS: Final = ("policies", "destinations")
#: How long the server waits for a change before it answers that there is none.
_AWAIT_MILLISECONDS: Final = 2_000

#: The error code of a server that is not in a replica set.
_NOT_SUPPORTED: Final = 40573


class MongoWatch:
    """`router.store.port.Watch`. Used by one thread."""

    def __init__(self, connection: MongoConnection) -> None:
        """Open the change stream. Raises the driver's errors."""
        self._connection = connection
        of_these: list[Record] = [{"$match": {"ns.coll": {"$in": list(_COLLECTIONS)}}}]
        self._stream = connection.watch(of_these, _AWAIT_MILLISECONDS)

    def wait(self) -> bool:
        with self._connection.errors_in_words():
            return self._stream.try_next() is not None

    def close(self) -> None:
        with self._connection.errors_in_words():
            self._stream.close()


def watch_of(connection: MongoConnection) -> MongoWatch | None:
    """Return a watch; None where the server has no change streams. Raises StoreUnavailable."""
    with connection.errors_in_words():
        try:
            return MongoWatch(connection)
        except OperationFailure as error:
            if error.code == _NOT_SUPPORTED:
                return None
            raise
