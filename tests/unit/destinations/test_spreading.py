# SPDX-License-Identifier: GPL-3.0-or-later
"""How many connections are opened, and what becomes of what they were to send."""

import threading
from collections import Counter

import pytest

from router.destinations.spreading import Spread, Spreading


class Place:
    """A destination whose clock goes on as things are sent: so many seconds for each, shared by those that
    are sent at once, as far as it can take several."""

    def __init__(self, seconds: float, at_once: int = 100, bears: int = 100, size: int = 1000) -> None:
        self.now = 0.0
        self.sent: list[int] = []
        #: The highest number of connections there were at once.
        self.most = 0
        self._seconds = seconds
        self._at_once = at_once
        self._bears = bears
        self._size = size
        self._open = 0
        self._lock = threading.Lock()
        #: Never: an answer takes a moment, in which others are sent.
        self._answer = threading.Event()

    def clock(self) -> float:
        return self.now

    def connection(self, spread: Spread[int]) -> None:
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)
            is_borne = self._open <= self._bears
        try:
            while (item := spread.take()) is not None:
                if not is_borne:
                    assert spread.not_borne(item)
                    return
                self._answer.wait(0.0005)
                with self._lock:
                    self.now += self._seconds / min(self._open, self._at_once)
                    self.sent.append(item)
                spread.done(self._size)
        finally:
            with self._lock:
                self._open -= 1


def sent_over(
    place: Place, spreading: Spreading, count: int = 400, *, ends_when_near: bool = True
) -> tuple[list[int], Spread[int]]:
    """What is left, and how it went."""
    spread = Spread(spreading, range(count), place.connection, ends_when_near=ends_when_near)
    return spread.run(), spread


def test_what_is_far_is_sent_over_as_many_as_may_be() -> None:
    place = Place(seconds=0.04)
    spreading = Spreading(8, place.clock)
    left, spread = sent_over(place, spreading)
    assert (left, spread.is_near) == ([], False)
    assert Counter(place.sent) == Counter(range(400))
    assert spreading.best == place.most == 8


def test_what_is_near_is_left_to_others_after_a_few() -> None:
    place = Place(seconds=0.002)
    spreading = Spreading(8, place.clock)
    left, spread = sent_over(place, spreading)
    assert spread.is_near
    assert not spreading.is_worth_it
    assert (place.most, len(place.sent)) == (1, 4)
    assert sorted([*left, *place.sent]) == list(range(400))


def test_what_is_near_and_nobody_else_s_goes_over_one() -> None:
    place = Place(seconds=0.002)
    left, spread = sent_over(place, Spreading(8, place.clock), ends_when_near=False)
    assert (left, spread.is_near, place.most) == ([], True, 1)


def test_large_ones_that_go_quickly_are_near_too() -> None:
    place = Place(seconds=0.2, size=10_000_000)
    _, spread = sent_over(place, Spreading(8, place.clock))
    assert spread.is_near


def test_that_something_is_near_is_forgotten() -> None:
    place = Place(seconds=0.002)
    spreading = Spreading(8, place.clock)
    sent_over(place, spreading)
    place.now += 601
    assert spreading.is_worth_it
    spreading.is_near()
    spreading.may_be_far()
    assert spreading.is_worth_it


def test_more_than_bring_something_are_given_back() -> None:
    place = Place(seconds=0.04, at_once=2)
    spreading = Spreading(8, place.clock)
    left, _ = sent_over(place, spreading)
    assert left == []
    assert spreading.best <= 4


@pytest.mark.parametrize("bears", [1, 2, 3])
def test_what_does_not_bear_more_gets_all_over_those_that_it_bears(bears: int) -> None:
    place = Place(seconds=0.04, bears=bears)
    spreading = Spreading(8, place.clock)
    left, _ = sent_over(place, spreading)
    assert left == []
    assert Counter(place.sent) == Counter(range(400))
    assert spreading.best <= spreading.limit < 8
    place.now += 601
    assert spreading.limit == 8


def test_what_has_been_found_out_is_known_to_the_next_sending() -> None:
    place = Place(seconds=0.04)
    spreading = Spreading(8, place.clock)
    sent_over(place, spreading)
    place.most = 0
    left, _ = sent_over(place, spreading, 24)
    assert (left, place.most > 1) == ([], True)


def test_few_get_few_connections() -> None:
    place = Place(seconds=0.04)
    left, _ = sent_over(place, Spreading(8, place.clock), 5)
    assert (left, place.most <= 2) == ([], True)


def test_only_as_many_as_memory_allows() -> None:
    place = Place(seconds=5, size=30_000_000)
    left, _ = sent_over(place, Spreading(8, place.clock), 40)
    assert (left, place.most <= 2) == ([], True)


def test_what_goes_wrong_in_a_connection_is_raised() -> None:
    def broken(spread: Spread[int]) -> None:
        spread.take()
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        Spread(Spreading(8), [1, 2, 3], broken).run()
