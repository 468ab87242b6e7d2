# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees of a lane."""

import threading
from dataclasses import dataclass
from datetime import datetime

from router.actions import SendResult
from router.dispatch.breaker import BreakerState


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """How a lane stands."""

    breaker: BreakerState
    last_error: str | None
    last_success_at: datetime | None
    next_probe_at: datetime | None
    #: Since when the destination cannot be reached; None where it can, as far as this node has tried.
    away_since: datetime | None
    #: Since the start: attempts (a batch is one), those of them that failed, instances that arrived,
    #: seconds spent sending, and bytes of deliveries that succeeded.
    attempts: int
    failed_attempts: int
    instances: int
    seconds: float
    bytes: int


class LaneFigures:
    """What has become of a lane's attempts since its start. May be used from any thread."""

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
        """An attempt has ended, after so many seconds."""
        with self._lock:
            for part in result.parts:
                self._attempts += part.tried
                self._failed_attempts += part.unavailable is not None or bool(part.refused)
                self._instances += len(part.arrived)
            self._seconds += seconds

    def count_bytes(self, size: int) -> None:
        """A delivery of so many bytes has succeeded."""
        with self._lock:
            self._bytes += size

    def status(self, breaker: BreakerState, next_probe_at: datetime | None) -> LaneStatus:
        """The figures, and how the breaker stands."""
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
