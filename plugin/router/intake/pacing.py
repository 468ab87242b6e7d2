# SPDX-License-Identifier: GPL-3.0-or-later
"""The pace of the intake: at once for a single image, in stretches while images stream in."""

import threading
import time
from collections.abc import Callable

#: After a stretch of the change log the intake rests for this part of the time since the stream of images
#: began, within these bounds. Images that arrive meanwhile are planned, committed and sent together, which
#: costs the sender least; yet the first images of a short series leave while the others arrive. A single
#: image does not wait.
_REST = 0.5
_SHORTEST_REST_SECONDS = 0.05
_LONGEST_REST_SECONDS = 0.5
#: Where no image comes for this long, the stream and the rest are over.
_LULL_SECONDS = 0.05


class Pacing:
    """Lets the intake's thread wait. Any thread may call `wake`, `stop` and `wait_until_idle`; only the
    intake's thread may call the other methods."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady`: a clock in seconds that cannot be set."""
        self._steady = steady
        self._news = threading.Event()
        self._idle = threading.Event()
        self._ending = threading.Event()
        self._woken_at = 0.0
        self._streaming_since = 0.0
        self._rests_until = 0.0

    def wake(self) -> None:
        """Note that something was stored, or that policies have changed. Returns at once."""
        now = self._steady()
        if now - self._woken_at > _LULL_SECONDS:
            self._streaming_since = now
        self._woken_at = now
        self._news.set()

    def stop(self) -> None:
        """End all waiting: there must be no further turn."""
        self._ending.set()
        self._news.set()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until the intake has nothing to do. Return False where this takes longer than `seconds`."""
        return self._idle.wait(seconds) and not self._news.is_set()

    def next_turn(self) -> bool:
        """Begin a turn, for all news until now. Return False where the intake must end."""
        self._news.clear()
        return not self._ending.is_set()

    def set_idle(self, idle: bool) -> None:
        """Note whether there is nothing to do, as far as known."""
        if idle:
            self._idle.set()
        else:
            self._idle.clear()

    def planned(self) -> None:
        """Note that a stretch has been planned: more of the stream may gather before the next one."""
        now = self._steady()
        rest = max(_REST * (now - self._streaming_since), _SHORTEST_REST_SECONDS)
        self._rests_until = now + min(rest, _LONGEST_REST_SECONDS)

    def wait(self, seconds: float) -> None:
        """Wait for so long, or until there is news and enough of it has gathered."""
        self._idle.set()
        has_news = self._news.wait(seconds)
        self._idle.clear()
        while has_news and not self._ending.is_set():
            rest = min(self._rests_until, self._woken_at + _LULL_SECONDS) - self._steady()
            if rest <= 0:
                return
            self._ending.wait(rest)
