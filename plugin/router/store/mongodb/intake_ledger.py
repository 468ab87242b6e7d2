# SPDX-License-Identifier: GPL-3.0-or-later
"""The intake's durable memory in MongoDB: exactly once, without transactions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pymongo import ASCENDING, IndexModel, ReplaceOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from router.documents.policy import Level
from router.store.mongodb.claims import is_claimed
from router.store.mongodb.connection import MongoConnection, Record, duplicates
from router.store.mongodb.delivery_document import AT_ONCE
from router.store.mongodb.index_keys import IndexKeys
from router.store.mongodb.inserting import delete_in_portions, insert_missing, portions
from router.store.mongodb.plan import PlanDocuments, arrival_of, growing_id, growing_of
from router.store.port import Arrival, Cursor, Growing, Plan, PlanConflict, StoreUnavailable

#: A MongoDB document has at most 16 MB; a longer plan is stored in parts, outside the cursor's document.
_PART_BYTES: Final = 8_000_000

_FIELD_OF_LEVEL: Final[dict[Level, str]] = {"instance": "_id", "series": "series", "study": "study"}


class MongoIntakeLedger:
    """`router.store.port.IntakeLedger` by a write-ahead plan.

    One compare-and-set on the cursor's `serial`, which only grows, moves the cursor and puts the whole
    plan into its field `pending`: from then on the plan is committed. Then the plan is carried out, in
    writes that any node may repeat at any time: arrivals and growing resources carry the serial and never
    replace those of a later one; an existing delivery stays as it is. Last, `pending` is cleared. A node
    that finds a pending plan carries it out first.

    Each index has its own cursor, and its own lease of the intake.
    """

    def __init__(self, connection: MongoConnection, keys: IndexKeys) -> None:
        """Make the indexes."""
        self._connection = connection
        self._keys = keys
        self._this_cursor: Final = {"_id": keys.key("cursor")}
        self._cursor = connection.collection("cursor")
        self._claims = connection.collection("intake_claims")
        self._parts = connection.collection("plan_parts")
        self._arrivals = connection.collection("arrivals")
        self._growing = connection.collection("growing")
        self._deliveries = connection.collection("deliveries")
        with connection.errors_in_words():
            connection.make_indexes(self._parts, [_index("by_index_and_serial", "index", "serial")])
            connection.make_indexes(
                self._arrivals,
                [
                    _index("by_series", "series", "sequence"),
                    _index("by_study", "study", "sequence"),
                    _index("by_age", "at"),
                ],
            )
            connection.make_indexes(
                self._growing,
                [
                    _index("by_due", "due_at"),
                    _index("by_index_and_due", "index", "due_at"),
                    _index("by_age", "last_at"),
                ],
            )

    def lease(self, owner: str, until: datetime, now: datetime) -> bool:
        with self._connection.errors_in_words():
            return is_claimed(self._claims, self._keys.index, owner, until, now)

    def release(self, owner: str) -> None:
        with self._connection.errors_in_words():
            self._claims.delete_one({"_id": self._keys.index, "owner": owner})

    def peek(self) -> Cursor | None:
        with self._connection.errors_in_words():
            record = self._cursor.find_one(self._this_cursor, {"pending": 0})
        return None if record is None else _cursor_of(record)

    def cursor(self) -> Cursor | None:
        with self._connection.errors_in_words():
            settled = self._settled()
        return None if settled is None else _cursor_of(settled)

    def begin(self, cursor: Cursor, instead_of: Cursor | None = None) -> None:
        with self._connection.errors_in_words():
            settled = self._settled()
            if (None if settled is None else _cursor_of(settled)) != instead_of:
                raise PlanConflict
            # Before the cursor: after a crash in between, the cursor still does not fit and this is repeated.
            with self._connection.at_length():
                self._bring_numbers_down(cursor.sequence)
            if settled is None:
                first = self._this_cursor | _fields(cursor) | {"serial": 1, "pending": None}
                try:
                    self._cursor.insert_one(first)
                except DuplicateKeyError as error:
                    raise PlanConflict from error
            elif not self._move(settled["serial"], cursor, None):
                raise PlanConflict

    def commit(self, plan: Plan) -> None:
        with self._connection.errors_in_words():
            settled = self._settled()
            if settled is None or _cursor_of(settled) != plan.based_on:
                raise PlanConflict
            serial = settled["serial"] + 1
            documents = PlanDocuments.of(plan, self._keys, self._connection.sign)
            pending = self._put_down(documents, serial) if documents else None
            if not self._move(settled["serial"], plan.cursor, pending):
                raise PlanConflict
            if pending is not None:
                self._carry_out(documents, serial)
                self._clear(serial, pending)

    def arrivals_of(self, level: Level, resource: str, after_sequence: int = 0) -> list[Arrival]:
        wanted = {_FIELD_OF_LEVEL[level]: self._keys.key(resource), "sequence": {"$gt": after_sequence}}
        with self._connection.errors_in_words():
            found = self._arrivals.find(wanted).sort("sequence", ASCENDING)
            return [arrival_of(record, self._keys) for record in found]

    def studies_since(self, since: datetime) -> list[str]:
        first: list[Record] = [
            {"$match": {"at": {"$gte": since}}},
            {"$group": {"_id": "$study", "first": {"$min": "$at"}}},
        ]
        with self._connection.errors_in_words():
            found = [each for each in self._arrivals.aggregate(first) if self._keys.owns(each["_id"])]
        found.sort(key=lambda each: (each["first"], each["_id"]))
        return [self._keys.identifier(each["_id"]) for each in found]

    def arrivals(self, instances: Sequence[str]) -> dict[str, Arrival]:
        with self._connection.errors_in_words():
            found = self._arrivals.find({"_id": {"$in": [self._keys.key(one) for one in instances]}})
            arrivals = [arrival_of(record, self._keys) for record in found]
        return {arrival.instance: arrival for arrival in arrivals}

    def growing(self, level: Level, resources: Sequence[str]) -> dict[str, Growing]:
        wanted = {"_id": {"$in": [growing_id(level, resource, self._keys) for resource in resources]}}
        with self._connection.errors_in_words():
            found = [growing_of(record, self._keys) for record in self._growing.find(wanted)]
        return {one.resource: one for one in found}

    def growing_due(self, now: datetime, limit: int) -> list[Growing]:
        due = {"index": self._keys.index, "due_at": {"$lte": now}}
        with self._connection.errors_in_words():
            found = self._growing.find(due).sort("due_at", ASCENDING).limit(limit)
            return [growing_of(record, self._keys) for record in found]

    def next_growing_due(self) -> datetime | None:
        unsettled = {"index": self._keys.index, "due_at": {"$gte": AT_ONCE}}
        with self._connection.errors_in_words():
            record = self._growing.find_one(unsettled, sort=[("due_at", ASCENDING)])
        return None if record is None else growing_of(record, self._keys).due_at

    def expire(self, before: datetime) -> int:
        with self._connection.errors_in_words():
            unsettled = list(self._growing.find({"due_at": {"$gte": AT_ONCE}}, {"level": 1, "resource": 1}))
            # A resource that is still growing needs its arrivals when policies fire, however old they are.
            needed: dict[str, list[str]] = {"series": [], "study": []}
            for record in unsettled:
                needed[record["level"]].append(record["resource"])
            old = {
                "at": {"$lt": before},
                "series": {"$nin": needed["series"]},
                "study": {"$nin": needed["study"]},
            }
            settled = {"last_at": {"$lt": before}, "due_at": None}
            arrivals = delete_in_portions(self._arrivals, old)
            return arrivals + delete_in_portions(self._growing, settled)

    def _settled(self) -> Record | None:
        """Return the cursor's document, after carrying out a pending plan."""
        while True:
            record = self._cursor.find_one(self._this_cursor)
            if record is None or record["pending"] is None:
                return record
            serial, pending = record["serial"], record["pending"]
            data = self._picked_up(pending)
            if data is None:
                # Another node may have carried it out meanwhile; the cursor shows that.
                again = self._cursor.find_one(self._this_cursor)
                if again is not None and again["serial"] == serial and again["pending"] is not None:
                    raise StoreUnavailable(
                        "the plan that the intake has committed last is incomplete in MongoDB"
                        " (collection plan_parts); restore the database from a backup"
                    )
                continue
            self._carry_out(PlanDocuments.from_bytes(data), serial)
            self._clear(serial, pending)

    def _bring_numbers_down(self, largest: int) -> None:
        here = {"_id": self._keys.all(), "sequence": {"$gt": largest}}
        self._arrivals.update_many(here, {"$set": {"sequence": largest}})
        growing = {"index": self._keys.index, "last_sequence": {"$gt": largest}}
        for record in list(self._growing.find(growing)):
            fired = [
                one | {"through_sequence": min(one["through_sequence"], largest)} for one in record["fired"]
            ]
            self._growing.update_one(
                {"_id": record["_id"]}, {"$set": {"last_sequence": largest, "fired": fired}}
            )

    def _move(self, serial: int, cursor: Cursor, pending: Record | None) -> bool:
        moved = _fields(cursor) | {"serial": serial + 1, "pending": pending}
        at_serial = self._this_cursor | {"serial": serial}
        return bool(self._cursor.update_one(at_serial, {"$set": moved}).matched_count)

    def _put_down(self, documents: PlanDocuments, serial: int) -> Record:
        """Return the value for `pending`: the plan, or the ids of its parts, which are stored first."""
        data = documents.to_bytes()
        if len(data) <= _PART_BYTES:
            return {"data": data}
        numbers = range(0, len(data), _PART_BYTES)
        whose = {"index": self._keys.index, "serial": serial}
        parts = [{**whose, "number": n, "data": data[n : n + _PART_BYTES]} for n in numbers]
        written = [self._parts.insert_one(part).inserted_id for part in parts]
        return {"parts": written}

    def _picked_up(self, pending: Record) -> bytes | None:
        """Return the pending plan; None where a part of it is missing."""
        if "data" in pending:
            return bytes(pending["data"])
        parts = {part["_id"]: part["data"] for part in self._parts.find({"_id": {"$in": pending["parts"]}})}
        if any(identifier not in parts for identifier in pending["parts"]):
            return None
        return b"".join(parts[identifier] for identifier in pending["parts"])

    def _carry_out(self, documents: PlanDocuments, serial: int) -> None:
        here = {"index": self._keys.index}
        self._put(self._arrivals, documents.arrivals, serial)
        self._put(self._growing, [record | here for record in documents.growing], serial)
        insert_missing(self._deliveries, [record | here for record in documents.deliveries])

    @staticmethod
    def _put(collection: Collection[Record], records: Sequence[Record], serial: int) -> None:
        """Write the records, except where a record of this serial or a later one exists."""
        there = insert_missing(collection, [record | {"serial": serial} for record in records])
        for portion in portions(there):
            # If the plan is carried out again, most records were written the last time.
            done = {"_id": {"$in": [record["_id"] for record in portion]}, "serial": {"$gte": serial}}
            written = {record["_id"] for record in collection.find(done, {"_id": 1})}
            older = [
                ReplaceOne({"_id": record["_id"], "serial": {"$lt": serial}}, record, upsert=True)
                for record in portion
                if record["_id"] not in written
            ]
            if not older:
                continue
            try:
                collection.bulk_write(older, ordered=False)
            except BulkWriteError as error:
                # The existing records are not older: they have this serial or a later one.
                duplicates(error)

    def _clear(self, serial: int, pending: Record) -> None:
        self._cursor.update_one(self._this_cursor | {"serial": serial}, {"$set": {"pending": None}})
        if "parts" in pending:
            # Also the parts of plans that lost the compare-and-set.
            self._parts.delete_many({"index": self._keys.index, "serial": {"$lte": serial}})


def _index(name: str, *fields: str) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name=name)


def _cursor_of(record: Record) -> Cursor:
    return Cursor(record["sequence"], record["version"], record["anchor"])


def _fields(cursor: Cursor) -> Record:
    return {"sequence": cursor.sequence, "version": cursor.version, "anchor": cursor.anchor}
