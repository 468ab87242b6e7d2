# SPDX-License-Identifier: GPL-3.0-or-later
"""When the intake looks: at once for an image that comes alone, in stretches where images stream in."""

import threading
import time
from collections.abc import Callable

#: After a stretch of the change log the intake rests for this part of the time that images have been
#: streaming in, within these bounds: what comes meanwhile is planned, committed and sent together, which
#: costs the sender least, and yet the first of a short series leave while the others come. An image that
#: comes alone waits for nothing.
_REST = 0.5
_SHORTEST_REST_SECONDS = 0.05
_LONGEST_REST_SECONDS = 0.5
#: Where nothing comes for so long, nothing streams in any more, and the rest is over.
_LULL_SECONDS = 0.05


class Pacing:
    """Has the intake's thread wait. `wake`, `stop` and `wait_until_idle` may be called by any thread, the
    others by that one."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady`: seconds that only ever pass."""
        self._steady = steady
        self._news = threading.Event()
        self._idle = threading.Event()
        self._ending = threading.Event()
        self._woken_at = 0.0
        self._streaming_since = 0.0
        self._rests_until = 0.0

    def wake(self) -> None:
        """Something has been stored, or the policies have changed. Returns at once."""
        now = self._steady()
        if now - self._woken_at > _LULL_SECONDS:
            self._streaming_since = now
        self._woken_at = now
        self._news.set()

    def stop(self) -> None:
        """End all waiting: there is to be no other turn."""
        self._ending.set()
        self._news.set()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until the intake has nothing to do; False where that has not come after `seconds`."""
        return self._idle.wait(seconds) and not self._news.is_set()

    def next_turn(self) -> bool:
        """Begin a turn, for all that is new until now; False where the intake is to end."""
        self._news.clear()
        return not self._ending.is_set()

    def set_idle(self, idle: bool) -> None:
        """Say whether there is nothing to do, as far as is known."""
        if idle:
            self._idle.set()
        else:
            self._idle.clear()

    def planned(self) -> None:
        """A stretch has been planned: more of the stream may gather before the next."""
        now = self._steady()
        rest = max(_REST * (now - self._streaming_since), _SHORTEST_REST_SECONDS)
        self._rests_until = now + min(rest, _LONGEST_REST_SECONDS)

    def wait(self, seconds: float) -> None:
        """Have nothing to do for so long, or until there is something new and enough of it has gathered."""
        self._idle.set()
        has_news = self._news.wait(seconds)
        self._idle.clear()
        while has_news and not self._ending.is_set():
            rest = min(self._rests_until, self._woken_at + _LULL_SECONDS) - self._steady()
            if rest <= 0:
                return
            self._ending.wait(rest)
