# SPDX-License-Identifier: GPL-3.0-or-later
"""The time that one exchange with a server may take in all.

Each single wait for a server has a limit of its own, which a server keeps that says a little, or takes in a
little, again and again. The limit here is on all of them together, and grows with what is sent.
"""

import threading
from collections.abc import Callable

#: How many times longer than one wait an exchange may take.
_WAITS = 10
#: Bytes a second that are sent over the slowest line.
_SLOWEST = 16 * 1024
#: Seconds from one try at ending an exchange to the next.
_AGAIN = 0.5


def total_seconds(wait: float, size: int) -> float:
    """Seconds for an exchange of which one wait may take `wait` seconds and that sends `size` bytes."""
    return _WAITS * wait + size / _SLOWEST


class TimeLimit:
    """Ends an exchange that takes too long, while it is entered."""

    def __init__(self, seconds: float, end: Callable[[], None], name: str) -> None:
        """`end` breaks the connection off, from a thread called `name`. It is called until the context is
        left, because there may be no connection yet."""
        self.seconds = seconds
        self._end = end
        self._left = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=name, daemon=True)

    @property
    def is_over(self) -> bool:
        """Whether the time was up before the context was left."""
        return self._over.is_set()

    def _watch(self) -> None:
        wait = self.seconds
        while not self._left.wait(wait):
            self._over.set()
            self._end()
            wait = _AGAIN

    def __enter__(self) -> "TimeLimit":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()
