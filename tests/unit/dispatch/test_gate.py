# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that nodes of a group share: slots and breaker are the group's."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from router.dispatch.breaker import BreakerState
from router.dispatch.gate import SLOT_LEASE, SharedGate
from unit.dispatch.lanes_in_memory import LanesInMemory
from unit.store.stored_samples import NOON

SECOND = timedelta(seconds=1)


class Group:
    """Gates of one lane, and the time for all of them."""

    def __init__(self, slots: int, nodes: int = 2) -> None:
        self.now = NOON
        self.lanes = LanesInMemory()
        self.gates = [
            SharedGate(self.lanes, "pacs", f"node-{number}", slots, self.clock) for number in range(nodes)
        ]

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, step: timedelta, *frozen: SharedGate) -> None:
        """Let time pass, while the gates that are not frozen are kept each second."""
        end = self.now + step
        while self.now < end:
            self.now = min(end, self.now + SECOND)
            for gate in self.gates:
                if gate not in frozen:
                    gate.keep(self.lanes.get("pacs")[0], self.now)

    def enter(self, gate: SharedGate) -> bool:
        return gate.enter(self.now)


def test_a_node_alone_has_all_slots() -> None:
    group = Group(slots=2, nodes=1)
    [gate] = group.gates
    all_have_tried = threading.Barrier(3)

    def worker() -> bool:
        entered = gate.enter(NOON)
        all_have_tried.wait()
        return entered

    with ThreadPoolExecutor(3) as threads:
        entered = [one.result() for one in [threads.submit(worker) for _ in range(3)]]
    assert entered.count(True) == 2


def test_what_one_has_the_other_has_not() -> None:
    group = Group(slots=1)
    one, other = group.gates
    assert group.enter(one)
    assert not group.enter(other)
    one.succeeded()
    writes = group.lanes.writes
    for _ in range(100):
        assert group.enter(one)
        one.succeeded()
    assert group.lanes.writes == writes, "each attempt asks the group"


def test_what_nobody_uses_is_given_back_within_seconds() -> None:
    group = Group(slots=1)
    one, other = group.gates
    assert group.enter(one)
    one.leave()
    group.pass_time(2 * SECOND)
    assert not one.is_at_hand
    assert group.enter(other)


def test_who_waits_gets_a_turn() -> None:
    group = Group(slots=1)
    one, other = group.gates
    turns = []
    for _ in range(200):
        for gate, name in ((one, "one"), (other, "other")):
            if group.enter(gate):
                turns.append(name)
                gate.succeeded()
        group.pass_time(SECOND / 10)
    assert min(turns.count("one"), turns.count("other")) > 50


def test_a_node_that_dies_loses_its_slots() -> None:
    group = Group(slots=1)
    dead, other = group.gates
    assert group.enter(dead)
    group.pass_time(SLOT_LEASE - SECOND, dead)
    assert not group.enter(other)
    group.pass_time(2 * SECOND, dead)
    assert group.enter(other)


def test_a_node_that_was_frozen_takes_no_slot_that_is_anothers_now() -> None:
    group = Group(slots=1)
    frozen, other = group.gates
    assert group.enter(frozen)
    frozen.succeeded()
    group.pass_time(SLOT_LEASE + SECOND, frozen)
    assert group.enter(other)
    assert not group.enter(frozen)
    group.pass_time(SECOND)
    assert not group.enter(frozen)


def test_a_slot_that_is_used_for_long_is_prolonged() -> None:
    group = Group(slots=1)
    busy, other = group.gates
    assert group.enter(busy)
    group.pass_time(10 * SLOT_LEASE)
    assert not group.enter(other)


class TestBreaker:
    @pytest.fixture
    def group(self) -> Group:
        """One has found the destination to be down, for ten seconds."""
        group = Group(slots=4)
        assert group.enter(group.gates[0])
        group.gates[0].failed(group.now, 10 * SECOND)
        return group

    def test_what_one_has_found_all_know_within_a_second(self, group: Group) -> None:
        other = group.gates[1]
        group.pass_time(SECOND)
        assert (other.state, other.failures) == (BreakerState.OPEN, 1)
        assert other.closed_again_at == NOON + 10 * SECOND
        assert not group.enter(other)

    def test_one_of_all_probes(self, group: Group) -> None:
        group.pass_time(11 * SECOND)
        one, other = group.gates
        assert group.enter(other)
        assert not group.enter(one)
        other.failed(group.now, 20 * SECOND)
        group.pass_time(SECOND)
        assert (one.failures, one.closed_again_at) == (2, NOON + 31 * SECOND)

    def test_one_that_dies_while_it_probes_is_followed_by_another(self, group: Group) -> None:
        group.pass_time(11 * SECOND)
        dead, other = group.gates
        assert group.enter(dead)
        group.pass_time(SLOT_LEASE, dead)
        assert group.enter(other)

    def test_once_it_is_back_it_is_back_for_all(self, group: Group) -> None:
        group.pass_time(11 * SECOND)
        one, other = group.gates
        assert group.enter(other)
        assert other.succeeded()
        group.pass_time(SECOND)
        assert (one.state, one.failures) == (BreakerState.CLOSED, 0)
        assert group.enter(one)

    def test_a_person_can_have_it_tried_at_once(self, group: Group) -> None:
        group.pass_time(SECOND)
        group.gates[1].reset()
        group.pass_time(SECOND)
        assert all(group.enter(gate) for gate in group.gates)
