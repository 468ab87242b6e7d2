# SPDX-License-Identifier: GPL-3.0-or-later
"""The time by this machine's clock, which nobody can put back while what it dates waits for it.

What is to be done later (an attempt, the end of a pause) is kept as a time of day, so that it outlives a
restart. Where the machine's clock is put back by an hour, all of it would be due an hour later.
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

#: Smaller corrections, as time servers make them, delay nothing by much.
_TOLERANCE: Final = timedelta(seconds=5)

_PUT_OFF: Final = f"""
    SELECT number, created_at, attempts, next_attempt_at FROM deliveries
    WHERE state IN ('{State.RETRYING}', '{State.HELD}') AND next_attempt_at > :now
"""


def _boot_time() -> float:
    """Seconds that only ever pass, also while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class MachineClock:
    """Goes on from the time of day as it is when the store is opened. May be used from any thread.

    It follows the machine's clock where that is put forward. Where it is put back, it goes on until `measure`
    has had all that waits be due as soon as it would have been, and then follows.
    """

    def __init__(
        self, database: Database, clock: Clock = utc_now, steady: Callable[[], float] = _boot_time
    ) -> None:
        """Has what was put off in the machine's future be due anew. `steady`: seconds that only ever pass.
        Raises StoreUnavailable."""
        self._database = database
        self._clock = clock
        self._steady = steady
        self._since = (clock(), steady())
        self._due_anew(self._since[0])

    def now(self) -> datetime:
        """The time, in UTC."""
        was, at = self._since
        counted = was + timedelta(seconds=self._steady() - at)
        told = self._clock()
        # Small corrections are followed in both directions.
        return counted if told < counted - _TOLERANCE else told

    def measure(self) -> None:
        """Follow the machine's clock where it was put back; to be called every few seconds. Raises
        StoreUnavailable."""
        told, at = self._clock(), self._steady()
        was, since = self._since
        if told < was + timedelta(seconds=at - since) - _TOLERANCE:
            self._due_anew(told)
        self._since = (told, at)

    def _due_anew(self, now: datetime) -> None:
        """Have deliveries that were put off in what is the future now be put off for as long from now on."""
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
    """The number of each delivery that was put off later than now, and when it is due then."""
    at = milliseconds(now)
    anew = []
    for row in connection.execute(_PUT_OFF, {"now": at}):
        attempts = json.loads(row["attempts"])
        last = milliseconds(datetime.fromisoformat(attempts[-1]["at"]).astimezone(UTC)) if attempts else 0
        put_off_at = max(row["created_at"], last)
        if put_off_at > at + _TOLERANCE // timedelta(milliseconds=1):
            anew.append((row["number"], at + max(0, row["next_attempt_at"] - put_off_at)))
    return anew
