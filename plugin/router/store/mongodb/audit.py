# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail in MongoDB."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from router.documents.audit import NOTHING_BEFORE, AuditEntry, AuditRecord, signature
from router.documents.document import new_id
from router.store.acts import PutDownAct, repeated_act
from router.store.keys import above_all_with_prefix, audit_objects, audit_search_keys, text_key
from router.store.mongodb.connection import MongoConnection, Record, duplicates
from router.store.mongodb.unaudited import PutDown, Unaudited
from router.store.port import AuditFilter, Ends, Link, anchor_text

_ENDS: Final = {"_id": "ends"}
_START: Final = {"number": 0, "hash": NOTHING_BEFORE}

#: How many documents of each collection `settle` reads at once, and entries `expire` deletes at once.
_PORTION: Final = 100

_INDEXES: Final = {
    "by_age": ("at", "_id"),
    "by_event": ("event", "_id"),
    "by_actor": ("actor.name", "_id"),
    "by_object": ("objects", "_id"),
    "by_search_key": ("search_keys", "_id"),
}
#: The fields of a document that are not part of its entry.
_WITHOUT_KEYS: Final = {"key": 0, "objects": 0, "search_keys": 0}


class MongoAuditTrail:
    """`router.store.port.AuditTrail`; a document's `_id` is the entry's number.

    A node adds an entry by inserting the number after the last one: of several nodes one succeeds, and the
    others read the last number again. A queued act has a key, which is unique in the chain: a node that is
    interrupted between adding it and removing it from the queue can repeat both. If a signed act is queued
    again elsewhere, an entry `audit.repeated` takes its place.
    """

    def __init__(self, connection: MongoConnection) -> None:
        """Make the indexes."""
        self._connection = connection
        self._entries = connection.collection("audit")
        self._state = connection.collection("audit_state")
        self._unaudited = Unaudited(connection)
        models = [
            IndexModel([(field, ASCENDING) for field in fields], name=name)
            for name, fields in _INDEXES.items()
        ]
        models.append(IndexModel([("key", ASCENDING)], name="by_key", unique=True))
        identified = {"act_id": {"$type": "string"}}
        models.append(
            IndexModel(
                [("act_id", ASCENDING)], name="by_act", unique=True, partialFilterExpression=identified
            )
        )
        with connection.errors_in_words():
            connection.make_indexes(self._entries, models)
            self._state.update_one(_ENDS, {"$setOnInsert": {"anchor": _START, "head": _START}}, upsert=True)

    def record(self, record: AuditRecord, key: bytes | None = None) -> None:
        with self._connection.errors_in_words():
            self._append([PutDown(new_id(), PutDownAct(record, is_signed=True))], key)

    def settle(self, key: bytes | None = None, *, believes_all: bool = False) -> int:
        with self._connection.errors_in_words():
            put_down = self._unaudited.oldest(_PORTION, key)
            if put_down:
                self._append(put_down, key, believes_all=believes_all)
                self._unaudited.remove(put_down)
        return len(put_down)

    def find(
        self, wanted: AuditFilter, limit: int, offset: int = 0, total: int | None = None
    ) -> tuple[list[AuditEntry], int]:
        matching = _query(wanted)
        with self._connection.errors_in_words():
            if total is None:
                total = self._entries.count_documents(matching)
            if limit == 0:
                return [], total
            page = self._entries.find(matching, _WITHOUT_KEYS).sort("_id", DESCENDING)
            return [_entry(record) for record in page.skip(offset).limit(limit)], total

    def after(self, number: int, limit: int) -> Sequence[AuditEntry]:
        with self._connection.errors_in_words():
            found = self._entries.find({"_id": {"$gt": number}}, _WITHOUT_KEYS).sort("_id", ASCENDING)
            return [_entry(record) for record in found.limit(limit)]

    def ends(self) -> Ends:
        with self._connection.errors_in_words():
            return self._ends()

    def expire(self, before: datetime, key: bytes | None = None) -> int:
        expired = 0
        while True:
            portion = 0
            with self._connection.errors_in_words():
                anchor = self._ends().anchor
                for entry in self.after(anchor.number, _PORTION):
                    if entry.at >= before:
                        break
                    portion += 1
                    anchor = Link(entry.number, entry.hash)
                # In this order: the numbers go on even where all entries have expired, and the next call
                # deletes entries that an interruption leaves before the anchor.
                self._move("head", anchor)
                self._move("anchor", anchor, key)
                self._entries.delete_many({"_id": {"$lte": anchor.number}})
            expired += portion
            if portion < _PORTION:
                return expired

    def sign_anchor(self, key: bytes) -> None:
        with self._connection.errors_in_words():
            anchor = self._ends().anchor
            signed = signature(key, "anchor", anchor_text(anchor))
            as_it_is = {**_ENDS, "anchor.number": anchor.number, "anchor.hash": anchor.hash}
            self._state.update_one(as_it_is, {"$set": {"anchor.signature": signed}})

    def take_up(self, reader: str, owner: str, until: datetime, now: datetime) -> int | None:
        free = {"_id": f"reader/{reader}", "$or": [{"owner": owner}, {"until": {"$lt": now}}]}
        with self._connection.errors_in_words():
            try:
                self._state.update_one(
                    free,
                    {"$set": {"owner": owner, "until": until}, "$setOnInsert": {"number": 0}},
                    upsert=True,
                )
            except DuplicateKeyError:
                return None
            taken = self._state.find_one({"_id": f"reader/{reader}", "owner": owner})
        return None if taken is None else int(taken["number"])

    def put_down(self, reader: str, owner: str, number: int) -> bool:
        held = {"_id": f"reader/{reader}", "owner": owner}
        with self._connection.errors_in_words():
            return bool(self._state.update_one(held, {"$set": {"number": number}}).matched_count)

    def _append(self, put_down: Sequence[PutDown], key: bytes | None, *, believes_all: bool = False) -> None:
        while missing := self._missing(put_down):
            last = self._last()
            documents = []
            for one in missing:
                under = key if one.act.is_signed or believes_all else None
                entry = AuditEntry.after(last.number, last.hash, one.act.record, under)
                documents.append(_document(entry, one.key))
                last = Link(entry.number, entry.hash)
            try:
                self._entries.insert_many(documents, ordered=True)
            except BulkWriteError as error:
                duplicates(error)  # another node has added something: the rest comes after that
            else:
                self._move("head", last)
                return

    def _missing(self, put_down: Sequence[PutDown]) -> list[PutDown]:
        """Return the acts that are not in the chain yet. An act that is in the chain under another key is
        replaced by the record that it was repeated."""
        by_key = {"key": {"$in": [one.key for one in put_down]}}
        there = {record["key"] for record in self._entries.find(by_key, {"key": 1})}
        missing = [one for one in put_down if one.key not in there]
        by_act = {"act_id": {"$in": [one.act.record.act_id for one in missing if one.act.record.act_id]}}
        known = {record["act_id"] for record in self._entries.find(by_act, {"act_id": 1})}
        found = []
        for one in missing:
            identifier = one.act.record.act_id
            if identifier in known:
                again = PutDownAct(repeated_act(one.act.record), is_signed=True)
                # One document may hold the same key twice.
                key = f"{one.key}/{new_id()}" if one.key in there else one.key
                found.append(replace(one, key=key, act=again))
            else:
                found.append(one)
            there.add(one.key)
            if identifier is not None:
                known.add(identifier)
        return found

    def _last(self) -> Link:
        """Return the newest entry. The head may be behind it, where a node died after adding entries."""
        head = self._ends().head
        newest = self._entries.find({"_id": {"$gt": head.number}}, {"hash": 1}).sort("_id", ASCENDING)
        for record in newest:
            head = Link(record["_id"], record["hash"])
        return head

    def _ends(self) -> Ends:
        record = self._state.find_one(_ENDS)
        assert record is not None, "it is made when the store is opened, and never taken away"
        anchor, head = (Link(record[end]["number"], record[end]["hash"]) for end in ("anchor", "head"))
        return Ends(anchor, head, record["anchor"].get("signature"))

    def _move(self, end: str, link: Link, key: bytes | None = None) -> None:
        """Move an end, but only forward: another node may be further. `key` signs the anchor."""
        moved: Record = {"number": link.number, "hash": link.hash}
        if key is not None:
            moved["signature"] = signature(key, "anchor", anchor_text(link))
        behind = {**_ENDS, f"{end}.number": {"$lt": link.number}}
        self._state.update_one(behind, {"$set": {end: moved}})


