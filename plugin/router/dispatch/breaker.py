# SPDX-License-Identifier: GPL-3.0-or-later
"""A circuit breaker: the router probes a destination that is down, instead of trying it all the time."""

import threading
from datetime import datetime, timedelta
from enum import StrEnum

#: Corrections of the clock up to this size, as time servers make them, hardly delay anything.
_TOLERANCE = timedelta(seconds=5)
_SOON = timedelta(milliseconds=10)


class BreakerState(StrEnum):
    """Closed: every worker may pass. Open: none may. Probing: one worker tries the destination."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Breaker:
    """The breaker of one destination. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until: datetime | None = None
        #: The time of the last failure. A clock that shows an earlier time was put back.
        self._failed_at: datetime | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """The breaker's state, for people."""
        with self._lock:
            if self._until is None:
                return BreakerState.CLOSED
            return BreakerState.PROBING if self._probing else BreakerState.OPEN

    @property
    def failures(self) -> int:
        """The number of failures in a row."""
        with self._lock:
            return self._failures

    @property
    def closed_again_at(self) -> datetime | None:
        """The time from which the next probe is allowed; None while closed."""
        with self._lock:
            return self._until

    def enter(self, now: datetime) -> bool:
        """Return whether the caller may try now. If so, it must call `succeeded`, `failed` or `leave`."""
        with self._lock:
            if self._until is None:
                return True
            if self._probing or not self._is_due(now):
                return False
            self._probing = True
            return True

    def wait(self, now: datetime) -> timedelta:
        """Return how long to wait before the next call of `enter`."""
        with self._lock:
            if self._until is None or self._is_due(now):
                return _SOON
            return max(_SOON, self._until - now)

    def leave(self) -> None:
        """Note that nothing was tried after all."""
        with self._lock:
            self._probing = False

    def succeeded(self) -> bool:
        """Note that the destination took something. Return whether it was down until now."""
        with self._lock:
            was_open = self._until is not None
            self._failures, self._until, self._probing = 0, None, False
            return was_open

    def failed(self, now: datetime, wait: timedelta) -> None:
        """Note that the destination could not be reached. No worker may try before `wait` has passed."""
        with self._lock:
            self._failures += 1
            self._until, self._failed_at, self._probing = now + wait, now, False

    def reset(self) -> None:
        """Let the next worker try at once, as after a change of the destination's settings."""
        with self._lock:
            self._failures, self._until, self._probing = 0, None, False

    def adopt(self, failures: int, closed_again_at: datetime | None) -> None:
        """Take over the state that other nodes found, unless a worker of this node is probing."""
        with self._lock:
            if not self._probing:
                self._failures, self._until, self._failed_at = failures, closed_again_at, None

    def _is_due(self, now: datetime) -> bool:
        """Whether a probe is due. It is due at once where the clock was put back since the last failure."""
        assert self._until is not None, "it is closed"
        was_put_back = self._failed_at is not None and now < self._failed_at - _TOLERANCE
        return was_put_back or now >= self._until
