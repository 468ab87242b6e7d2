"""Finds the deliveries that can be made next, and claims them, within a transaction of its caller."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from router.documents.delivery import State
from router.documents.document import new_id
from router.store.keys import RANKS
from router.store.port import Lease, LeasedDelivery
from router.store.sqlite.delivery_rows import delivery_of
from router.store.sqlite.moments import milliseconds

#: Those that are ready at once in the order they came, among those whose time has come in the order
#: it came: neither can hold up the other for ever, and the former are ready whatever the clock says.
_READY: Final = """
    SELECT * FROM (
        SELECT number, action_key, remaining, created_at AS since FROM deliveries
        WHERE lane = :lane AND rank = :rank {of_action} AND ready_at = 0
        ORDER BY created_at, number LIMIT :limit)
    UNION ALL SELECT * FROM (
        SELECT number, action_key, remaining, ready_at AS since FROM deliveries
        WHERE lane = :lane AND rank = :rank {of_action} AND ready_at > 0 AND ready_at <= :now
        ORDER BY ready_at, created_at, number LIMIT :limit)
    ORDER BY since, number LIMIT :limit
"""
_FIRST_READY: Final = _READY.format(of_action="")
_READY_OF_ACTION: Final = _READY.format(of_action="AND action_key = :action_key")


def chosen(connection: sqlite3.Connection, lane: str, now: int, instances: int) -> Iterator[int]:
    """The numbers of the first ready delivery, and of those of its action that fit in beside it."""
    values = {"lane": lane, "now": now}
    for rank in RANKS.values():
        first = connection.execute(_FIRST_READY, values | {"rank": rank, "limit": 1}).fetchone()
        if first is not None:
            break
    else:
        return
    values |= {"rank": rank, "action_key": first["action_key"], "limit": max(1, instances)}
    taken = 0
    for row in connection.execute(_READY_OF_ACTION, values).fetchall():
        taken += max(1, row["remaining"])
        if taken > instances and row["number"] != first["number"]:
            return
        yield row["number"]


def claimed(connection: sqlite3.Connection, numbers: Sequence[int], lease: Lease) -> list[LeasedDelivery]:
    """Those with these numbers, which the lease has taken."""
    claim = new_id()
    connection.executemany(
        "UPDATE deliveries SET state = ?, ready_at = ?, owner = ?, claim = ?, note = NULL,"
        " next_attempt_at = NULL WHERE number = ?",
        [(State.RUNNING, milliseconds(lease.until), lease.owner, claim, number) for number in numbers],
    )
    return [_leased(connection, number) for number in numbers]


def _leased(connection: sqlite3.Connection, number: int) -> LeasedDelivery:
    row = connection.execute(
        "SELECT deliveries.*, coalesce(delivery_instances.remaining, instances) AS remaining_instances"
        " FROM deliveries JOIN delivery_instances ON delivery = number WHERE number = ?",
        (number,),
    ).fetchone()
    return LeasedDelivery(
        delivery_of(row), json.loads(row["remaining_instances"]), f"{row['id']}/{row['claim']}"
    )
