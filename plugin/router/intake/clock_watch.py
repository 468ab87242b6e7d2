# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices that the machine's clock was put back.

Due times are times of day, so that they survive a restart. After the clock was put back by an hour, what was
due in a minute would be due in an hour and a minute.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from router.clock import Clock

#: Corrections of the clock up to this size, as time servers make them, hardly delay anything.
_TOLERANCE = timedelta(seconds=5)


class ClockWatch:
    """Compares the time of day with a clock that cannot be set."""

    def __init__(self, clock: Clock, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady`: a clock in seconds that cannot be set."""
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
