# SPDX-License-Identifier: GPL-3.0-or-later
"""A delivery that was under way each time the process died is carried out alone, and then no more."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from router.actions import SendResult
from router.dispatch import lane as lanes
from router.dispatch.gate import OwnGate
from router.dispatch.lane import Lane
from router.dispatch.suspects import Suspects
from router.documents.delivery import INTERRUPTED, SUSPECT_AFTER, State
from router.store import LeasedDelivery, Store
from servers.waiting import wait_until
from unit.dispatch.performing import Performing
from unit.store.stored_samples import NOON, add, after, delivery, lease_one

StartLane = Callable[..., Lane]


class Performer(Performing):
    """Takes everything, and says what it took together."""

    def __init__(self) -> None:
        self.taken: list[list[str]] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def instances_at_once(self) -> int:
        return 10

    def perform(self, leased: Sequence[LeasedDelivery], now: datetime) -> SendResult:
        self.taken.append([one.delivery.id for one in leased])
        assert self.go_on.wait(10)
        return super().perform(leased, now)


@pytest.fixture
def performer() -> Performer:
    return Performer()


def interrupted(store: Store, identifier: str, count: int) -> None:
    """Add a delivery that was under way so often when the process died."""
    add(store, delivery(identifier=identifier))
    for _ in range(count):
        lease_one(store)
        store.deliveries.release("node-1")


def state(store: Store, identifier: str) -> State:
    return store.deliveries.get(identifier).state


def test_a_delivery_that_was_interrupted_seldom_goes_with_the_others(
    store: Store, performer: Performer, start_lane: StartLane
) -> None:
    interrupted(store, "interrupted", SUSPECT_AFTER - 1)
    add(store, delivery(identifier="other", created_at=after(1)))
    start_lane(performer, OwnGate(), lambda: NOON)
    wait_until(lambda: state(store, "other") == State.SUCCEEDED, 10)
    assert performer.taken == [["interrupted", "other"]]


def test_a_suspect_goes_alone_and_is_cleared_if_nothing_happens(
    store: Store, performer: Performer, start_lane: StartLane
) -> None:
    interrupted(store, "suspect", SUSPECT_AFTER)
    add(store, delivery(identifier="other", created_at=after(1)))
    suspects = start_lane(performer, OwnGate(), lambda: NOON)._suspects
    wait_until(lambda: state(store, "other") == State.SUCCEEDED, 10)
    assert performer.taken == [["suspect"], ["other"]]
    found = store.deliveries.get("suspect")
    assert (found.state, found.interruptions) == (State.SUCCEEDED, 0)
    assert [one.error for one in found.attempts] == [INTERRUPTED] * SUSPECT_AFTER + [None]
    wait_until(lambda: not suspects.problems(), 5)


def test_while_it_is_carried_out_people_are_told(
    store: Store, performer: Performer, start_lane: StartLane
) -> None:
    interrupted(store, "suspect", SUSPECT_AFTER)
    performer.go_on.clear()
    suspects = start_lane(performer, OwnGate(), lambda: NOON)._suspects
    wait_until(suspects.problems, 10)
    assert "The delivery suspect (forward to pacs) was under way 3 times" in suspects.problems()[0]
    performer.go_on.set()
    wait_until(lambda: not suspects.problems(), 10)


def test_where_the_process_dies_once_more_it_fails_for_that_reason(
    store: Store, performer: Performer, start_lane: StartLane
) -> None:
    interrupted(store, "deadly", SUSPECT_AFTER + 1)
    add(store, delivery(identifier="other", created_at=after(1)))
    suspects = start_lane(performer, OwnGate(), lambda: NOON, alternate="another")._suspects
    wait_until(lambda: state(store, "other") == State.SUCCEEDED, 10)
    found = store.deliveries.get("deadly")
    assert found.state == State.FAILED
    assert "ended unexpectedly 4 times while this was under way" in (found.note or "")
    assert performer.taken == [["other"]]
    assert "it has failed for that reason" in suspects.problems()[0]


def test_a_person_may_have_it_tried_alone_once_more(
    store: Store, performer: Performer, start_lane: StartLane
) -> None:
    interrupted(store, "deadly", SUSPECT_AFTER + 1)
    lane = start_lane(performer, OwnGate(), lambda: NOON)
    wait_until(lambda: state(store, "deadly") == State.FAILED, 10)
    store.deliveries.retry("deadly", NOON)
    lane.wake()
    wait_until(lambda: state(store, "deadly") == State.SUCCEEDED, 10)
    assert lane._suspects.problems() == []


def test_it_is_put_off_while_something_else_does_not_end(
    store: Store, performer: Performer, start_lane: StartLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_ALONE_WITHIN_SECONDS", 0.05)
    interrupted(store, "suspect", SUSPECT_AFTER)
    suspects = Suspects()
    with suspects.among_others():
        lane = start_lane(performer, OwnGate(), lambda: NOON, suspects=suspects)
        wait_until(lambda: state(store, "suspect") == State.HELD, 10)
    assert performer.taken == []
    assert "by itself" in (store.deliveries.get("suspect").note or "")
    store.deliveries.hasten(["suspect"], NOON)
    lane.wake()
    wait_until(lambda: state(store, "suspect") == State.SUCCEEDED, 10)


def test_nothing_begins_beside_a_suspect() -> None:
    suspects = Suspects()
    began = threading.Event()

    def another() -> None:
        with suspects.among_others():
            began.set()

    with ThreadPoolExecutor(1) as threads:
        with suspects.alone(1) as is_alone:
            assert is_alone
            assert suspects.is_one_waiting
            ended = threads.submit(another)
            assert not began.wait(0.05)
            with suspects.alone(1) as is_second_alone:
                assert not is_second_alone
        ended.result(5)
    assert not suspects.is_one_waiting
