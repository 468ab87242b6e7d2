# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the next ready deliveries and leases them, by compare-and-set on single documents."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, UpdateOne
from pymongo.collection import Collection

from router.documents.delivery import INTERRUPTED, SUSPECT_AFTER, Attempt, State
from router.documents.document import new_id
from router.store.keys import ATTEMPTS_KEPT, RANKS
from router.store.mongodb.connection import Record
from router.store.mongodb.delivery_document import AT_ONCE, delivery_of, remaining_instances
from router.store.mongodb.inserting import portions
from router.store.port import Lease, LeasedDelivery

#: The fields that are read before a delivery is leased or interrupted.
_FIELDS = (
    "rank",
    "action_key",
    "remaining",
    "ready_at",
    "created_at",
    "state",
    "claim",
    "begun_at",
    "interruptions",
)


class Leasing:
    """Leases the deliveries of one Orthanc database (index). Every method raises the driver's errors."""

    def __init__(self, deliveries: Collection[Record], index: str) -> None:
        self._deliveries = deliveries
        self._index = index

    def chosen(self, lane: str, owner: str, now: datetime, instances: int) -> list[Record]:
        """Return the first ready delivery, and those of its action that fit in with it, each with a few of
        its fields, but none that the owner itself is carrying out."""
        here: Record = {"index": self._index, "lane": lane}
        first = self._ready(here | {"rank": {"$in": sorted(RANKS.values())}}, owner, now, 1)
        if not first:
            return []
        if max(1, first[0]["remaining"]) >= instances or _is_suspect(first[0]):
            return first
        action = here | {name: first[0][name] for name in ("rank", "action_key")}
        chosen: list[Record] = []
        taken = 0
        for record in self._ready(action, owner, now, max(1, instances)):
            if _is_suspect(record):
                continue
            taken += max(1, record["remaining"])
            if chosen and taken > instances:
                break
            chosen.append(record)
        return chosen

    def _ready(self, among: Record, owner: str, now: datetime, limit: int) -> list[Record]:
        """Return the first ready deliveries, by rank and by the time since which they are ready.

        Deliveries that are ready at once, by their creation, are merged with those whose time has come, by
        that time: neither can hold up the other for ever, and the former are ready whatever the clock says.
        """
        fields = dict.fromkeys(_FIELDS, 1)
        at_once = self._deliveries.find(among | {"ready_at": AT_ONCE}, fields)
        others = [{"state": {"$ne": State.RUNNING.value}}, {"owner": {"$ne": owner}}]
        due = self._deliveries.find(
            among | {"ready_at": {"$gt": AT_ONCE, "$lte": now}, "$or": others}, fields
        )
        order = [("rank", ASCENDING), ("ready_at", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]
        ready = [*at_once.sort(order).limit(limit), *due.sort(order).limit(limit)]

        def turn(record: Record) -> tuple[int, datetime, str]:
            since = record["created_at"] if record["ready_at"] == AT_ONCE else record["ready_at"]
            return record["rank"], since, record["_id"]

        return sorted(ready, key=turn)[:limit]

    def interrupt(self, running: Sequence[Record]) -> int:
        """Make those deliveries ready again that still run under the lease in these records, and keep their
        attempts as interrupted. Return how many."""
        updates = []
        for record in running:
            update: Record = {
                "$set": {
                    "state": State.WAITING.value,
                    "ready_at": AT_ONCE,
                    "owner": None,
                    "claim": None,
                },
                "$inc": {"interruptions": 1},
            }
            begun_at = record.get("begun_at")
            if begun_at is not None:
                attempt = Attempt(at=begun_at, seconds=0, error=INTERRUPTED).model_dump()
                update["$push"] = {"attempts": {"$each": [attempt], "$slice": -ATTEMPTS_KEPT}}
            as_told = {"_id": record["_id"], "claim": record["claim"], "state": State.RUNNING.value}
            updates.append(UpdateOne(as_told | {"ready_at": record["ready_at"]}, update))
        return sum(
            self._deliveries.bulk_write(portion, ordered=False).modified_count
            for portion in portions(updates)
        )

    def claimed(
        self, chosen: Sequence[str], lease: Lease, free: Record, now: datetime | None = None
    ) -> list[LeasedDelivery]:
        """Lease those of the chosen deliveries that still match `free`, and return them. `now`: when the
        attempt begins; None where none does."""
        claim = new_id()
        running = {
            "state": State.RUNNING.value,
            "ready_at": lease.until,
            "owner": lease.owner,
            "claim": claim,
            "begun_at": now,
            "note": None,
            "next_attempt_at": None,
        }
        # Each document is compared and set atomically: after the first owner's update it is not `free`.
        self._deliveries.update_many({"_id": {"$in": list(chosen)}, **free}, {"$set": running})
        taken = {
            record["_id"]: record
            for record in self._deliveries.find({"_id": {"$in": list(chosen)}, "claim": claim})
        }
        return [
            LeasedDelivery(
                delivery_of(record),
                remaining_instances(record),
                f"{record['_id']}/{claim}",
                record.get("receipts") or {},
            )
            for record in (taken[identifier] for identifier in chosen if identifier in taken)
        ]


def _is_suspect(record: Record) -> bool:
    """Whether a delivery must be carried out alone. A lease that has run out counts as one more
    interruption."""
    interruptions: int = record.get("interruptions", 0) + (record["state"] == State.RUNNING)
    return interruptions >= SUSPECT_AFTER
