# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of work in the embedded store."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from router.documents.activity import Activity
from router.documents.audit import Act
from router.documents.delivery import FINISHED, Delivery, State, alternate_of
from router.store.acts import delivery_act, end_by, ended_at, interruptions_kept
from router.store.keys import (
    ATTEMPTS_KEPT,
    ENDED_WITHOUT_SUCCESS,
    OPEN,
    PUT_OFF,
    RANKS,
)
from router.store.port import (
    Counts,
    DeliveryFilter,
    Lease,
    LeasedDelivery,
    LeaseLost,
    NewDelivery,
    Outcome,
)
from router.store.sqlite.activity import activity
from router.store.sqlite.database import Database
from router.store.sqlite.delivery_filter import condition
from router.store.sqlite.delivery_rows import delivery_of, insert_delivery, row_of
from router.store.sqlite.leasing import chosen, claimed, interrupt
from router.store.sqlite.moments import (
    milliseconds,
    milliseconds_or_none,
    moment,
)
from router.store.sqlite.unaudited import put_down_delivery

#: Deliveries deleted in one transaction; more would make other writers wait long.
_PORTION: Final = 500

_NEXT_READY: Final = """
    SELECT ready_at FROM deliveries
    WHERE lane = ? AND rank = ? AND ready_at IS NOT NULL ORDER BY ready_at LIMIT 1
"""


def _in(states: Sequence[State]) -> str:
    """Return the SQL condition that a delivery is in one of these states."""
    names = ", ".join(f"'{state}'" for state in states)
    return f"state IN ({names})"


_AT_ONCE: Final = "UPDATE deliveries SET next_attempt_at = NULL, ready_at = :now"

#: Arguments of `json_set`: a delivery that is held until a person releases it, not until a time, counts as
#: released.
_RELEASED: Final = (
    "iif(ready_at IS NULL, '$.released', '$.window'), json(iif(ready_at IS NULL, 'true', 'null'))"
)

#: Other deliveries of a study with some of the same images, except those by an action of the same type.
_OBSTACLE: Final = f"""
    SELECT deliveries.* FROM delivery_terms AS terms
    JOIN deliveries ON deliveries.number = terms.delivery
    JOIN delivery_instances AS theirs ON theirs.delivery = deliveries.number
    WHERE terms.kind = 'resource' AND terms.term = :study AND id <> :id
    AND {_in((*OPEN, *ENDED_WITHOUT_SUCCESS))}
    AND json_extract(planned, '$.action.type') <> :type
    AND EXISTS (SELECT 1 FROM json_each(theirs.instances)
                WHERE value IN (SELECT value FROM json_each(:instances)))
    AND ({_in(OPEN)} OR NOT EXISTS (
        SELECT 1 FROM deliveries AS alternates
        WHERE alternates.id = deliveries.id || :alternate AND alternates.state = '{State.SUCCEEDED}'))
    ORDER BY {_in(ENDED_WITHOUT_SUCCESS)}, created_at, number LIMIT 1
"""


