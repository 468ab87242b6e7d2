# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that are put one by one, several of them at the same time."""

import threading
from collections import Counter

import pytest

from router.destinations import DestinationUnavailable, ImageRefused, InstancesRefused, Outgoing
from router.destinations.one_by_one import one_by_one
from router.destinations.spreading import Spreading


class Slow:
    """Takes images, and waits until so many are being put at once, or all are there."""

    def __init__(self, at_once: int) -> None:
        self.arrived: list[str] = []
        self.refused: set[str] = set()
        self.away_after: int | None = None
        self._barrier = threading.Barrier(at_once)
        self._lock = threading.Lock()

    def put(self, image: Outgoing, _file: bytes) -> None:
        try:
            self._barrier.wait(5)
        except threading.BrokenBarrierError:
            pytest.fail("the others do not come")
        with self._lock:
            if image.instance in self.refused:
                raise ImageRefused("not this one")
            if self.away_after is not None and len(self.arrived) >= self.away_after:
                raise DestinationUnavailable("gone")
            self.arrived.append(image.instance)


def images(count: int) -> list[Outgoing]:
    return [Outgoing(str(number), lambda: b"file") for number in range(count)]


def far() -> Spreading:
    """A destination of which it is known that four connections bring most."""
    spreading = Spreading(4)
    spreading.brought(4)
    return spreading


def test_each_is_put_once() -> None:
    slow = Slow(4)
    one_by_one(images(40), slow.put, far())
    assert Counter(slow.arrived) == Counter(map(str, range(40)))


def test_each_that_is_refused_has_its_reason() -> None:
    slow = Slow(4)
    slow.refused = {"3", "17"}
    with pytest.raises(InstancesRefused, match="2 of 40 refused") as refused:
        one_by_one(images(40), slow.put, far())
    assert refused.value.reasons == dict.fromkeys(("3", "17"), "not this one")
    assert set(refused.value.arrived) == set(slow.arrived)


def test_what_had_arrived_when_it_went_away_is_known() -> None:
    slow = Slow(1)
    slow.away_after = 10
    with pytest.raises(DestinationUnavailable, match="gone") as away:
        one_by_one(images(40), slow.put, far())
    assert Counter(away.value.arrived) == Counter(slow.arrived)
    assert len(slow.arrived) == 10


def test_one_after_the_other_without() -> None:
    slow = Slow(1)
    one_by_one(images(10), slow.put)
    assert slow.arrived == list(map(str, range(10)))
