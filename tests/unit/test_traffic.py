# SPDX-License-Identifier: GPL-3.0-or-later
"""Images per minute: what is counted in which span, and what a counter that begins anew says."""

from datetime import UTC, datetime, timedelta

from router.traffic import SPAN_SECONDS, Traffic, began


class Counters:
    """What the router has counted, and the time of day."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, 12, tzinfo=UTC)
        self.received = 0
        self.sent: dict[str, int] = {}
        self.traffic = Traffic(lambda: self.received, lambda: dict(self.sent), lambda: self.now)

    def after(self, spans: float, received: int = 0, **sent: int) -> None:
        """Let time pass, look, and have this many more come in; `sent` are the counters as they then are."""
        self.now += timedelta(seconds=spans * SPAN_SECONDS)
        self.received += received
        self.sent.update(sent)
        self.traffic.spans()

    def counts(self) -> list[tuple[int, int]]:
        return [(span.received, span.sent) for span in self.traffic.spans()]


def test_images_are_counted_in_the_span_in_which_they_were_seen() -> None:
    counters = Counters()
    counters.after(0)
    counters.after(0.3, 5, archive=2)
    counters.after(0.3, 1, archive=4, teaching=3)
    counters.after(3, 2)
    assert counters.counts() == [(6, 7), (0, 0), (0, 0), (2, 0)]
    assert began(counters.traffic.spans()[0]) == datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_a_lane_that_is_made_anew_counts_anew() -> None:
    counters = Counters()
    counters.after(0, archive=100)
    counters.after(1, archive=2)
    assert counters.counts() == [(0, 100), (0, 2)]


def test_an_hour_is_kept() -> None:
    counters = Counters()
    counters.after(0, 7)
    counters.after(239, 1)
    assert (len(counters.counts()), counters.counts()[0]) == (240, (7, 0))
    counters.after(1)
    assert (len(counters.counts()), counters.counts()[0]) == (240, (0, 0))
    assert counters.counts()[-2:] == [(1, 0), (0, 0)]


def test_it_begins_anew_where_the_clock_is_set() -> None:
    counters = Counters()
    counters.after(0, 7)
    counters.after(-100, 1)
    assert counters.counts() == [(1, 0)]
    counters.after(10_000, 2)
    assert counters.counts() == [(2, 0)]


def test_what_is_told_is_not_what_is_counted_on() -> None:
    counters = Counters()
    counters.traffic.spans()[0].received = 9
    assert counters.counts() == [(0, 0)]
