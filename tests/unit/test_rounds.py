# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the router that work in rounds."""

import threading
from collections.abc import Iterator

import pytest

from router import rounds
from router.rounds import Rounds
from servers.waiting import wait_until

LONG = 3600.0


class Counting(Rounds):
    """Counts its rounds, rests for long, and fails where it is told to."""

    def __init__(self) -> None:
        super().__init__("router-counting", 0.05)
        self.count = 0
        self.error: Exception | None = None
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def _round(self) -> float:
        self.may_go_on.wait()
        self.count += 1
        if self.error is not None:
            raise self.error
        return LONG


@pytest.fixture
def part() -> Iterator[Counting]:
    one = Counting()
    one.start()
    yield one
    one.may_go_on.set()
    one.stop()
    wait_until(lambda: one.has_ended, 5, "the thread does not end")


def test_it_begins_at_once_and_then_rests(part: Counting) -> None:
    wait_until(lambda: part.count == 1, 5, "it does not begin")
    part.stop()
    assert part.has_ended
    assert part.count == 1


def test_it_can_be_woken(part: Counting) -> None:
    for count in range(1, 4):
        wait_until(lambda: part.count == count, 5, "it does not go on")  # noqa: B023 - called at once
        part.wake()


def test_news_of_the_round_under_way_make_another(part: Counting) -> None:
    wait_until(lambda: part.count == 1, 5)
    part.may_go_on.clear()
    part.wake()
    part.wake()
    part.may_go_on.set()
    wait_until(lambda: part.count >= 2, 5, "it does not go on")


def test_a_round_that_does_not_end_keeps_nobody_waiting(
    part: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    wait_until(lambda: part.count == 1, 5)
    part.may_go_on.clear()
    part.wake()
    wait_until(lambda: not part._woken.is_set(), 5)
    part.stop()
    assert not part.has_ended
    assert "router-counting is still busy" in caplog.text


def test_what_nobody_foresaw_is_told_until_a_round_ends_well(
    part: Counting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rounds, "_PAUSE_SECONDS", 0.001)
    wait_until(lambda: part.count == 1, 5)
    part.error = KeyError("nobody foresaw this")
    part.wake()
    wait_until(lambda: part.count > 3, 5, "the thread has ended")
    assert part.failures() == ["router-counting has failed (KeyError); Orthanc's log says more"]
    assert len(caplog.records) == 1
    part.error = None
    wait_until(lambda: not part.failures(), 5, "the failure is still told")
