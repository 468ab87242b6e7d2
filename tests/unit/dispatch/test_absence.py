# SPDX-License-Identifier: GPL-3.0-or-later
"""A destination that is back is noticed soon, however long its deliveries would wait."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from router.actions import SendResult
from router.destinations import DestinationUnavailable, LoginRefused
from router.dispatch.gate import OwnGate
from router.dispatch.lane import Lane
from router.documents.delivery import State
from router.documents.destination import Retry
from router.store import LeasedDelivery, Store
from servers.waiting import wait_until
from unit.dispatch.performing import Performing
from unit.store.stored_samples import NOON, add, delivery

DAYS = Retry(attempts=1000, initial_seconds=86400, max_seconds=7 * 86400)


class Node(Performing):
    """In place of a performer: a node that is there or not."""

    def __init__(self) -> None:
        self.answers_test = False
        self.refuses_login = False
        self.takes_images = False
        self.attempts = 0
        self.tests = 0
        self.turns = 0

    def pause_seconds(self) -> float:
        self.turns += 1
        return 0.0

    def test(self) -> DestinationUnavailable | None:
        self.tests += 1
        return None if self.answers_test else self._absence()

    def _absence(self) -> DestinationUnavailable:
        return LoginRefused("no") if self.refuses_login else DestinationUnavailable("down")

    def perform(self, leased: Sequence[LeasedDelivery], now: datetime) -> SendResult:
        self.attempts += 1
        return super().perform(leased, now) if self.takes_images else SendResult().went_away(self._absence())


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture
def pass_time(store: Store, node: Node, start_lane: Callable[..., Lane]) -> Callable[[timedelta], None]:
    """A lane with one delivery, whose first attempt has failed; lets its time pass."""
    now = [NOON]
    add(store, delivery(identifier="late"))
    lane = start_lane(node, OwnGate(), lambda: now[0], retry=DAYS)
    wait_until(lambda: state(store) == State.RETRYING, 5, "the first attempt has not failed")

    def let_pass(time: timedelta) -> None:
        now[0] += time
        lane.wake()

    return let_pass


def state(store: Store) -> State:
    return store.deliveries.get("late").state


def test_it_is_looked_for_within_a_minute(
    store: Store, node: Node, pass_time: Callable[[timedelta], None]
) -> None:
    pass_time(timedelta(minutes=1))
    wait_until(lambda: node.tests == 1, 5, "it is not looked for")
    assert state(store) == State.RETRYING
    node.answers_test = node.takes_images = True
    pass_time(timedelta(minutes=1))
    wait_until(lambda: state(store) == State.SUCCEEDED, 5, "it has not been noticed")
    assert node.attempts == 2


def test_a_test_that_has_been_wrong_costs_no_second_attempt(
    node: Node, pass_time: Callable[[timedelta], None]
) -> None:
    node.answers_test = True
    pass_time(timedelta(minutes=1))
    wait_until(lambda: node.attempts == 2, 5, "it is not tried")
    wait_until(lambda: node.tests == 1, 5)
    for turn in range(node.turns + 1, node.turns + 6):
        pass_time(timedelta(minutes=1))
        wait_until(lambda turn=turn: node.turns >= turn, 5, "the lane does not look again")  # type: ignore[misc]
    assert (node.tests, node.attempts) == (1, 2)


def test_a_login_that_is_refused_is_not_tried_in_between(
    node: Node, pass_time: Callable[[timedelta], None]
) -> None:
    node.refuses_login = True
    pass_time(timedelta(minutes=1))
    wait_until(lambda: node.tests == 1, 5, "it is not looked for")
    for turn in range(node.turns + 1, node.turns + 6):
        pass_time(timedelta(minutes=1))
        wait_until(lambda turn=turn: node.turns >= turn, 5, "the lane does not look again")  # type: ignore[misc]
    assert (node.tests, node.attempts) == (1, 1)
    # Over months, in which now and then the lane's own pause ends before the delivery's.
    for turn in range(node.turns + 1, node.turns + 500):
        pass_time(timedelta(hours=6))
        wait_until(lambda turn=turn: node.turns >= turn, 5, "the lane does not look again")  # type: ignore[misc]
    attempts = node.attempts
    assert (node.tests, attempts > 10) == (1, True)
    node.answers_test = node.takes_images = True
    pass_time(timedelta(days=8))
    wait_until(lambda: node.attempts == attempts + 1, 5, "nor later")
