# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded store's clock: putting the machine's clock back delays nothing.

Nobody can set this machine's clock for a test, so that the clock is one in memory here.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from router.documents.delivery import State
from router.store import Outcome, Store, open_store
from router.store.sqlite import SqliteStore
from router.store.sqlite.machine_clock import MachineClock
from unit.store.stored_samples import (
    NOON,
    add,
    after,
    attempt,
    delivery,
    identifiers,
    lease,
    lease_one,
    record,
)
from unit.store.test_nodes import node

HOUR = timedelta(hours=1)


class Machine:
    """A machine whose clock can be set."""

    def __init__(self) -> None:
        self.told = NOON
        self.seconds = 100.0

    def clock(self) -> datetime:
        return self.told

    def steady(self) -> float:
        return self.seconds

    def pass_time(self, seconds: float) -> None:
        self.told += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(None, "", tmp_path)) as store:
        yield store


def clock_of(store: Store, machine: Machine) -> MachineClock:
    assert isinstance(store, SqliteStore)
    return MachineClock(store._database, machine.clock, machine.steady)


def put_off(store: Store, at: datetime, seconds: float) -> None:
    """Add a delivery whose attempt failed at this moment, to be tried again after so many seconds."""
    add(store, delivery(identifier="d", created_at=at))
    again = at + timedelta(seconds=seconds)
    failed = Outcome(State.RETRYING, ["image-1"], attempt("no", at=at), again)
    assert record(store, lease_one(store, now=at, seconds=9999), failed)


def test_it_goes_with_the_machine(store: Store, machine: Machine) -> None:
    clock = clock_of(store, machine)
    for seconds in (1, 3600, 0.5):
        machine.pass_time(seconds)
        assert clock.now() == machine.told
    machine.told -= timedelta(seconds=2)
    assert clock.now() == machine.told


def test_it_follows_forward_at_once(store: Store, machine: Machine) -> None:
    clock = clock_of(store, machine)
    machine.told += HOUR
    assert clock.now() == NOON + HOUR


def test_it_does_not_go_back_before_what_waits_is_due_anew(store: Store, machine: Machine) -> None:
    clock = clock_of(store, machine)
    put_off(store, NOON, 60)
    machine.pass_time(20)
    machine.told -= HOUR
    assert clock.now() == after(20)
    assert lease(store, now=clock.now(), seconds=9999) == []
    clock.measure()
    assert clock.now() == machine.told
    assert lease(store, now=clock.now(), seconds=9999) == []
    machine.pass_time(61)
    assert identifiers(lease(store, now=clock.now(), seconds=9999)) == ["d"]


def test_neither_do_deliveries_wait_that_were_put_off_before_a_restart(
    store: Store, machine: Machine
) -> None:
    put_off(store, NOON, 60)
    machine.told -= HOUR
    clock = clock_of(store, machine)
    assert lease(store, now=clock.now(), seconds=9999) == []
    machine.pass_time(61)
    assert identifiers(lease(store, now=clock.now(), seconds=9999)) == ["d"]


def test_one_that_waits_for_a_time_of_day_waits_for_it(store: Store, machine: Machine) -> None:
    """It was put off before the clock was put back, but not in the machine's future."""
    put_off(store, NOON - 2 * HOUR, 3 * HOUR.total_seconds())
    machine.told -= HOUR
    clock = clock_of(store, machine)
    machine.pass_time(3600)
    assert lease(store, now=clock.now(), seconds=9999) == []
    machine.pass_time(3600)
    assert identifiers(lease(store, now=clock.now(), seconds=9999)) == ["d"]


def test_the_stores_own_clock_is_measured_with_each_heartbeat(
    store: Store, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(store, SqliteStore)
    monkeypatch.setattr(store._clock, "_clock", machine.clock)
    monkeypatch.setattr(store._clock, "_steady", machine.steady)
    monkeypatch.setattr(store._clock, "_since", (machine.told + HOUR, machine.seconds))
    assert store.now() == NOON + HOUR
    store.nodes.announce(node("a"))
    assert store.now() == NOON