class SqliteDeliveries:
    """`router.store.port.Deliveries`.

    A token consists of the delivery's id and the claim, a random id of the lease.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, identifier: str) -> Delivery:
        with self._database.read() as connection:
            return delivery_of(row_of(connection, identifier))

    def instances(self, identifier: str) -> list[str]:
        with self._database.read() as connection:
            row = row_of(connection, identifier)
            kept = connection.execute(
                "SELECT instances FROM delivery_instances WHERE delivery = ?", (row["number"],)
            ).fetchone()
        instances: list[str] = json.loads(kept["instances"])
        return instances

    def find(
        self, wanted: DeliveryFilter, limit: int, offset: int = 0, total: int | None = None
    ) -> tuple[list[Delivery], int]:
        where, values = condition(wanted)
        with self._database.read() as connection:
            if total is None:
                [total] = connection.execute(
                    f"SELECT count(*) FROM deliveries WHERE {where}", values
                ).fetchone()
            # The inner SELECT finds the page in an index, so that only its rows are read.
            page = (
                f"SELECT number FROM deliveries WHERE {where}"
                " ORDER BY created_at DESC, number DESC LIMIT :limit OFFSET :offset"
            )
            rows = connection.execute(
                f"SELECT * FROM deliveries WHERE number IN ({page}) ORDER BY created_at DESC, number DESC",
                values | {"limit": limit, "offset": offset},
            ).fetchall()
        assert total is not None
        return [delivery_of(row) for row in rows], total

    def page(self, wanted: DeliveryFilter, limit: int, after: Delivery | None = None) -> list[NewDelivery]:
        where, values = condition(wanted)
        if after is not None:
            where = f"({where}) AND (created_at, id) > (:after_created_at, :after_id)"
            values |= {"after_created_at": milliseconds(after.created_at), "after_id": after.id}
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT deliveries.*, instances FROM deliveries JOIN delivery_instances ON delivery = number"
                f" WHERE {where} ORDER BY created_at, id LIMIT :limit",
                values | {"limit": limit},
            ).fetchall()
        return [NewDelivery(delivery_of(row), json.loads(row["instances"])) for row in rows]

    def obstacle(self, leased: LeasedDelivery) -> Delivery | None:
        identifier, claim = _parts(leased.token)
        with self._database.read() as connection:
            held = connection.execute(
                "SELECT instances FROM deliveries JOIN delivery_instances ON delivery = number"
                " WHERE id = ? AND claim = ?",
                (identifier, claim),
            ).fetchone()
            if held is None:
                raise LeaseLost(identifier)
            row = connection.execute(
                _OBSTACLE,
                {
                    "id": identifier,
                    "study": leased.delivery.resource.study,
                    "instances": held["instances"],
                    "alternate": alternate_of(""),
                    "type": leased.delivery.action.type,
                },
            ).fetchone()
        return None if row is None else delivery_of(row)

    def counts(self, at_leisure: bool = False) -> Counts:  # noqa: ARG002 - triggers count along
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM delivery_counts WHERE number > 0").fetchall()
        return Counts({(row["lane"], State(row["state"])): row["number"] for row in rows})

    def activity(self, policies: Sequence[str], now: datetime) -> list[Activity]:
        with self._database.read() as connection:
            return activity(connection, policies, now)

    def counts_of_run(self, run: str) -> dict[State, int]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT state, count(*) AS number FROM deliveries WHERE run = ? GROUP BY state", (run,)
            ).fetchall()
        return {State(row["state"]): row["number"] for row in rows}

    def lease(self, lane: str, lease: Lease, now: datetime, instances: int) -> list[LeasedDelivery]:
        # A power failure may undo the lease; it also ends the process that holds it.
        with self._database.write(passing=True) as connection:
            rows = list(chosen(connection, lane, lease.owner, milliseconds(now), instances))
            left = [row["number"] for row in rows if row["is_left"]]
            if left:
                interrupt(connection, left)
            return claimed(connection, [row["number"] for row in rows], lease, milliseconds(now))

    def lease_held(self, identifier: str, attempt_count: int, lease: Lease) -> LeasedDelivery | None:
        with self._database.write() as connection:
            row = row_of(connection, identifier)
            if row["state"] != State.HELD or row["attempt_count"] != attempt_count:
                return None
            return claimed(connection, [row["number"]], lease)[0]

    def renew(self, tokens: Sequence[str], until: datetime) -> None:
        with self._database.write() as connection:
            connection.executemany(
                "UPDATE deliveries SET ready_at = ? WHERE id = ? AND claim = ?",
                [(milliseconds(until), *_parts(token)) for token in tokens],
            )

    def release(self, owner: str, *, died: bool = True) -> int:
        with self._database.write() as connection:
            rows = connection.execute(
                "SELECT number FROM deliveries WHERE state = ? AND owner = ?", (State.RUNNING, owner)
            ).fetchall()
            numbers = [row["number"] for row in rows]
            if died:
                interrupt(connection, numbers)
            else:
                connection.executemany(
                    "UPDATE deliveries SET state = ?, ready_at = 0, owner = NULL, claim = NULL"
                    " WHERE number = ?",
                    [(State.WAITING, number) for number in numbers],
                )
        return len(numbers)

    def record(self, leased: LeasedDelivery, outcome: Outcome) -> bool:
        with self._database.write() as connection:
            row = connection.execute(
                "SELECT number, attempts, attempt_count FROM deliveries WHERE id = ? AND claim = ?",
                (leased.delivery.id, _parts(leased.token)[1]),
            ).fetchone()
            if row is None:
                return False
            attempts = json.loads(row["attempts"])
            if outcome.attempt is not None:
                attempts.append(outcome.attempt.model_dump(mode="json"))
            finished_at = ended_at(outcome) if outcome.state in FINISHED else None
            connection.execute(
                "UPDATE deliveries SET state = ?, remaining = ?, attempts = ?, attempt_count = ?, note = ?,"
                " next_attempt_at = ?, finished_at = ?, ready_at = ?, claim = NULL,"
                " interruptions = coalesce(?, interruptions) WHERE number = ?",
                (
                    outcome.state,
                    len(outcome.remaining),
                    json.dumps(attempts[-ATTEMPTS_KEPT:]),
                    row["attempt_count"] + (outcome.attempt is not None),
                    outcome.note,
                    milliseconds_or_none(outcome.next_attempt_at),
                    milliseconds_or_none(finished_at),
                    None
                    if finished_at or outcome.until_released
                    else milliseconds_or_none(outcome.next_attempt_at) or 0,
                    interruptions_kept(outcome),
                    row["number"],
                ),
            )
            connection.execute(
                "UPDATE delivery_instances SET remaining = ? WHERE delivery = ?",
                (json.dumps(list(outcome.remaining)), row["number"]),
            )
            if outcome.receipts is not None:
                connection.execute(
                    "UPDATE delivery_instances SET receipts = ? WHERE delivery = ?",
                    (json.dumps(dict(outcome.receipts)) if outcome.receipts else None, row["number"]),
                )
            if outcome.successor is not None:
                insert_delivery(connection, outcome.successor)
            if finished_at is not None:
                put_down_delivery(connection, row["number"], end_by(outcome, leased.delivery))
            return True

    def next_ready_at(self, lane: str) -> datetime | None:
        with self._database.read() as connection:
            rows = [connection.execute(_NEXT_READY, (lane, rank)).fetchone() for rank in RANKS.values()]
        return min((moment(row["ready_at"]) for row in rows if row is not None), default=None)

    def retry(self, wanted: DeliveryFilter | str, now: datetime, act: Act | None = None) -> int:
        again = (
            f"UPDATE deliveries SET state = '{State.WAITING}', attempt_count = 0, finished_at = NULL,"
            " note = NULL, next_attempt_at = NULL, ready_at = :now"
        )
        with self._database.write() as connection:
            return _change(connection, again, ENDED_WITHOUT_SUCCESS, wanted, now, act) + _change(
                connection, _AT_ONCE, PUT_OFF, wanted, now, act
            )

    def send_now(self, identifier: str, now: datetime, act: Act | None = None) -> bool:
        # A key of its own, because deliveries that are leased together share a window.
        change = (
            f"{_AT_ONCE}, note = NULL, action_key = action_key || '/' || id,"
            f" planned = json_set(planned, '$.window', json('null'), {_RELEASED})"
        )
        with self._database.write() as connection:
            return _change(connection, change, (State.HELD,), identifier, now, act) > 0

    def hasten(self, identifiers: Sequence[str], now: datetime) -> set[str]:
        with self._database.write() as connection:
            rows = connection.execute(
                f"{_AT_ONCE} WHERE id IN (SELECT value FROM json_each(:ids)) AND {_in(PUT_OFF)}"
                " RETURNING lane",
                {"ids": json.dumps(list(identifiers)), "now": milliseconds(now)},
            ).fetchall()
        return {row["lane"] for row in rows}

    def cancel(self, wanted: DeliveryFilter | str, now: datetime, act: Act | None = None) -> int:
        end = (
            f"UPDATE deliveries SET state = '{State.CANCELLED}', finished_at = :now, ready_at = NULL,"
            " next_attempt_at = NULL, owner = NULL, claim = NULL"
        )
        with self._database.write() as connection:
            return _change(connection, end, OPEN, wanted, now, act)

    def abandon(self, index: str, reason: str, now: datetime, act: Act | None = None) -> int:
        end = (
            f"UPDATE deliveries SET state = '{State.FAILED}', note = :reason, finished_at = :now,"
            " ready_at = NULL, next_attempt_at = NULL, owner = NULL, claim = NULL"
        )
        with self._database.write() as connection:
            return _change(connection, end, OPEN, DeliveryFilter(index=index), now, act, reason=reason)

    def expire(self, before: datetime) -> int:
        expired = 0
        while True:
            with self._database.write() as connection:
                portion = connection.execute(
                    "DELETE FROM deliveries WHERE number IN"
                    " (SELECT number FROM deliveries WHERE finished_at < ? AND NOT EXISTS"
                    " (SELECT 1 FROM unaudited WHERE delivery = deliveries.number)"
                    " ORDER BY finished_at LIMIT ?)",
                    (milliseconds(before), _PORTION),
                ).rowcount
            expired += portion
            if portion < _PORTION:
                return expired


def _parts(token: str) -> tuple[str, str]:
    identifier, _, claim = token.rpartition("/")
    return identifier, claim


def _change(
    connection: sqlite3.Connection,
    change: str,
    states: Sequence[State],
    wanted: DeliveryFilter | str,
    now: datetime,
    act: Act | None,
    **more: str,
) -> int:
    """Make `change`, which may name `now` and `more`, to one delivery by id or to all found, but only to
    those in one of `states`. Return how many."""
    values: dict[str, str | int]
    if isinstance(wanted, str):
        row_of(connection, wanted)
        where, values = "id = :id", {"id": wanted}
    else:
        where, values = condition(wanted)
    meant = connection.execute(
        f"SELECT number, id, planned FROM deliveries WHERE ({where}) AND {_in(states)}", values
    ).fetchall()
    numbers = {"numbers": json.dumps([row["number"] for row in meant])}
    among = "number IN (SELECT value FROM json_each(:numbers))"
    if act is not None:
        for row in meant:
            put_down_delivery(connection, row["number"], delivery_act(act, row["id"], row["planned"]))
    connection.execute(f"{change} WHERE {among}", numbers | more | {"now": milliseconds(now)})
    return len(meant)
