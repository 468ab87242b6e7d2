# SPDX-License-Identifier: GPL-3.0-or-later
"""An image that comes alone is looked at at once; those that stream in gather."""

import threading

import pytest

from router.intake.pacing import Pacing

LONG = 600.0


class Waiting:
    """The intake's thread, which waits once."""

    def __init__(self, pacing: Pacing, seconds: float = LONG) -> None:
        self._thread = threading.Thread(target=pacing.wait, args=(seconds,), daemon=True)
        self._thread.start()

    @property
    def goes_on(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> None:
        self._thread.join(5)
        assert not self._thread.is_alive()


def test_an_image_that_comes_alone_is_waited_for_no_longer() -> None:
    pacing = Pacing(lambda: LONG)
    assert pacing.next_turn()
    waiting = Waiting(pacing)
    assert pacing.wait_until_idle(5)
    assert waiting.goes_on
    pacing.wake()
    waiting.join()


def test_one_that_came_during_the_turn_is_not_waited_for() -> None:
    pacing = Pacing(lambda: LONG)
    pacing.next_turn()
    pacing.wake()
    assert not pacing.wait_until_idle(0)
    Waiting(pacing).join()


def test_it_looks_after_a_while_whatever_comes() -> None:
    Waiting(Pacing(), 0.01).join()


@pytest.mark.parametrize(
    ("streaming_seconds", "rest_seconds"), [(0.01, 0.05), (0.1, 0.05), (0.4, 0.2), (60.0, 0.5)]
)
def test_what_streams_in_gathers_for_longer_the_longer_it_does(
    streaming_seconds: float, rest_seconds: float
) -> None:
    now = [100.0]
    pacing = Pacing(lambda: now[0])
    steps = round(streaming_seconds / 0.01)
    for _ in range(steps + 1):
        pacing.wake()
        now[0] += 0.01
    now[0] -= 0.01
    pacing.planned()
    assert pacing._rests_until - now[0] == pytest.approx(rest_seconds)


def test_a_rest_ends_when_nothing_comes_any_more() -> None:
    now = [100.0]
    pacing = Pacing(lambda: now[0])
    pacing.wake()
    pacing._rests_until = now[0] + LONG
    waiting = Waiting(pacing)
    now[0] += 0.04
    pacing.wake()
    now[0] += 0.04
    assert waiting.goes_on
    now[0] += 0.02
    waiting.join()


def test_the_end_ends_a_rest() -> None:
    pacing = Pacing(lambda: 100.0)  # in which no rest would ever end
    pacing.planned()
    pacing.wake()
    waiting = Waiting(pacing)
    pacing.stop()
    waiting.join()
    assert not pacing.next_turn()
