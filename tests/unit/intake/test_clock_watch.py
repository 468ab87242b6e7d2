# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock that was put back is noticed; one that goes as it should, or jumps ahead, is not."""

from datetime import UTC, datetime, timedelta

import pytest

from router.intake.clock_watch import ClockWatch

NOON = datetime(2024, 5, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("wall", "steady", "put_back"),
    [
        (timedelta(seconds=10), 10, False),
        (timedelta(seconds=7), 10, False),  # a time server's small correction
        (timedelta(seconds=4), 10, True),
        (-HOUR, 10, True),
        (HOUR, 10, False),  # put ahead: what is due is due early, and nothing waits
        (timedelta(0), 3600, True),  # put back by as much as has passed
    ],
)
def test_put_back(wall: timedelta, steady: float, put_back: bool) -> None:
    times = iter([NOON, NOON + wall])
    seconds = iter([100.0, 100.0 + steady])
    watch = ClockWatch(lambda: next(times), lambda: next(seconds))
    assert not watch.put_back()
    assert watch.put_back() is put_back
