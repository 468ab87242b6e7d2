# SPDX-License-Identifier: GPL-3.0-or-later
"""The time by MongoDB's clock, so that all nodes mean the same by "in a minute"."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from router.store.mongodb.connection import MongoConnection

#: Smaller differences are left alone: what the network takes is among them.
_TOLERANCE: Final = timedelta(milliseconds=250)
#: Of so many answers the quickest one counts at the start.
_ASKED_AT_FIRST: Final = 3


class ServerClock:
    """Counts on from what the server last said its time is; that costs a request only in `measure`.

    It counts by a clock that nobody can set, and that goes on while the machine sleeps: a node whose own
    time of day is wrong, or is put right, has the time of all others.
    """

    def __init__(self, connection: MongoConnection) -> None:
        """Asks for the time. Raises StoreUnavailable."""
        self._connection = connection
        asked = (self._ask() for _ in range(_ASKED_AT_FIRST))
        self._at, self._was, _ = min(asked, key=lambda answer: answer[2])

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._was + timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME) - self._at)

    def measure(self) -> None:
        """Ask for the time again, to be called every few seconds. Raises StoreUnavailable."""
        at, was, uncertainty = self._ask()
        if abs(was - self._was - timedelta(seconds=at - self._at)) > _TOLERANCE + uncertainty:
            self._at, self._was = at, was

    def _ask(self) -> tuple[float, datetime, timedelta]:
        """A moment by our own clock, what the server's said then, and how wrong that may be: it was some time
        between question and answer, which are seconds apart on a busy machine."""
        before = time.clock_gettime(time.CLOCK_BOOTTIME)
        said = self._connection.time()
        after = time.clock_gettime(time.CLOCK_BOOTTIME)
        return (before + after) / 2, said.replace(tzinfo=UTC), timedelta(seconds=(after - before) / 2)
