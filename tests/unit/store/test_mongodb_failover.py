# SPDX-License-Identifier: GPL-3.0-or-later
"""A primary of MongoDB that steps down in the middle of everything: nothing is lost, nothing done twice.

What the test server cannot do is scripted (`MongoProxy`): a write is refused, or done and then said to have
been interrupted, as a primary does that is none any more.
"""

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from router.documents.delivery import State
from router.store import (
    AuditFilter,
    Cursor,
    Lease,
    Outcome,
    Plan,
    PlanConflict,
    Store,
    StoreUnavailable,
    open_store,
)
from servers.mongodb import MongoServer
from servers.mongodb_proxy import INTERRUPTED, NOT_PRIMARY, Failure, MongoProxy
from unit.store.stored_samples import NOON, after, attempt, delivery

Value = TypeVar("Value")

_WRITES = frozenset({"insert", "update", "delete", "findAndModify"})
_DELIVERIES = 15


@pytest.fixture
def proxy(mongodb: MongoServer) -> Iterator[MongoProxy]:
    if mongodb.is_given:
        pytest.skip("the given server's address is not ours to change")
    with MongoProxy(mongodb.port) as opened:
        yield opened


@pytest.fixture(params=["true", "false"], ids=["retryable writes", "plain writes"])
def store(
    request: pytest.FixtureRequest,
    mongodb: MongoServer,
    mongo_database: str,
    proxy: MongoProxy,
    tmp_path: Path,
) -> Iterator[Store]:
    """A store whose driver may try a write again by itself, or not."""
    uri = mongodb.uri.replace(f":{mongodb.port}/", f":{proxy.port}/")
    # A server that has really stepped down tells the driver at once; here the driver has to ask how it is.
    options = f"&directConnection=true&heartbeatFrequencyMS=500&retryWrites={request.param}"
    opened = open_store(uri + options, mongo_database, tmp_path, "index")
    yield opened
    opened.close()


class SteppingDown:
    """Has every seventh write fail or so, half of them after they were done."""

    def __init__(self) -> None:
        self._chance = random.Random(7)

    def __call__(self, name: str) -> Failure | None:
        if name not in _WRITES or self._chance.random() > 0.15:
            return None
        return self._chance.choice([NOT_PRIMARY, INTERRUPTED])


def persistently(call: Callable[[], Value]) -> Value:
    """Until it has been answered."""
    while True:
        with contextlib.suppress(StoreUnavailable):
            return call()


def test_planning_and_delivering_while_it_steps_down_all_the_time(store: Store, proxy: MongoProxy) -> None:
    store.intake.begin(Cursor(0, 1))
    proxy.fault = SteppingDown()
    while (cursor := persistently(store.intake.cursor)).sequence < _DELIVERIES:  # type: ignore[union-attr]
        moved = Cursor(cursor.sequence + 1, cursor.version + 1)  # type: ignore[union-attr]
        new = delivery(identifier=f"{moved.sequence}")
        with contextlib.suppress(StoreUnavailable, PlanConflict):  # whether it was done, the cursor tells
            store.intake.commit(Plan(cursor, moved, deliveries=[new]))  # type: ignore[arg-type]

    recorded: Counter[str] = Counter()
    seconds = 0.0
    while len(recorded) < _DELIVERIES:
        # A lease that was given and not told is waited for until it ends.
        seconds += 61
        lease = Lease("node", after(seconds + 60))
        leased = persistently(lambda: store.deliveries.lease("pacs", lease, after(seconds), 4))  # noqa: B023
        for one in leased:
            recorded[one.delivery.id] += 1
            done = Outcome(State.SUCCEEDED, (), attempt(at=after(seconds)))
            persistently(lambda: store.deliveries.record(one, done))  # noqa: B023
    while persistently(store.audit.settle):
        pass
    proxy.fault = lambda _name: None

    assert proxy.failed > _DELIVERIES / 3
    assert set(recorded.values()) == {1}
    assert store.deliveries.counts() == {("pacs", State.SUCCEEDED): _DELIVERIES}
    for number in range(1, _DELIVERIES + 1):
        assert store.deliveries.get(f"{number}").attempt_count == 1
    entries, total = store.audit.find(AuditFilter(event="delivery.succeeded"), 1000)
    assert total == _DELIVERIES
    assert {entry.object.id for entry in entries if entry.object} == {
        f"{number}" for number in range(1, _DELIVERIES + 1)
    }
    assert (
        persistently(lambda: store.deliveries.lease("pacs", Lease("node", after(9e6)), after(8e6), 4)) == []
    )
    assert store.intake.growing_due(NOON, 10) == []


def test_it_is_said_in_words(store: Store, proxy: MongoProxy) -> None:
    proxy.fault = lambda name: NOT_PRIMARY if name in _WRITES else None
    with pytest.raises(StoreUnavailable, match="it has no primary at the moment"):
        store.check()
    proxy.fault = lambda _name: None
    persistently(store.check)
