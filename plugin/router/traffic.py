# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the images that have lately come in and gone out, for a chart."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from router.clock import Clock
from router.rounds import Rounds

#: How long each count is of.
SPAN_SECONDS: Final = 15
#: How often to look, so that each image is counted in its span or shortly after.
_LOOK_SECONDS: Final = 5.0
#: How many counts are kept: those of an hour.
_SPANS: Final = 240


@dataclass(slots=True)
class Span:
    """What came in and went out within one span of time."""

    #: Spans since 1970.
    number: int
    received: int = 0
    sent: int = 0


class Traffic(Rounds):
    """Counts images by spans of time, for an hour, in memory: it begins anew with the router.

    It reads the router's counters now and then, and once more for each caller, so that the last span is
    up to date.
    """

    def __init__(
        self, received: Callable[[], int], sent: Callable[[], Mapping[str, int]], clock: Clock
    ) -> None:
        """`received` returns how many images have come in since the start. `sent` returns how many have
        arrived at each destination since its lane was made."""
        super().__init__("router-traffic")
        self._received = received
        self._sent = sent
        self._clock = clock
        self._lock = threading.Lock()
        self._spans: deque[Span] = deque(maxlen=_SPANS)
        self._seen_received = 0
        self._seen_sent: Mapping[str, int] = {}

    def spans(self) -> list[Span]:
        """Return the spans in order, without a gap. The last one is the present one."""
        with self._lock:
            self._look()
            return [Span(one.number, one.received, one.sent) for one in self._spans]

    def _round(self) -> float:
        self.spans()
        return _LOOK_SECONDS

    def _look(self) -> None:
        span = self._span_of_now()
        received, sent = self._received(), self._sent()
        span.received += received - self._seen_received
        span.sent += sum(_growth(self._seen_sent.get(lane, 0), count) for lane, count in sent.items())
        self._seen_received, self._seen_sent = received, sent

    def _span_of_now(self) -> Span:
        number = int(self._clock().timestamp() // SPAN_SECONDS)
        if self._spans and not 0 <= number - self._spans[-1].number < _SPANS:
            # The clock was set, or the machine slept for hours.
            self._spans.clear()
        if not self._spans:
            self._spans.append(Span(number))
        while self._spans[-1].number < number:
            self._spans.append(Span(self._spans[-1].number + 1))
        return self._spans[-1]


def began(span: Span) -> datetime:
    """Return when a span began (UTC)."""
    return datetime.fromtimestamp(span.number * SPAN_SECONDS, UTC)


def _growth(before: int, now: int) -> int:
    """Return by how much a counter has grown. It begins anew when its destination is changed."""
    return now - before if now >= before else now
