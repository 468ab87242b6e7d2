# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices that the machine's clock was put back.

What is due is kept as a time of day, so that it outlives a restart. After the clock was put back by an
hour, what had been due in a minute would be due in an hour and a minute.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from router.clock import Clock

#: Smaller corrections, as time servers make them, delay nothing by much.
_TOLERANCE = timedelta(seconds=5)


class ClockWatch:
    """Compares the time of day with a clock that nobody can set."""

    def __init__(self, clock: Clock, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady`: seconds that only ever pass."""
        self._clock = clock
        self._steady = steady
        self._latest: tuple[datetime, float] | None = None

    def put_back(self) -> bool:
        """Whether the clock was put back since the last call."""
        now, steady = self._clock(), self._steady()
        before, self._latest = self._latest, (now, steady)
        if before is None:
            return False
        passed = timedelta(seconds=steady - before[1])
        return now - before[0] < passed - _TOLERANCE
