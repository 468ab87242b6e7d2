# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the next ready deliveries and leases them, inside the caller's transaction."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from router.documents.delivery import INTERRUPTED, SUSPECT_AFTER, Attempt, State
from router.documents.document import new_id
from router.store.keys import ATTEMPTS_KEPT, RANKS
from router.store.port import Lease, LeasedDelivery
from router.store.sqlite.delivery_rows import delivery_of
from router.store.sqlite.moments import milliseconds, moment

#: Deliveries that are ready at once, by their creation, merged with those whose time has come, by that time:
#: neither can hold up the other for ever, and the former are ready whatever the clock says.
_READY: Final = """
    SELECT * FROM (
        SELECT number, action_key, remaining, created_at AS since, {interruptions}, {is_left} FROM deliveries
        WHERE lane = :lane AND rank = :rank {of_action} AND ready_at = 0
        ORDER BY created_at, number LIMIT :limit)
    UNION ALL SELECT * FROM (
        SELECT number, action_key, remaining, ready_at AS since, {interruptions}, {is_left} FROM deliveries
        WHERE lane = :lane AND rank = :rank {of_action} AND ready_at > 0 AND ready_at <= :now
        AND NOT (state = '{running}' AND owner = :owner)
        ORDER BY ready_at, created_at, number LIMIT :limit)
    ORDER BY since, number LIMIT :limit
"""
_FORMAT: Final = {
    "running": State.RUNNING,
    "interruptions": f"interruptions + (state = '{State.RUNNING}') AS interruptions",
    "is_left": f"state = '{State.RUNNING}' AS is_left",
}
_FIRST_READY: Final = _READY.format(of_action="", **_FORMAT)
_READY_OF_ACTION: Final = _READY.format(of_action="AND action_key = :action_key", **_FORMAT)


def chosen(
    connection: sqlite3.Connection, lane: str, owner: str, now: int, instances: int
) -> Iterator[sqlite3.Row]:
    """Yield the first ready delivery, and those of its action that fit in with it, but none that the owner
    itself is carrying out. Each row has `number` and `is_left`: another owner's lease of it has run out."""
    values: dict[str, str | int] = {"lane": lane, "owner": owner, "now": now}
    for rank in RANKS.values():
        first = connection.execute(_FIRST_READY, values | {"rank": rank, "limit": 1}).fetchone()
        if first is not None:
            break
    else:
        return
    if first["interruptions"] >= SUSPECT_AFTER:
        yield first
        return
    values |= {"rank": rank, "action_key": first["action_key"], "limit": max(1, instances)}
    taken = 0
    for row in connection.execute(_READY_OF_ACTION, values).fetchall():
        if row["interruptions"] >= SUSPECT_AFTER:
            continue
        taken += max(1, row["remaining"])
        if taken > instances and row["number"] != first["number"]:
            return
        yield row


def interrupt(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Make the running ones among the deliveries with these numbers ready again, and keep their attempts as
    interrupted."""
    rows = connection.execute(
        "SELECT number, attempts, begun_at FROM deliveries"
        " WHERE number IN (SELECT value FROM json_each(?)) AND state = ?",
        (json.dumps(list(numbers)), State.RUNNING),
    ).fetchall()
    for row in rows:
        attempts = json.loads(row["attempts"])
        if row["begun_at"] is not None:
            interrupted = Attempt(at=moment(row["begun_at"]), seconds=0, error=INTERRUPTED)
            attempts.append(interrupted.model_dump(mode="json"))
        connection.execute(
            "UPDATE deliveries SET state = ?, ready_at = 0, owner = NULL, claim = NULL, attempts = ?,"
            " interruptions = interruptions + 1 WHERE number = ?",
            (State.WAITING, json.dumps(attempts[-ATTEMPTS_KEPT:]), row["number"]),
        )


def claimed(
    connection: sqlite3.Connection, numbers: Sequence[int], lease: Lease, now: int | None = None
) -> list[LeasedDelivery]:
    """Lease the deliveries with these numbers, and return them. `now`: when the attempt begins; None where
    none does."""
    claim = new_id()
    connection.executemany(
        "UPDATE deliveries SET state = ?, ready_at = ?, owner = ?, claim = ?, begun_at = ?,"
        " note = NULL, next_attempt_at = NULL WHERE number = ?",
        [(State.RUNNING, milliseconds(lease.until), lease.owner, claim, now, number) for number in numbers],
    )
    return [_leased(connection, number) for number in numbers]


def _leased(connection: sqlite3.Connection, number: int) -> LeasedDelivery:
    row = connection.execute(
        "SELECT deliveries.*, receipts,"
        " coalesce(delivery_instances.remaining, instances) AS remaining_instances"
        " FROM deliveries JOIN delivery_instances ON delivery = number WHERE number = ?",
        (number,),
    ).fetchone()
    return LeasedDelivery(
        delivery_of(row),
        json.loads(row["remaining_instances"]),
        f"{row['id']}/{row['claim']}",
        json.loads(row["receipts"] or "{}"),
    )
