# SPDX-License-Identifier: GPL-3.0-or-later
"""The intake's durable memory in the embedded store."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from router.documents.policy import Level
from router.store.port import Arrival, Cursor, Fired, Growing, Plan, PlanConflict
from router.store.sqlite.database import Database
from router.store.sqlite.delivery_rows import insert_delivery
from router.store.sqlite.moments import milliseconds, milliseconds_or_none, moment, moment_or_none

#: Rows deleted in one transaction; more would make the intake wait long.
_PORTION: Final = 2_000

#: A resource that is still growing needs its arrivals when policies fire, however old they are.
_EXPIRED_ARRIVALS: Final = """
    SELECT rowid FROM arrivals WHERE at < :before
    AND NOT EXISTS (SELECT 1 FROM growing
                    WHERE level = 'series' AND resource = arrivals.series AND due_at IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM growing
                    WHERE level = 'study' AND resource = arrivals.study AND due_at IS NOT NULL)
    ORDER BY at LIMIT :portion
"""
_EXPIRED_GROWING: Final = """
    SELECT level, resource FROM growing WHERE due_at IS NULL AND last_at < :before LIMIT :portion
"""


class SqliteIntakeLedger:
    """`router.store.port.IntakeLedger`: a plan is one transaction. There is one node and one index, so
    that `lease` always succeeds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lease(self, owner: str, until: datetime, now: datetime) -> bool:  # noqa: ARG002 - the only node
        return True

    def release(self, owner: str) -> None:
        pass

    def peek(self) -> Cursor | None:
        return self.cursor()

    def cursor(self) -> Cursor | None:
        with self._database.read() as connection:
            return _cursor(connection)

    def begin(self, cursor: Cursor, instead_of: Cursor | None = None) -> None:
        with self._database.write() as connection:
            if _cursor(connection) != instead_of:
                raise PlanConflict
            _bring_numbers_down(connection, cursor.sequence)
            _set_cursor(connection, cursor)

    def commit(self, plan: Plan) -> None:
        # A power failure that undoes the plan undoes the cursor too, and the intake plans the same again.
        # The result of sending is recorded in a transaction that waits for the disk, also for this one.
        with self._database.write(passing=True) as connection:
            if _cursor(connection) != plan.based_on:
                raise PlanConflict
            _set_cursor(connection, plan.cursor)
            connection.executemany(
                "INSERT OR REPLACE INTO arrivals (instance, series, study, sequence, at, digest, logged)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (a.instance, a.series, a.study, a.sequence, milliseconds(a.at), a.digest, a.logged)
                    for a in plan.arrivals
                ],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO growing (level, resource, last_sequence, last_at, due_at, fired)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        g.level,
                        g.resource,
                        g.last_sequence,
                        milliseconds(g.last_at),
                        milliseconds_or_none(g.due_at),
                        json.dumps({p: [f.through_sequence, f.matched] for p, f in g.fired.items()}),
                    )
                    for g in plan.growing
                ],
            )
            for new in plan.deliveries:
                insert_delivery(connection, new)

    def arrivals_of(self, level: Level, resource: str, after_sequence: int = 0) -> list[Arrival]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM arrivals WHERE {level} = ? AND sequence > ? ORDER BY sequence",
                (resource, after_sequence),
            ).fetchall()
        return [_arrival(row) for row in rows]

    def studies_since(self, since: datetime) -> list[str]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT study FROM arrivals WHERE at >= ? GROUP BY study ORDER BY min(at), study",
                (milliseconds(since),),
            ).fetchall()
        return [row["study"] for row in rows]

    def arrivals(self, instances: Sequence[str]) -> dict[str, Arrival]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM arrivals WHERE instance IN (SELECT value FROM json_each(?))",
                (json.dumps(list(instances)),),
            ).fetchall()
        return {row["instance"]: _arrival(row) for row in rows}

    def growing(self, level: Level, resources: Sequence[str]) -> dict[str, Growing]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM growing WHERE level = ? AND resource IN (SELECT value FROM json_each(?))",
                (level, json.dumps(list(resources))),
            ).fetchall()
        return {row["resource"]: _growing(row) for row in rows}

    def growing_due(self, now: datetime, limit: int) -> list[Growing]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM growing WHERE due_at <= ? ORDER BY due_at LIMIT ?", (milliseconds(now), limit)
            ).fetchall()
        return [_growing(row) for row in rows]

    def next_growing_due(self) -> datetime | None:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT due_at FROM growing WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1"
            ).fetchone()
        return None if row is None else moment(row["due_at"])

    def expire(self, before: datetime) -> int:
        bounds = {"before": milliseconds(before), "portion": _PORTION}
        arrivals = f"DELETE FROM arrivals WHERE rowid IN ({_EXPIRED_ARRIVALS})"
        growing = f"DELETE FROM growing WHERE (level, resource) IN ({_EXPIRED_GROWING})"
        return self._delete_in_portions(arrivals, bounds) + self._delete_in_portions(growing, bounds)

    def _delete_in_portions(self, statement: str, bounds: dict[str, int]) -> int:
        deleted = 0
        while True:
            with self._database.write() as connection:
                portion = connection.execute(statement, bounds).rowcount
            deleted += portion
            if portion < bounds["portion"]:
                return deleted


def _cursor(connection: sqlite3.Connection) -> Cursor | None:
    row = connection.execute("SELECT sequence, version, anchor FROM cursor").fetchone()
    return None if row is None else Cursor(row["sequence"], row["version"], row["anchor"])


def _set_cursor(connection: sqlite3.Connection, cursor: Cursor) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO cursor (only, sequence, version, anchor) VALUES (1, ?, ?, ?)",
        (cursor.sequence, cursor.version, cursor.anchor),
    )


def _bring_numbers_down(connection: sqlite3.Connection, largest: int) -> None:
    connection.execute(
        "UPDATE arrivals SET sequence = :largest WHERE sequence > :largest", {"largest": largest}
    )
    for row in connection.execute("SELECT * FROM growing WHERE last_sequence > ?", (largest,)).fetchall():
        fired = {
            policy: [min(through, largest), matched]
            for policy, (through, matched) in json.loads(row["fired"]).items()
        }
        connection.execute(
            "UPDATE growing SET last_sequence = ?, fired = ? WHERE level = ? AND resource = ?",
            (largest, json.dumps(fired), row["level"], row["resource"]),
        )


def _arrival(row: sqlite3.Row) -> Arrival:
    return Arrival(
        row["instance"],
        row["series"],
        row["study"],
        row["sequence"],
        moment(row["at"]),
        row["digest"],
        row["logged"],
    )


def _growing(row: sqlite3.Row) -> Growing:
    fired = {policy: Fired(*values) for policy, values in json.loads(row["fired"]).items()}
    return Growing(
        row["level"],
        row["resource"],
        row["last_sequence"],
        moment(row["last_at"]),
        moment_or_none(row["due_at"]),
        fired,
    )
