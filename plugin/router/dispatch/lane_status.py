# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of a lane, as people see it."""

import threading
from dataclasses import dataclass
from datetime import datetime

from router.actions import SendResult
from router.dispatch.breaker import BreakerState


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """The status of a lane."""

    breaker: BreakerState
    last_error: str | None
    last_success_at: datetime | None
    next_probe_at: datetime | None
    #: Since when this node has failed to reach the destination; None where it has not.
    away_since: datetime | None
    #: Since the start of the lane: attempts (a batch is one), failed attempts, instances that arrived,
    #: seconds spent sending, and bytes of deliveries that succeeded.
    attempts: int
    failed_attempts: int
    instances: int
    seconds: float
    bytes: int


class LaneFigures:
    """Counts the results of a lane's attempts since its start. May be used from any thread."""

    def __init__(self) -> None:
        self.last_error: str | None = None
        self.last_success_at: datetime | None = None
        self.away_since: datetime | None = None
        self._lock = threading.Lock()
        self._attempts = 0
        self._failed_attempts = 0
        self._instances = 0
        self._seconds = 0.0
        self._bytes = 0

    def count(self, result: SendResult, seconds: float) -> None:
        """Count an attempt that took so many seconds."""
        with self._lock:
            for part in result.parts:
                self._attempts += part.tried
                self._failed_attempts += part.unavailable is not None or bool(part.refused)
                self._instances += len(part.arrived)
            self._seconds += seconds

    def count_bytes(self, size: int) -> None:
        """Count the bytes of a delivery that succeeded."""
        with self._lock:
            self._bytes += size

    def status(self, breaker: BreakerState, next_probe_at: datetime | None) -> LaneStatus:
        """Return the figures, together with the breaker's state."""
        with self._lock:
            return LaneStatus(
                breaker,
                self.last_error,
                self.last_success_at,
                next_probe_at,
                self.away_since,
                self._attempts,
                self._failed_attempts,
                self._instances,
                self._seconds,
                self._bytes,
            )
