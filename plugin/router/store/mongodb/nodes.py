# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes that share a MongoDB."""

from datetime import datetime
from typing import Final

from pymongo import ASCENDING, ReturnDocument

from router.documents.node import Node
from router.store.mongodb.claims import is_claimed
from router.store.mongodb.connection import MongoConnection, Record
from router.store.mongodb.server_clock import ServerClock
from router.store.port import NotFound
from router.store.reading import read, readable

#: The fields that others write, and the node itself must not overwrite.
_OF_OTHERS: Final = {"draining"}


class MongoNodes:
    """`router.store.port.Nodes`; a document's `_id` is the node's."""

    def __init__(self, connection: MongoConnection, clock: ServerClock) -> None:
        """`clock` is corrected with each `announce`."""
        self._connection = connection
        self._clock = clock
        self._nodes = connection.collection("nodes")
        self._duties = connection.collection("duties")

    def announce(self, node: Node) -> bool:
        self._clock.measure()
        known = node.model_dump(exclude={"id", *_OF_OTHERS})
        update = {"$set": known, "$setOnInsert": {"draining": False}}
        with self._connection.errors_in_words():
            record = self._nodes.find_one_and_update(
                {"_id": node.id}, update, upsert=True, return_document=ReturnDocument.AFTER
            )
        assert record is not None, "it has just been written"
        return bool(record["draining"])

    def leave(self, identifier: str) -> None:
        gone = {"left": True, "reads_changes": False, "running": 0}
        with self._connection.errors_in_words():
            self._nodes.update_one({"_id": identifier}, {"$set": gone})

    def all(self) -> list[Node]:
        with self._connection.errors_in_words():
            records = list(self._nodes.find().sort([("name", ASCENDING)]))
        return list(readable(Node, map(_fields, records)))

    def drain(self, identifier: str, draining: bool) -> Node:
        with self._connection.errors_in_words():
            record = self._nodes.find_one_and_update(
                {"_id": identifier}, {"$set": {"draining": draining}}, return_document=ReturnDocument.AFTER
            )
        if record is None:
            raise NotFound(identifier)
        return read(Node, _fields(record))

    def remove(self, identifier: str) -> None:
        with self._connection.errors_in_words():
            if not self._nodes.delete_one({"_id": identifier}).deleted_count:
                raise NotFound(identifier)

    def claim(self, duty: str, owner: str, until: datetime, now: datetime) -> bool:
        with self._connection.errors_in_words():
            return is_claimed(self._duties, duty, owner, until, now)

    def give_up(self, duty: str, owner: str) -> None:
        with self._connection.errors_in_words():
            self._duties.delete_one({"_id": duty, "owner": owner})


def _fields(record: Record) -> Record:
    return {"id": record["_id"], **{k: v for k, v in record.items() if k != "_id"}}
