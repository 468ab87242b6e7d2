# SPDX-License-Identifier: GPL-3.0-or-later
"""The time by this machine's clock, protected against the clock being put back.

Later work (an attempt, the end of a pause) is stored with a time of day, so that it survives a restart. If
the machine's clock were put back by an hour, all of it would be an hour late.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from router.clock import Clock, utc_now
from router.documents.delivery import State
from router.store.sqlite.database import Database
from router.store.sqlite.moments import milliseconds

#: Smaller corrections, as time servers make them, cause no long delay.
_TOLERANCE: Final = timedelta(seconds=5)

_PUT_OFF: Final = f"""
    SELECT number, created_at, attempts, next_attempt_at FROM deliveries
    WHERE state IN ('{State.RETRYING}', '{State.HELD}') AND next_attempt_at > :now
"""


def _boot_time() -> float:
    """Return seconds that never go back, and go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class MachineClock:
    """A clock that starts with the time of day when the store is opened. May be used from any thread.

    It follows the machine's clock when that is put forward. When that is put back, this clock first goes on
    as before; then `measure` moves the due times of waiting deliveries back too, and it follows.
    """

    def __init__(
        self, database: Database, clock: Clock = utc_now, steady: Callable[[], float] = _boot_time
    ) -> None:
        """Correct the due times of deliveries that were put off at a time in the clock's future. `steady`:
        returns seconds that never go back. Raises StoreUnavailable."""
        self._database = database
        self._clock = clock
        self._steady = steady
        self._since = (clock(), steady())
        self._due_anew(self._since[0])

    def now(self) -> datetime:
        """Return the time, in UTC."""
        was, at = self._since
        counted = was + timedelta(seconds=self._steady() - at)
        told = self._clock()
        # Small corrections are followed in both directions.
        return counted if told < counted - _TOLERANCE else told

    def measure(self) -> None:
        """Follow the machine's clock where it was put back. Call this every few seconds. Raises
        StoreUnavailable."""
        told, at = self._clock(), self._steady()
        was, since = self._since
        if told < was + timedelta(seconds=at - since) - _TOLERANCE:
            self._due_anew(told)
        self._since = (told, at)

    def _due_anew(self, now: datetime) -> None:
        """Make deliveries that were put off at a time after `now` wait for the same duration from `now`."""
        with self._database.read() as connection:
            if not list(_due_from(connection, now)):
                return
        with self._database.write() as connection:
            for number, due in list(_due_from(connection, now)):
                connection.execute(
                    "UPDATE deliveries SET next_attempt_at = ?, ready_at = ? WHERE number = ?",
                    (due, due, number),
                )


def _due_from(connection: sqlite3.Connection, now: datetime) -> list[tuple[int, int]]:
    """Return the number and the new due time (milliseconds) of each delivery put off at a time after now."""
    at = milliseconds(now)
    anew = []
    for row in connection.execute(_PUT_OFF, {"now": at}):
        attempts = json.loads(row["attempts"])
        last = milliseconds(datetime.fromisoformat(attempts[-1]["at"]).astimezone(UTC)) if attempts else 0
        put_off_at = max(row["created_at"], last)
        if put_off_at > at + _TOLERANCE // timedelta(milliseconds=1):
            anew.append((row["number"], at + max(0, row["next_attempt_at"] - put_off_at)))
    return anew
