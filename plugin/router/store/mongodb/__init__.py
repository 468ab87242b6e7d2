# SPDX-License-Identifier: GPL-3.0-or-later
"""The store for every installation of more than one node: a MongoDB database.

It is correct on a single server (which has no transactions), on replica sets and on sharded clusters: it
needs only that an update of one document is atomic, and that unique indexes work.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Literal

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from router.documents.destination import Destination
from router.documents.policy import Policy
from router.store.keys import above_all_with_prefix
from router.store.mongodb.audit import MongoAuditTrail
from router.store.mongodb.connection import MongoConnection
from router.store.mongodb.copies import copy_of
from router.store.mongodb.deliveries import MongoDeliveries
from router.store.mongodb.documents import MongoDocuments
from router.store.mongodb.index_keys import IndexKeys
from router.store.mongodb.intake_ledger import MongoIntakeLedger
from router.store.mongodb.joint_saves import JointSaves
from router.store.mongodb.lanes import MongoLanes
from router.store.mongodb.lineages import MongoLineages
from router.store.mongodb.nodes import MongoNodes
from router.store.mongodb.repetitions import MongoRepetitions
from router.store.mongodb.runs import MongoRuns
from router.store.mongodb.schema import agree_on_version, check_version
from router.store.mongodb.secrets import rewrite_secrets
from router.store.mongodb.server_clock import ServerClock
from router.store.mongodb.watch import watch_of
from router.store.port import (
    AuditTrail,
    Deliveries,
    Documents,
    IntakeLedger,
    Lanes,
    Lineages,
    Nodes,
    Repetitions,
    Runs,
    Save,
    StoreUnavailable,
    Watch,
)


class MongoStore:
    """`router.store.port.Store` in one database."""

    kind: Literal["sqlite", "mongodb"] = "mongodb"

    def __init__(self, uri: str, database: str, index: str = "") -> None:
        """Open the store for an index; make its collections and indexes. Raises StoreUnavailable."""
        self._connection = MongoConnection(uri, database)
        try:
            first_index = self.remember("first index", index)
            agree_on_version(self._connection, first_index)
            self._joint_saves = JointSaves(self._connection)
            self.policies: Documents[Policy] = MongoDocuments(
                self._connection, self._joint_saves, "policies", Policy
            )
            self.destinations: Documents[Destination] = MongoDocuments(
                self._connection, self._joint_saves, "destinations", Destination
            )
            self.intake: IntakeLedger = MongoIntakeLedger(
                self._connection, IndexKeys(index, is_first=index == first_index)
            )
            self._clock = ServerClock(self._connection)
            self.deliveries: Deliveries = MongoDeliveries(self._connection, index, self._clock.now)
            self.lineages: Lineages = MongoLineages(self._connection, index)
            self.nodes: Nodes = MongoNodes(self._connection, self._clock)
            self.lanes: Lanes | None = MongoLanes(self._connection)
            self.audit: AuditTrail = MongoAuditTrail(self._connection)
            self.repetitions: Repetitions = MongoRepetitions(self._connection)
            self.runs: Runs = MongoRuns(self._connection, index)
        except StoreUnavailable:
            self._connection.close()
            raise

    def now(self) -> datetime:
        return self._clock.now()

    def save_together(self, saves: Sequence[Save]) -> None:
        self._joint_saves.save(saves)

    def remember(self, name: str, text: str) -> str:
        remembered = self._connection.collection("remembered")
        # A duplicate means that another node was quicker.
        with self._connection.errors_in_words(), contextlib.suppress(DuplicateKeyError):
            remembered.update_one({"_id": name}, {"$setOnInsert": {"text": text}}, upsert=True)
        kept = self.recall(name)
        # Where another node has deleted it in between, it was kept until then.
        return text if kept is None else kept

    def recall(self, name: str) -> str | None:
        with self._connection.errors_in_words():
            record = self._connection.collection("remembered").find_one({"_id": name})
        return None if record is None else str(record["text"])

    def remembered(self, beginning: str) -> list[str]:
        wanted = {"_id": {"$gte": beginning, "$lt": above_all_with_prefix(beginning)}}
        with self._connection.errors_in_words():
            found = self._connection.collection("remembered").find(wanted, {"_id": 1}).sort("_id", ASCENDING)
            return [record["_id"] for record in found]

    def forget(self, names: Collection[str]) -> None:
        with self._connection.errors_in_words():
            self._connection.collection("remembered").delete_many({"_id": {"$in": list(names)}})

    def rewrite_secrets(self, rewrite: Callable[[str], str]) -> int:
        with self._connection.errors_in_words():
            return rewrite_secrets(self._connection, rewrite)

    def sign_with(self, sign: Callable[[str], str]) -> None:
        self._connection.sign = sign

    def watch(self) -> Watch | None:
        return watch_of(self._connection)

    def copy(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        with self._connection.errors_in_words():
            yield from copy_of(self._connection)

    def check(self) -> None:
        check_version(self._connection)

    def look_for_damage(self) -> None:
        """Do nothing: MongoDB checks its files itself."""

    def damage(self) -> str:
        return ""

    def describe(self) -> str:
        return f"MongoDB at {self._connection.place}"

    def close(self) -> None:
        self._connection.close()