def _document(entry: AuditEntry, key: str) -> Record:
    document = entry.model_dump()
    return {
        "_id": document.pop("number"),
        **document,
        "key": key,
        "objects": audit_objects(entry),
        "search_keys": audit_search_keys(entry),
    }


def _entry(record: Record) -> AuditEntry:
    return AuditEntry(number=record.pop("_id"), **record)


def _query(wanted: AuditFilter) -> Record:
    """Return a query for the wanted entries, on indexed fields."""
    parts: Record = {}
    if wanted.event is not None and wanted.event.endswith("."):
        parts["event"] = {"$gte": wanted.event, "$lt": above_all_with_prefix(wanted.event)}
    elif wanted.event is not None:
        parts["event"] = wanted.event
    if wanted.actor is not None:
        parts["actor.name"] = wanted.actor
    if wanted.object is not None:
        parts["objects"] = wanted.object
    if wanted.search is not None:
        parts["search_keys"] = text_key(wanted.search.strip())
    if wanted.studies is not None:
        # The keys are indexed; the Orthanc identifier tells two patients' studies with the same UID apart.
        uids = sorted({text_key(uid.strip()) for _, uid in wanted.studies})
        parts["$and"] = [
            {"search_keys": {"$in": uids}},
            {"patient.study": {"$in": sorted({study for study, _ in wanted.studies})}},
        ]
    if wanted.outcome is not None:
        parts["outcome"] = wanted.outcome
    between = {"$gte": wanted.since, "$lte": wanted.until}
    if moments := {comparison: moment for comparison, moment in between.items() if moment is not None}:
        parts["at"] = moments
    return parts
