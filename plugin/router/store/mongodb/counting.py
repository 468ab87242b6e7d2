# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts deliveries at a cost that does not grow with their number.

Most deliveries have succeeded; the others are counted each time. Where counting the succeeded ones takes
long, the count is stored for all nodes, and one node repeats it after a multiple of the time that it took. So
a quick count is never old, and a slow one takes a fiftieth of one processor. Each number is a count of the
present documents, not a sum of changes, in which an error would stay.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pymongo

from router.clock import Clock
from router.documents.delivery import State
from router.documents.document import new_id
from router.store.mongodb.claims import is_claimed
from router.store.mongodb.connection import MongoConnection, Record
from router.store.port import Counts

#: A count that takes no longer is made for each call.
_QUICK_SECONDS: Final = 0.1
#: A count that takes longer is kept for this many times the time that it took.
_REST: Final = 50
#: How long a count may take; the driver's own timeouts are too short for many millions of deliveries.
_LONGEST_SECONDS: Final = 600.0

#: The index of deliveries by state and lane.
INDEX: Final = "by_state_and_lane"

_ALL_BUT_SUCCEEDED: Final = [state for state in State if state is not State.SUCCEEDED]

_KEPT: Final = {"_id": "succeeded"}
_DUTY: Final = "counting"


class Counting:
    """Counts the deliveries of one database."""

    def __init__(self, connection: MongoConnection, clock: Clock) -> None:
        self._deliveries = connection.collection("deliveries")
        self._kept = connection.collection("delivery_counts")
        self._duties = connection.collection("duties")
        self._clock = clock
        self._owner = new_id()

    def counts(self, at_leisure: bool) -> Counts:
        """See `Deliveries.counts`. Raises the driver's errors."""
        few = _numbers(self._grouped(_ALL_BUT_SUCCEEDED))
        kept = self._kept.find_one(_KEPT)
        if kept is None:
            anew = self._counted_anew()
            if at_leisure and anew["seconds"] > _QUICK_SECONDS:
                self._kept.update_one(_KEPT, {"$set": anew}, upsert=True)
            return Counts(few | _numbers(anew["groups"]))
        if at_leisure and self._is_old(kept) and self._is_ours(kept["seconds"]):
            anew = self._counted_anew()
            if anew["seconds"] > _QUICK_SECONDS:
                self._kept.update_one(_KEPT, {"$set": anew}, upsert=True)
            else:
                self._kept.delete_one(_KEPT)
            self._duties.delete_one({"_id": _DUTY, "owner": self._owner})
            return Counts(few | _numbers(anew["groups"]))
        return Counts(few | _numbers(kept["groups"]), kept["at"])

    def _is_old(self, kept: Record) -> bool:
        return bool(self._clock() > kept["at"] + timedelta(seconds=_REST * kept["seconds"]))

    def _is_ours(self, seconds: float) -> bool:
        """Whether this node is to count: no other node counts, or its count takes very long."""
        now = self._clock()
        return is_claimed(self._duties, _DUTY, self._owner, now + timedelta(seconds=10 * seconds + 10), now)

    def _counted_anew(self) -> Record:
        at, began = self._clock(), time.monotonic()
        with pymongo.timeout(_LONGEST_SECONDS):
            groups = self._grouped([State.SUCCEEDED])
        return {"at": at, "seconds": time.monotonic() - began, "groups": groups}

    def _grouped(self, states: Sequence[State]) -> list[Record]:
        wanted = {"state": {"$in": [state.value for state in states]}}
        by_lane_and_state = {"_id": {"lane": "$lane", "state": "$state"}, "number": {"$sum": 1}}
        return list(
            self._deliveries.aggregate([{"$match": wanted}, {"$group": by_lane_and_state}], hint=INDEX)
        )


def _numbers(groups: Sequence[Record]) -> dict[tuple[str, State], int]:
    return {(each["_id"]["lane"], State(each["_id"]["state"])): each["number"] for each in groups}
