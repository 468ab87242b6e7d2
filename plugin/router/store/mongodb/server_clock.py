# SPDX-License-Identifier: GPL-3.0-or-later
"""The time by MongoDB's clock, which is the same for all nodes."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from router.store.mongodb.connection import MongoConnection

#: Smaller differences are not corrected: the network's delay is one of them.
_TOLERANCE: Final = timedelta(milliseconds=250)
#: The number of requests at the start; the fastest answer counts.
_ASKED_AT_FIRST: Final = 3


class ServerClock:
    """A clock that counts on from the server's last answer; only `measure` sends a request.

    It counts by a clock that cannot be set and goes on while the machine sleeps: a node whose own time of day
    is wrong, or is corrected, still has the same time as all others.
    """

    def __init__(self, connection: MongoConnection) -> None:
        """Ask the server for the time. Raises StoreUnavailable."""
        self._connection = connection
        asked = (self._ask() for _ in range(_ASKED_AT_FIRST))
        self._at, self._was, _ = min(asked, key=lambda answer: answer[2])

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self._was + timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME) - self._at)

    def measure(self) -> None:
        """Ask the server for the time again. Call this every few seconds. Raises StoreUnavailable."""
        at, was, uncertainty = self._ask()
        if abs(was - self._was - timedelta(seconds=at - self._at)) > _TOLERANCE + uncertainty:
            self._at, self._was = at, was

    def _ask(self) -> tuple[float, datetime, timedelta]:
        """Return a moment by our own clock (seconds), the server's time then, and how wrong that may be. The
        server answered at some time between request and answer, which may be seconds apart."""
        before = time.clock_gettime(time.CLOCK_BOOTTIME)
        said = self._connection.time()
        after = time.clock_gettime(time.CLOCK_BOOTTIME)
        return (before + after) / 2, said.replace(tzinfo=UTC), timedelta(seconds=(after - before) / 2)
