# SPDX-License-Identifier: GPL-3.0-or-later
"""Counting deliveries in MongoDB, where a count takes long and is kept for a while."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pymongo import MongoClient

from router.documents.delivery import State
from router.store import Outcome, Store, open_store
from router.store.mongodb import counting
from servers.mongodb import MongoServer
from unit.store.stored_samples import add, attempt, brought_to, delivery, lease_one, record

WAITING, SUCCEEDED = ("pacs", State.WAITING), ("pacs", State.SUCCEEDED)


@pytest.fixture
def stores(
    mongodb: MongoServer, mongo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Store]]:
    """Two nodes of one group, for which every count takes long, and is kept for longer than the test."""
    monkeypatch.setattr(counting, "_QUICK_SECONDS", 0)
    monkeypatch.setattr(counting, "_REST", 1e7)
    with ExitStack() as opened:
        stores = [open_store(mongodb.uri, mongo_database, tmp_path, name) for name in ("one", "two")]
        for store in stores:
            opened.callback(store.close)
        yield stores


def succeed(store: Store) -> None:
    add(store, delivery())
    assert record(store, lease_one(store), Outcome(State.SUCCEEDED, (), attempt()))


def test_a_quick_count_is_never_old(
    mongodb: MongoServer, mongo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_QUICK_SECONDS", 60)
    store = open_store(mongodb.uri, mongo_database, tmp_path)
    for number in range(1, 4):
        succeed(store)
        counts = store.deliveries.counts(at_leisure=True)
        assert (counts, counts.succeeded_at) == ({SUCCEEDED: number}, None)
    store.close()


def test_a_slow_one_is_kept_for_all_nodes_by_who_is_at_leisure_and_its_age_told(stores: list[Store]) -> None:
    one, other = stores
    for number in (1, 2):
        succeed(one)
        assert one.deliveries.counts() == {SUCCEEDED: number}
    assert one.deliveries.counts(at_leisure=True) == {SUCCEEDED: 2}
    succeed(one)
    add(one, delivery())
    for store in stores:
        counts = store.deliveries.counts(at_leisure=True)
        assert counts == {SUCCEEDED: 2, WAITING: 1}
        assert counts.succeeded_at is not None
        assert 0 <= (other.now() - counts.succeeded_at).total_seconds() < 60


def test_an_old_one_is_made_anew_by_who_is_at_leisure(
    stores: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = stores
    succeed(one)
    one.deliveries.counts(at_leisure=True)
    succeed(other)
    monkeypatch.setattr(counting, "_REST", 0)
    assert one.deliveries.counts() == {SUCCEEDED: 1}
    assert one.deliveries.counts(at_leisure=True) == {SUCCEEDED: 2}
    assert other.deliveries.counts() == {SUCCEEDED: 2}
    monkeypatch.setattr(counting, "_QUICK_SECONDS", 60)
    assert other.deliveries.counts(at_leisure=True).succeeded_at is None
    succeed(one)
    assert other.deliveries.counts() == {SUCCEEDED: 3}


def test_one_node_at_a_time_counts_and_one_that_has_died_of_it_is_not_waited_for(
    stores: list[Store], mongodb: MongoServer, mongo_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = stores
    succeed(one)
    one.deliveries.counts(at_leisure=True)
    succeed(one)
    monkeypatch.setattr(counting, "_REST", 0)
    assert other.nodes.claim("counting", "somebody", one.now().replace(year=2999), one.now())
    assert one.deliveries.counts(at_leisure=True) == {SUCCEEDED: 1}
    with MongoClient[dict[str, object]](mongodb.uri) as client:
        client[mongo_database]["duties"].update_one({"_id": "counting"}, {"$set": {"until": one.now()}})
    assert one.deliveries.counts(at_leisure=True) == {SUCCEEDED: 2}


def test_all_states_are_counted(stores: list[Store]) -> None:
    for state in State:
        brought_to(stores[0], state)
    assert stores[0].deliveries.counts() == {("pacs", state): 1 for state in State}
