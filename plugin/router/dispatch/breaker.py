# SPDX-License-Identifier: GPL-3.0-or-later
"""A circuit breaker: a destination that is down is probed, not hammered."""

import threading
from datetime import datetime, timedelta
from enum import StrEnum

#: Smaller corrections of the clock, as time servers make them, delay nothing by much.
_TOLERANCE = timedelta(seconds=5)
_SOON = timedelta(milliseconds=10)


class BreakerState(StrEnum):
    """Closed: all may pass. Open: nobody may. Probing: one is under way to find out."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Breaker:
    """One destination's breaker. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until: datetime | None = None
        #: When the last failure was; a time before it comes of a clock that was put back.
        self._failed_at: datetime | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """How it stands, for people."""
        with self._lock:
            if self._until is None:
                return BreakerState.CLOSED
            return BreakerState.PROBING if self._probing else BreakerState.OPEN

    @property
    def failures(self) -> int:
        """Failures in a row."""
        with self._lock:
            return self._failures

    @property
    def closed_again_at(self) -> datetime | None:
        """When the next probe is allowed; None while closed."""
        with self._lock:
            return self._until

    def enter(self, now: datetime) -> bool:
        """Whether the caller may try now. Who may must tell the end: `succeeded`, `failed` or `leave`."""
        with self._lock:
            if self._until is None:
                return True
            if self._probing or not self._is_due(now):
                return False
            self._probing = True
            return True

    def wait(self, now: datetime) -> timedelta:
        """How long to wait before `enter` is asked again."""
        with self._lock:
            if self._until is None or self._is_due(now):
                return _SOON
            return max(_SOON, self._until - now)

    def leave(self) -> None:
        """Nothing was tried after all."""
        with self._lock:
            self._probing = False

    def succeeded(self) -> bool:
        """The destination has taken something. True where it had been down until now."""
        with self._lock:
            was_open = self._until is not None
            self._failures, self._until, self._probing = 0, None, False
            return was_open

    def failed(self, now: datetime, wait: timedelta) -> None:
        """The destination was not to be had; nobody is to try again before `wait` has passed."""
        with self._lock:
            self._failures += 1
            self._until, self._failed_at, self._probing = now + wait, now, False

    def reset(self) -> None:
        """Let the next one try at once, as after a change of the destination's settings."""
        with self._lock:
            self._failures, self._until, self._probing = 0, None, False

    def adopt(self, failures: int, closed_again_at: datetime | None) -> None:
        """Be as others have found the destination to be, unless somebody here is about to find out."""
        with self._lock:
            if not self._probing:
                self._failures, self._until, self._failed_at = failures, closed_again_at, None

    def _is_due(self, now: datetime) -> bool:
        """Whether one may find out again. After the clock was put back, nobody waits for it to come round."""
        assert self._until is not None, "it is closed"
        was_put_back = self._failed_at is not None and now < self._failed_at - _TOLERANCE
        return was_put_back or now >= self._until
