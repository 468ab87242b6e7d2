# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit on the total time of one exchange with a server.

Each single wait has a timeout of its own, but a server that sends or takes in a little again and again never
exceeds it. This limit is on all waits together, and grows with the size of what is sent.
"""

import threading
from collections.abc import Callable

#: How many times one wait an exchange may take.
_WAITS = 10
#: Bytes a second on the slowest line.
_SLOWEST = 16 * 1024
#: Seconds from one try at ending an exchange to the next.
_AGAIN = 0.5


def total_seconds(wait: float, size: int) -> float:
    """Return the seconds for an exchange that sends `size` bytes, with a timeout of `wait` seconds."""
    return _WAITS * wait + size / _SLOWEST


class TimeLimit:
    """Ends an exchange that takes too long, while the context is open."""

    def __init__(self, seconds: float, end: Callable[[], None], name: str) -> None:
        """`end` cuts the connection, from a thread called `name`. It is called repeatedly until the context
        is left, because there may be no connection yet."""
        self.seconds = seconds
        self._end = end
        self._left = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=name, daemon=True)

    @property
    def is_over(self) -> bool:
        """Whether the time ran out before the context was left."""
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
