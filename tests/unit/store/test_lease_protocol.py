# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of one index that read, plan, lease and record in any order, die, freeze and come back late.

A model of what may be true is held beside the store, on each store. Whatever the order: each stretch of the
change log is planned once, what was planned is delivered in the end, its success is recorded once, and who
has lost a lease records nothing.
"""

from datetime import datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from router.documents.delivery import State
from router.store import Cursor, Lease, LeasedDelivery, Outcome, Plan, PlanConflict, Store
from unit.store.conftest import OpenStore
from unit.store.stored_samples import NOON, attempt, delivery

LEASE = timedelta(seconds=60)
NODES = st.sampled_from(["a", "b", "c"])


class Protocol(RuleBasedStateMachine):
    """Three nodes; each knows what it knew when it last looked, however long ago that was."""

    store: Store
    run = 0

    def __init__(self) -> None:
        super().__init__()
        # Each run has a lane of its own in the one store.
        type(self).run += 1
        self.lane = f"lane-{self.run}"
        self.now: datetime = NOON
        cursor = self.store.intake.cursor()
        if cursor is None:
            cursor = Cursor(0, 1)
            self.store.intake.begin(cursor)
        self.cursors = dict.fromkeys("abc", cursor)
        self.current = cursor
        self.planned: set[str] = set()
        self.delivered: set[str] = set()
        self.held: dict[str, list[LeasedDelivery]] = {"a": [], "b": [], "c": []}
        #: Which node each token was given to.
        self.owners: dict[str, str] = {}
        #: By delivery, the token of the last lease and when it ends.
        self.holders: dict[str, tuple[str, datetime]] = {}

    @rule(seconds=st.sampled_from([1, 30, 61]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(node=NODES)
    def reads_the_cursor(self, node: str) -> None:
        read = self.store.intake.cursor()
        assert read == self.current
        self.cursors[node] = read

    @rule(node=NODES)
    def commits_what_it_planned_on_the_cursor_it_read(self, node: str) -> None:
        based_on = self.cursors[node]
        after = Cursor(based_on.sequence + 1, based_on.version + 1)
        identifier = f"{self.lane}-{after.sequence}-by-{node}"
        plan = Plan(based_on, after, deliveries=[delivery(lane=self.lane, identifier=identifier)])
        if based_on == self.current:
            self.store.intake.commit(plan)
            self.current = self.cursors[node] = after
            self.planned.add(identifier)
        else:
            with pytest.raises(PlanConflict):
                self.store.intake.commit(plan)

    @rule(node=NODES, instances=st.integers(1, 3))
    def leases(self, node: str, instances: int) -> None:
        lease = Lease(node, self.now + LEASE)
        for leased in self.store.deliveries.lease(self.lane, lease, self.now, instances):
            identifier = leased.delivery.id
            _, until = self.holders.get(identifier, ("", self.now))
            assert until <= self.now, "two have it at once"
            assert identifier not in self.delivered, "it is done already"
            self.holders[identifier] = (leased.token, lease.until)
            self.owners[leased.token] = node
            self.held[node].append(leased)

    @precondition(lambda self: any(self.held.values()))
    @rule(node=NODES, succeeds=st.booleans(), data=st.data())
    def records(self, node: str, succeeds: bool, data: st.DataObject) -> None:
        if not self.held[node]:
            return
        leased = self.held[node].pop(data.draw(st.integers(0, len(self.held[node]) - 1)))
        identifier = leased.delivery.id
        outcome = (
            Outcome(State.SUCCEEDED, (), attempt())
            if succeeds
            else Outcome(State.RETRYING, leased.instances, attempt("no"), self.now + timedelta(seconds=5))
        )
        recorded = self.store.deliveries.record(leased, outcome)
        assert recorded == (self.holders.get(identifier, ("", NOON))[0] == leased.token)
        if recorded:
            del self.holders[identifier]
            if succeeds:
                self.delivered.add(identifier)

    @rule(node=NODES)
    def prolongs(self, node: str) -> None:
        until = self.now + LEASE
        self.store.deliveries.renew([leased.token for leased in self.held[node]], until)
        for leased in self.held[node]:
            if self.holders.get(leased.delivery.id, ("", NOON))[0] == leased.token:
                self.holders[leased.delivery.id] = (leased.token, until)

    @rule(node=NODES)
    def dies_and_starts_again(self, node: str) -> None:
        self.held[node].clear()
        self.store.deliveries.release(node)
        for identifier, (token, _) in list(self.holders.items()):
            if self.owners[token] == node:
                del self.holders[identifier]

    @invariant()
    def everything_planned_is_there_once(self) -> None:
        counts = self.store.deliveries.counts()
        mine = {state: number for (lane, state), number in counts.items() if lane == self.lane}
        assert sum(mine.values()) == len(self.planned)
        assert mine.get(State.SUCCEEDED, 0) == len(self.delivered)

    def teardown(self) -> None:
        """What is left is delivered by whoever comes, once all leases have ended."""
        self.now += 2 * LEASE
        while leased := self.store.deliveries.lease(self.lane, Lease("d", self.now + LEASE), self.now, 100):
            for one in leased:
                done = Outcome(State.SUCCEEDED, (), attempt())
                assert self.store.deliveries.record(one, done)
                self.delivered.add(one.delivery.id)
        assert self.delivered == self.planned


def test_no_order_of_events_loses_or_doubles_work(open_again: OpenStore) -> None:
    class OnThisStore(Protocol):
        store = open_again()

    run_state_machine_as_test(
        OnThisStore,
        settings=settings(
            max_examples=10,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
