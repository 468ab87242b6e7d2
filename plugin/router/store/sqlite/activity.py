# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts how often policies fired lately, in the index of deliveries by policy."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from router.documents.activity import Activity
from router.documents.delivery import State
from router.store.keys import DAY, WEEK
from router.store.sqlite.moments import milliseconds, moment_or_none

_OF_ONE: Final = f"""
    SELECT (SELECT max(created_at) FROM deliveries WHERE policy = :policy) AS last_fired_at,
        count(*) FILTER (WHERE created_at > :day_ago) AS day,
        count(*) AS week,
        count(*) FILTER (WHERE state = '{State.FAILED}') AS failed_week
    FROM deliveries WHERE policy = :policy AND created_at > :week_ago
"""


def activity(connection: sqlite3.Connection, policies: Sequence[str], now: datetime) -> list[Activity]:
    """See `Deliveries.activity`."""
    since = {"day_ago": milliseconds(now - DAY), "week_ago": milliseconds(now - WEEK)}
    found = []
    for policy in policies:
        row = dict(connection.execute(_OF_ONE, {"policy": policy} | since).fetchone())
        last_fired_at = moment_or_none(row.pop("last_fired_at"))
        found.append(Activity(policy=policy, last_fired_at=last_fired_at, **row))
    return found
