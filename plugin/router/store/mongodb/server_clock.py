"""The time by MongoDB's clock, so that all nodes mean the same by "in a minute"."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from router.store.mongodb.connection import MongoConnection

#: Smaller differences are left alone: what the network takes is among them.
_TOLERANCE: Final = timedelta(milliseconds=250)


class ServerClock:
    """Counts on from what the server last said its time is; that costs a request only in `measure`.

    It counts by a clock that nobody can set, and that goes on while the machine sleeps: a node whose own
    time of day is wrong, or is put right, has the time of all others.
    """

    def __init__(self, connection: MongoConnection) -> None:
        """Asks for the time. Raises StoreUnavailable."""
        self._connection = connection
        self._at, self._was = self._ask()

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._was + timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME) - self._at)

    def measure(self) -> None:
        """Ask for the time again, to be called every few seconds. Raises StoreUnavailable."""
        at, was = self._ask()
        if abs(was - self._was - timedelta(seconds=at - self._at)) > _TOLERANCE:
            self._at, self._was = at, was

    def _ask(self) -> tuple[float, datetime]:
        before = time.clock_gettime(time.CLOCK_BOOTTIME)
        said = self._connection.time()
        after = time.clock_gettime(time.CLOCK_BOOTTIME)
        return (before + after) / 2, said.replace(tzinfo=UTC)
