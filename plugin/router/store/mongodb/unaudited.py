# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue of acts that are not in the audit trail yet, in MongoDB.

An act is queued in the field `unaudited` of the document that it changed, by the same update;
`MongoAuditTrail.settle` moves it into the trail and then removes it here.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymongo import ASCENDING, IndexModel

from router.documents.audit import AuditRecord
from router.store.acts import PutDownAct, Sign, identified, put_down_act
from router.store.mongodb.connection import MongoConnection, Record
from router.store.mongodb.delivery_document import WITHOUT_INSTANCES, delivery_of

_DOCUMENTS: Final = ("policies", "destinations")
_EXISTS: Final = {"unaudited.key": {"$exists": True}}


@dataclass(frozen=True, slots=True)
class PutDown:
    """A queued act, the unique key that it has in the trail, and its place."""

    key: str
    act: PutDownAct
    #: Its key in the field `unaudited`.
    own_key: str = ""
    collection: str = ""
    document: Any = None


def put_down(record: AuditRecord, sign: Sign) -> Record:
    """Return a whole record, signed, for the field `unaudited`."""
    whole = identified(record)
    return {"key": whole.act_id, "content": sign(whole.model_dump_json())}


class Unaudited:
    """Finds and removes queued acts."""

    def __init__(self, connection: MongoConnection) -> None:
        """Make the indexes."""
        self._collections = {name: connection.collection(name) for name in (*_DOCUMENTS, "deliveries")}
        index = IndexModel([("unaudited.key", ASCENDING)], name="unaudited", partialFilterExpression=_EXISTS)
        with connection.errors_in_words():
            for collection in self._collections.values():
                connection.make_indexes(collection, [index])

    def oldest(self, limit: int, key: bytes | None) -> list[PutDown]:
        """Return the queued acts of at most `limit` documents of each collection, by the time of the act.
        Their signatures are checked with the key."""
        found = [
            one
            for name, collection in self._collections.items()
            for document in collection.find(_EXISTS, WITHOUT_INSTANCES).limit(limit)
            for one in _of_document(name, document, key)
        ]
        return sorted(found, key=lambda one: one.act.record.at)

    def remove(self, put_down: Sequence[PutDown]) -> None:
        """Remove acts that are in the trail now."""
        for name, collection in self._collections.items():
            ours = [one for one in put_down if one.collection == name]
            if ours:
                collection.update_many(
                    {"_id": {"$in": [one.document for one in ours]}},
                    {"$pull": {"unaudited": {"key": {"$in": [one.own_key for one in ours]}}}},
                )


def _of_document(collection: str, document: Record, key: bytes | None) -> Iterator[PutDown]:
    for one in document["unaudited"]:
        if collection == "deliveries":
            delivery, planned = delivery_of(document), document["planned"]
            act = put_down_act(one["content"], key, delivery, planned, document["owner"])
        else:
            act = put_down_act(one["content"], key)
        # The trail's key includes a digest of the content, because the key in the document is not signed.
        digest = hashlib.sha256(one["content"].encode("utf-8", "replace")).hexdigest()
        place = f"{document['_id']}/{one['key']}/{digest}"
        yield PutDown(place, act, one["key"], collection, document["_id"])
