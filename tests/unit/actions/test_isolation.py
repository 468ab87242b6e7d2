# SPDX-License-Identifier: GPL-3.0-or-later
"""One instance that is refused does not keep the others from arriving."""

from collections.abc import Sequence

import pytest

from router.actions.isolation import send_isolating
from router.destinations import DestinationUnavailable, InstancesRefused, Outgoing
from router.destinations.portions import in_portions


class Destination:
    """Refuses what is poison, without saying which, and goes away after so many batches."""

    def __init__(self, poison: set[str], *, tells: bool = False, batches: int | None = None) -> None:
        self.poison = poison
        self.tells = tells
        self.batches = batches
        self.calls = 0
        self.arrived: set[str] = set()

    def send(self, images: Sequence[Outgoing]) -> None:
        if self.batches is not None and self.calls >= self.batches:
            raise DestinationUnavailable("gone")
        self.calls += 1
        instances = {image.instance for image in images}
        bad = instances & self.poison
        if bad and self.tells:
            self.arrived |= instances - bad
            raise InstancesRefused("refused", dict.fromkeys(bad, "poison"))
        if bad:
            raise InstancesRefused("refused")
        self.arrived |= instances

    def test(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing to close."""


class PortionedDestination(Destination):
    """Sends by portions, and tells what had arrived when one is refused."""

    def send(self, images: Sequence[Outgoing]) -> None:
        in_portions([image.instance for image in images], self._send_portion)

    def _send_portion(self, instances: Sequence[str]) -> None:
        assert not set(instances) & self.arrived, "sent twice"
        super().send([Outgoing(instance, bytes) for instance in instances])


def images(count: int) -> list[Outgoing]:
    return [Outgoing(str(number), bytes) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 500])
def test_all_arrive_in_one_batch(count: int) -> None:
    destination = Destination(set())
    sent = send_isolating(destination, images(count))
    assert (len(sent.arrived), sent.refused, destination.calls) == (count, {}, 1)


@pytest.mark.parametrize("poison", [{"0"}, {"499"}, {"250"}, {"1", "2", "498"}])
def test_the_refused_are_found_by_halving(poison: set[str]) -> None:
    destination = Destination(poison)
    sent = send_isolating(destination, images(500))
    assert set(sent.refused) == poison
    assert destination.arrived == set(sent.arrived) == {str(number) for number in range(500)} - poison
    assert destination.calls <= 20 * len(poison)


def test_what_arrived_before_a_refused_portion_is_not_sent_again() -> None:
    destination = PortionedDestination({"173", "499"})
    sent = send_isolating(destination, images(500))
    assert set(sent.refused) == destination.poison
    assert len(sent.arrived) == len(destination.arrived) == 498


def test_what_arrived_before_the_destination_went_away_has_arrived() -> None:
    destination = PortionedDestination(set(), batches=3)
    sent = send_isolating(destination, images(500))
    assert sent.unavailable == "gone"
    assert 0 < len(sent.arrived) < 500
    assert set(sent.arrived) == destination.arrived


def test_a_destination_that_tells_is_asked_once() -> None:
    destination = Destination({"3"}, tells=True)
    sent = send_isolating(destination, images(10))
    assert (sent.refused, len(sent.arrived), destination.calls) == ({"3": "poison"}, 9, 1)


def test_a_destination_that_refuses_everything_is_not_asked_a_thousand_times() -> None:
    destination = Destination({str(number) for number in range(1000)})
    sent = send_isolating(destination, images(1000))
    assert 0 < len(sent.refused) < 50
    assert destination.calls < 50


def test_those_refused_at_the_front_do_not_keep_the_rest() -> None:
    destination = Destination({str(number) for number in range(12)})
    sent = send_isolating(destination, images(500))
    assert len(sent.arrived) > 480
    ahead = [image for image in images(500) if image.instance not in {*sent.arrived, *sent.refused}]
    send_isolating(destination, ahead)
    assert len(destination.arrived) == 488


def test_the_next_attempt_begins_behind_what_was_refused() -> None:
    """So that each is tried in the end, where one in each part is refused."""
    destination = Destination({str(number) for number in range(300) if number % 3 == 0})
    ahead = images(300)
    for _ in range(20):
        sent = send_isolating(destination, ahead)
        ahead = [image for image in ahead if image.instance not in sent.arrived]
        ahead.sort(key=lambda image: image.instance in sent.refused)
    assert {image.instance for image in ahead} == destination.poison


def test_what_was_not_sent_when_the_destination_went_away_is_neither_arrived_nor_refused() -> None:
    destination = Destination({"0"}, batches=3)
    sent = send_isolating(destination, images(8))
    assert sent.unavailable == "gone"
    assert set(sent.arrived) == destination.arrived
    assert len(sent.arrived) + len(sent.refused) < 8
