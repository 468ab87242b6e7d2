# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts how often policies fired lately, in the index of deliveries by policy."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import DESCENDING
from pymongo.collection import Collection

from router.documents.activity import Activity
from router.documents.delivery import State
from router.store.keys import DAY, WEEK
from router.store.mongodb.connection import Record


def activity(deliveries: Collection[Record], policies: Sequence[str], now: datetime) -> list[Activity]:
    """See `Deliveries.activity`."""
    lately: list[Record] = [
        {"$match": {"policy": {"$in": list(policies)}, "created_at": {"$gt": now - WEEK}}},
        {
            "$group": {
                "_id": "$policy",
                "last_fired_at": {"$max": "$created_at"},
                "day": _number_where({"$gt": ["$created_at", now - DAY]}),
                "week": {"$sum": 1},
                "failed_week": _number_where({"$eq": ["$state", State.FAILED.value]}),
            }
        },
    ]
    found = {each.pop("_id"): each for each in deliveries.aggregate(lately, hint="by_policy")}
    return [
        Activity(policy=policy, **found.get(policy) or {"last_fired_at": _last_fired_at(deliveries, policy)})
        for policy in policies
    ]


def _number_where(condition: Record) -> Record:
    """Return the expression that counts a group's documents that fulfil a condition."""
    return {"$sum": {"$cond": [condition, 1, 0]}}


def _last_fired_at(deliveries: Collection[Record], policy: str) -> datetime | None:
    newest_first = [("created_at", DESCENDING)]
    newest = deliveries.find_one({"policy": policy}, {"created_at": 1}, sort=newest_first)
    return newest["created_at"] if newest else None
