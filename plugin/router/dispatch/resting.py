# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets the workers of a lane rest while there is nothing to do."""

import math
import threading
import time
from datetime import timedelta


class Resting:
    """Lets one worker of a lane look now and then whether there is work, while the others rest.

    `wake` calls one worker too. A worker that finds work calls `wake` again before it begins. So a lane with
    many workers asks the store, and the group for slots, no more often than there is something to send.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._news = 0
        self._stopping = threading.Event()
        #: When the next resting worker looks again, by time.monotonic.
        self._look_at = math.inf

    @property
    def stopping(self) -> bool:
        """Whether the workers must end."""
        return self._stopping.is_set()

    @property
    def news(self) -> int:
        """A number that grows with each `wake`. A worker reads it before it looks for work."""
        with self._condition:
            return self._news

    def wake(self) -> None:
        """Let one resting worker look for work."""
        with self._condition:
            self._news += 1
            self._condition.notify()

    def stop(self) -> None:
        """End all rests, and allow no new one."""
        with self._condition:
            self._stopping.set()
            self._condition.notify_all()

    def rest(self, seen: int, wait: timedelta) -> None:
        """Rest until `news` differs from `seen`, or for `wait` where no other worker looks before that."""
        with self._condition:
            look_at = time.monotonic() + wait.total_seconds()
            if self._look_at <= look_at:
                self._condition.wait_for(lambda: self._ends(seen))
                return
            self._look_at = look_at
            self._condition.wait_for(lambda: self._ends(seen), wait.total_seconds())
            if self._look_at == look_at:
                self._look_at = math.inf

    def pause(self, seconds: float) -> bool:
        """Rest for so long, regardless of news. Return whether the workers must end."""
        return self._stopping.wait(seconds)

    def _ends(self, seen: int) -> bool:
        return self._stopping.is_set() or self._news != seen
