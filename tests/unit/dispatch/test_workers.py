# SPDX-License-Identifier: GPL-3.0-or-later
"""The workers of a lane: as many as there is something to do for."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router.actions import SendResult
from router.dispatch import lane as lanes
from router.dispatch.gate import Gate, OwnGate, SharedGate
from router.dispatch.lane import Lane
from router.dispatch.recording import outcome_of
from router.documents.delivery import Delivery, State
from router.documents.document import new_id
from router.store import DeliveryFilter, LeasedDelivery, Outcome, Store, StoreUnavailable
from servers.waiting import wait_until
from unit.dispatch.lanes_in_memory import LanesInMemory
from unit.dispatch.performing import Performing
from unit.store.stored_samples import add, delivery

WORKERS = 4


class Meeting(Performing):
    """In place of a performer: each delivery takes until so many are under way."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(1)

    def perform(self, leased: Sequence[LeasedDelivery], now: datetime) -> SendResult:
        self.barrier.wait(10)
        return super().perform(leased, now)


@pytest.fixture
def meeting() -> Meeting:
    return Meeting()


Start = Callable[[Gate], Lane]


@pytest.fixture
def start(meeting: Meeting, start_lane: Callable[..., Lane]) -> Iterator[Start]:
    """Starts the lane with this gate."""

    def start_it(gate: Gate) -> Lane:
        lane = start_lane(meeting, gate, lambda: datetime.now(UTC), concurrency=WORKERS)
        wait_until(lambda: rest(lane, WORKERS), 5, "they do not rest")
        return lane

    yield start_it
    meeting.barrier.abort()


def rest(lane: Lane, count: int) -> bool:
    """Whether so many of its workers rest."""
    return len(lane._resting._condition._waiters) == count  # type: ignore[attr-defined]


def bring(store: Store, lane: Lane, count: int) -> None:
    """So many deliveries come."""
    for _ in range(count):
        add(store, delivery(identifier=new_id()))
    lane.wake()


def wait_until_made(store: Store, count: int) -> None:
    made = DeliveryFilter(states=frozenset({State.SUCCEEDED}))
    wait_until(lambda: store.deliveries.find(made, 0)[1] == count, 10, "they are not made")


def test_one_delivery_takes_one_slot_of_the_group(store: Store, start: Start) -> None:
    group = LanesInMemory()
    lane = start(SharedGate(group, "pacs", "node-1", WORKERS, lambda: datetime.now(UTC)))
    for made in range(1, 21):
        bring(store, lane, 1)
        wait_until_made(store, made)
        wait_until(lambda: rest(lane, WORKERS), 5, "they do not rest")
    state, _ = group.get("pacs")
    assert [share.slots for share in state.shares] == [1]


@pytest.mark.parametrize("shared", [False, True])
def test_as_many_as_there_are_workers_are_made_side_by_side(
    store: Store, meeting: Meeting, start: Start, shared: bool
) -> None:
    gate = SharedGate(LanesInMemory(), "pacs", "node-1", WORKERS, lambda: datetime.now(UTC))
    meeting.barrier = threading.Barrier(WORKERS)
    bring(store, start(gate if shared else OwnGate()), WORKERS)
    wait_until_made(store, WORKERS)


def test_what_waits_at_the_start_is_made_by_all(store: Store, meeting: Meeting, start: Start) -> None:
    meeting.barrier = threading.Barrier(WORKERS)
    for _ in range(WORKERS):
        add(store, delivery(identifier=new_id()))
    start(OwnGate())
    wait_until_made(store, WORKERS)


def test_what_nobody_foresaw_is_told_and_the_lane_goes_on(
    store: Store, meeting: Meeting, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_FAILURE_PAUSE", timedelta(milliseconds=10))
    lane = start(OwnGate())
    with monkeypatch.context() as broken:
        broken.setattr(meeting, "pause_seconds", [].pop)
        bring(store, lane, 1)
        wait_until(lambda: bool(lane.failure), 5, "the failure is not told")
        assert "IndexError" in lane.failure
    wait_until_made(store, 1)
    wait_until(lambda: not lane.failure, 5, "the failure is still told")


def test_what_could_not_be_recorded_is_tried_again(
    store: Store, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is nobody else's on this node: it must not be left to run out."""
    monkeypatch.setattr(lanes, "_FAILURE_PAUSE", timedelta(milliseconds=10))
    monkeypatch.setattr(lanes, "_STORE_PAUSE", timedelta(milliseconds=10))
    lane = start(OwnGate())
    once = [True]

    def failing(*arguments: Any) -> Outcome:
        if once.pop() if once else False:
            raise ArithmeticError
        return outcome_of(*arguments)

    monkeypatch.setattr(lanes, "outcome_of", failing)
    bring(store, lane, 1)
    wait_until_made(store, 1)


@pytest.mark.parametrize("is_written", [False, True])
def test_what_follows_from_an_outcome_is_done_though_the_store_was_away(
    store: Store, start: Start, monkeypatch: pytest.MonkeyPatch, is_written: bool
) -> None:
    """The write may have been carried out, and only its answer was lost."""
    monkeypatch.setattr(lanes, "_STORE_PAUSE", timedelta(milliseconds=10))
    lane = start(OwnGate())
    followed: list[str] = []
    away = ["recorded", "record"]

    def recorded(one: Delivery, _outcome: Outcome) -> None:
        if "recorded" in away:
            away.remove("recorded")
            raise StoreUnavailable("away")
        followed.append(one.id)

    record = store.deliveries.record

    def recording(leased: LeasedDelivery, outcome: Outcome) -> bool:
        if "record" in away:
            away.remove("record")
            if is_written:
                record(leased, outcome)
            raise StoreUnavailable("away")
        return record(leased, outcome)

    monkeypatch.setattr(lane, "_recorded", recorded)
    monkeypatch.setattr(store.deliveries, "record", recording)
    bring(store, lane, 1)
    wait_until(lambda: len(followed) == 1, 10, "what follows is not done")
    wait_until_made(store, 1)
