# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate of a node that shares its store with nobody is the destination's, not a revision's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from router.dispatch.breaker import BreakerState
from router.dispatch.gates import Gates
from unit.store.stored_samples import NOON, destination

SECOND = timedelta(seconds=1)


def entered(gates: Gates, concurrency: int, count: int) -> int:
    """How many of so many workers of the destination's next revision may begin; all stay inside."""
    gate = gates.of(destination().model_copy(update={"id": "pacs", "concurrency": concurrency}))
    # Threads that live at the same time: a worker is known by its thread.
    with ThreadPoolExecutor(count) as threads:
        return sum(threads.map(lambda _: _enter(gate), range(count)))


def _enter(gate: object) -> bool:
    return gate.enter(NOON)  # type: ignore[attr-defined,no-any-return]


def test_what_an_earlier_revision_has_under_way_counts() -> None:
    gates = Gates(None, "node-1", lambda: NOON)
    first = gates.of(destination().model_copy(update={"id": "pacs", "concurrency": 1}))
    assert first.enter(NOON)
    assert entered(gates, 1, 2) == 0
    first.leave()
    assert first.enter(NOON)


def test_a_revision_may_allow_more_or_less() -> None:
    gates = Gates(None, "node-1", lambda: NOON)
    first = gates.of(destination().model_copy(update={"id": "pacs", "concurrency": 1}))
    assert first.enter(NOON)
    second = gates.of(destination().model_copy(update={"id": "pacs", "concurrency": 2}))
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(second.enter, NOON).result()
        assert second.wait(NOON) > timedelta(milliseconds=100)
        gates.of(destination().model_copy(update={"id": "pacs", "concurrency": 1}))
        threads.submit(second.leave).result()
        assert not threads.submit(second.enter, NOON).result()


def test_a_change_lets_one_try_at_once() -> None:
    gates = Gates(None, "node-1", lambda: NOON)
    first = gates.of(destination().model_copy(update={"id": "pacs"}))
    assert first.enter(NOON)
    first.failed(NOON, 60 * SECOND)
    assert (first.state, first.enter(NOON + SECOND)) == (BreakerState.OPEN, False)
    assert gates.of(destination().model_copy(update={"id": "pacs"})).enter(NOON + SECOND)


def test_destinations_have_nothing_to_do_with_each_other() -> None:
    gates = Gates(None, "node-1", lambda: NOON)
    assert gates.of(destination().model_copy(update={"id": "pacs"})).enter(NOON)
    assert gates.of(destination().model_copy(update={"id": "archive"})).enter(NOON)
