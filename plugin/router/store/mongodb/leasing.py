"""Finds the deliveries that can be made next, and claims them, by compare-and-set on single documents."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING
from pymongo.collection import Collection

from router.documents.delivery import State
from router.documents.document import new_id
from router.store.keys import RANKS
from router.store.mongodb.connection import Record
from router.store.mongodb.delivery_document import AT_ONCE, delivery_of, remaining_instances
from router.store.port import Lease, LeasedDelivery


class Leasing:
    """Of the deliveries of one Orthanc database (index). Every method raises the driver's errors."""

    def __init__(self, deliveries: Collection[Record], index: str) -> None:
        self._deliveries = deliveries
        self._index = index

    def chosen(self, lane: str, now: datetime, instances: int) -> list[str]:
        """The ids of the first ready delivery, and of those of its action that fit in beside it."""
        here: Record = {"index": self._index, "lane": lane}
        first = self._ready(here | {"rank": {"$in": sorted(RANKS.values())}}, now, 1)
        if not first:
            return []
        if max(1, first[0]["remaining"]) >= instances:
            return [first[0]["_id"]]
        action = here | {name: first[0][name] for name in ("rank", "action_key")}
        chosen: list[str] = []
        taken = 0
        for record in self._ready(action, now, max(1, instances)):
            taken += max(1, record["remaining"])
            if chosen and taken > instances:
                break
            chosen.append(record["_id"])
        return chosen

    def _ready(self, among: Record, now: datetime, limit: int) -> list[Record]:
        """The first ones, by rank and by the time since when they are ready.

        Those ready at once come in the order they came, among those whose time has come in the order
        it came: neither can hold up the other for ever, and the former are ready whatever the clock says.
        """
        fields = {"rank": 1, "action_key": 1, "remaining": 1, "ready_at": 1, "created_at": 1}
        at_once = self._deliveries.find(among | {"ready_at": AT_ONCE}, fields)
        due = self._deliveries.find(among | {"ready_at": {"$gt": AT_ONCE, "$lte": now}}, fields)
        order = [("rank", ASCENDING), ("ready_at", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)]
        ready = [*at_once.sort(order).limit(limit), *due.sort(order).limit(limit)]

        def turn(record: Record) -> tuple[int, datetime, str]:
            since = record["created_at"] if record["ready_at"] == AT_ONCE else record["ready_at"]
            return record["rank"], since, record["_id"]

        return sorted(ready, key=turn)[:limit]

    def claimed(self, chosen: Sequence[str], lease: Lease, free: Record) -> list[LeasedDelivery]:
        """Those of the chosen that are `free` still, because nobody else has taken them in between."""
        claim = new_id()
        running = {
            "state": State.RUNNING.value,
            "ready_at": lease.until,
            "owner": lease.owner,
            "claim": claim,
            "note": None,
            "next_attempt_at": None,
        }
        # Each document is compared and set at once: who takes one moves its `ready_at` beyond now.
        self._deliveries.update_many({"_id": {"$in": list(chosen)}, **free}, {"$set": running})
        taken = {
            record["_id"]: record
            for record in self._deliveries.find({"_id": {"$in": list(chosen)}, "claim": claim})
        }
        return [
            LeasedDelivery(delivery_of(record), remaining_instances(record), f"{record['_id']}/{claim}")
            for record in (taken[identifier] for identifier in chosen if identifier in taken)
        ]
