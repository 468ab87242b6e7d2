# SPDX-License-Identifier: GPL-3.0-or-later
"""Being told of what another node changes."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from router.nodes import Watching
from router.store import Store, StoreUnavailable, Watch, open_store
from servers.mongodb import MongoServer
from servers.waiting import wait_until
from unit.store.stored_samples import add, delivery, destination, policy


@pytest.fixture
def stores(mongodb: MongoServer, mongo_database: str, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two nodes of a group."""
    with ExitStack() as opened:
        stores = [open_store(mongodb.uri, mongo_database, tmp_path, name) for name in ("one", "two")]
        for store in stores:
            opened.callback(store.close)
        yield stores[0], stores[1]


def watch_of(store: Store) -> Watch:
    watch = store.watch()
    if watch is None:
        pytest.skip("the given server has no change streams")
    return watch


def test_policies_and_destinations_are_told_and_nothing_else(stores: tuple[Store, Store]) -> None:
    one, other = stores
    watch = watch_of(one)
    assert not watch.wait()
    add(other, delivery())
    assert not watch.wait()
    other.policies.create(policy())
    wait_until(watch.wait, 15, "a policy is not told")
    other.destinations.create(destination())
    wait_until(watch.wait, 15, "a destination is not told")
    watch.close()


def test_who_watches_is_called(stores: tuple[Store, Store]) -> None:
    one, other = stores
    calls: list[int] = []
    watching = Watching(one, lambda: calls.append(1))
    watching.start()
    wait_until(lambda: len(calls) == 1, 15, "nothing is said of what was changed before")
    first = policy()
    other.policies.create(first)
    wait_until(lambda: len(calls) > 1, 15, "the change is not told")
    seen = len(calls)
    other.policies.delete(first.id)
    wait_until(lambda: len(calls) > seen, 15, "the next change is not told")
    watching.stop()


def test_where_the_store_cannot_tell_nobody_waits_for_it(
    standalone_mongodb: MongoServer, tmp_path: Path
) -> None:
    for store in (open_store(standalone_mongodb.uri, "router", tmp_path), open_store(None, "", tmp_path)):
        assert store.watch() is None
        watching = Watching(store, lambda: None)
        watching.start()
        watching.stop()
        store.close()


def test_it_watches_again_once_the_store_is_back(tmp_path: Path) -> None:
    with MongoServer.to_be_killed(tmp_path / "mongodb") as server:
        store = open_store(f"{server.uri}&serverSelectionTimeoutMS=500", "router", tmp_path)
        calls: list[int] = []
        watching = Watching(store, lambda: calls.append(1))
        watching.start()
        wait_until(lambda: len(calls) == 1, 15)
        server.kill()
        with pytest.raises(StoreUnavailable):
            store.check()
        server.start()
        wait_until(lambda: _created(store), 15, "the store is not back")
        wait_until(lambda: len(calls) > 1, 15, "it does not watch again")
        watching.stop()
        store.close()


def _created(store: Store) -> bool:
    try:
        store.policies.create(policy(f"Policy {len(store.policies.all())}"))
    except StoreUnavailable:
        return False
    return True
