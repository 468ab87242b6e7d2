"""The store for every installation of more than one node: a MongoDB database.

Correct on a single server, which has no transactions, on replica sets and on sharded clusters: nothing
here needs more than that one update of one document is atomic, and that unique indexes are.
"""

import contextlib
from collections.abc import Sequence
from typing import Final

from pymongo.errors import DuplicateKeyError

from router.documents.destination import Destination
from router.documents.policy import Policy
from router.store.mongodb.audit import MongoAuditTrail
from router.store.mongodb.connection import MongoConnection
from router.store.mongodb.deliveries import MongoDeliveries
from router.store.mongodb.documents import MongoDocuments
from router.store.mongodb.intake_ledger import MongoIntakeLedger
from router.store.mongodb.joint_saves import JointSaves
from router.store.mongodb.lineages import MongoLineages
from router.store.mongodb.runs import MongoRuns
from router.store.port import (
    AuditTrail,
    Deliveries,
    Documents,
    IntakeLedger,
    Lineages,
    Runs,
    Save,
    StoreUnavailable,
)

#: Of the documents' form.
VERSION: Final = 1

_SCHEMA: Final = {"_id": "schema"}


class MongoStore:
    """`router.store.port.Store` in one database."""

    def __init__(self, uri: str, database: str) -> None:
        """Opens the store, and makes its collections and indexes. Raises StoreUnavailable."""
        self._connection = MongoConnection(uri, database)
        self._about = self._connection.collection("about")
        try:
            self._agree_on_version()
            self._joint_saves = JointSaves(self._connection)
            self.policies: Documents[Policy] = MongoDocuments(
                self._connection, self._joint_saves, "policies", Policy
            )
            self.destinations: Documents[Destination] = MongoDocuments(
                self._connection, self._joint_saves, "destinations", Destination
            )
            self.intake: IntakeLedger = MongoIntakeLedger(self._connection)
            self.deliveries: Deliveries = MongoDeliveries(self._connection)
            self.lineages: Lineages = MongoLineages(self._connection)
            self.audit: AuditTrail = MongoAuditTrail(self._connection)
            self.runs: Runs = MongoRuns(self._connection)
        except StoreUnavailable:
            self._connection.close()
            raise

    def save_together(self, saves: Sequence[Save]) -> None:
        self._joint_saves.save(saves)

    def remember(self, name: str, text: str) -> str:
        remembered = self._connection.collection("remembered")
        with self._connection.errors_in_words():
            with contextlib.suppress(DuplicateKeyError):  # another node was quicker
                remembered.update_one({"_id": name}, {"$setOnInsert": {"text": text}}, upsert=True)
            record = remembered.find_one({"_id": name})
        assert record is not None, "nothing that is remembered is ever taken away"
        return str(record["text"])

    def check(self) -> None:
        with self._connection.errors_in_words():
            self._about.update_one(_SCHEMA, {"$inc": {"checks": 1}})

    def describe(self) -> str:
        return f"MongoDB at {self._connection.place}"

    def close(self) -> None:
        self._connection.close()

    def _agree_on_version(self) -> None:
        with self._connection.errors_in_words():
            self._about.update_one(_SCHEMA, {"$setOnInsert": {"version": VERSION}}, upsert=True)
            about = self._about.find_one(_SCHEMA)
        if about is not None and about["version"] > VERSION:
            raise StoreUnavailable(
                f"MongoDB ({self._connection.place}) was written by a newer version of the router (its schema"
                f" is {about['version']}, this router knows {VERSION}); install that version again,"
                " or restore a backup made before the upgrade"
            )
