# SPDX-License-Identifier: GPL-3.0-or-later
"""What the MongoDB store says when its server cannot be used, and that it works again by itself."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest
from pymongo import MongoClient

from router.documents.delivery import State
from router.store import (
    Cursor,
    DeliveryFilter,
    Outcome,
    Plan,
    PlanConflict,
    Store,
    StoreUnavailable,
    open_store,
)
from router.store.mongodb.schema import VERSION
from servers.mongodb import MongoServer
from servers.process import free_port
from servers.tcp_proxy import TcpProxy
from servers.waiting import wait_until
from unit.store.stored_samples import NOON, add, attempt, delivery, policy, until


def test_a_server_that_is_away_is_said_within_seconds(tmp_path: Path) -> None:
    port = free_port()
    began = time.monotonic()
    with pytest.raises(
        StoreUnavailable, match=rf"127\.0\.0\.1:{port}, database x\).*does not answer.*refused"
    ):
        open_store(f"mongodb://127.0.0.1:{port}/", "x", tmp_path)
    assert time.monotonic() - began < 6


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("mongodb://router:secret/word@127.0.0.1:1/", "percent-encoded"),
        ("mongodb://router:secretword@127.0.0.1:port/", "MongoUri"),
        ("http://router:secretword@127.0.0.1/", "MongoUri"),
        ("nonsense secretword", "MongoUri"),
        ("mongodb://router:secretword@127.0.0.1:1/?w=nobody:x&tls=maybe", "MongoUri"),
        ("mongodb://router:secretword@127.0.0.1:1/?serverSelectionTimeoutMS=100", "does not answer"),
    ],
)
def test_a_connection_string_that_is_wrong_is_said_without_the_password(
    tmp_path: Path, uri: str, words: str
) -> None:
    with pytest.raises(StoreUnavailable, match=words) as refused:
        open_store(uri, "x", tmp_path)
    assert "secret" not in str(refused.value)


def test_a_wrong_password(mongodb: MongoServer, mongo_database: str, tmp_path: Path) -> None:
    if mongodb.is_given:
        pytest.skip("the given server's user is not ours to know")
    uri = f"mongodb://router:wrong@127.0.0.1:{mongodb.port}/?authSource=admin"
    with pytest.raises(StoreUnavailable, match="refuses the user name or the password"):
        open_store(uri, mongo_database, tmp_path)


def test_a_database_of_a_newer_router_is_refused(
    mongodb: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    open_store(mongodb.uri, mongo_database, tmp_path).close()
    with MongoClient[dict[str, object]](mongodb.uri) as client:
        client[mongo_database]["about"].update_one({"_id": "schema"}, {"$set": {"version": VERSION + 1}})
    with pytest.raises(
        StoreUnavailable, match=r"newer version of the router .*install that version here too"
    ):
        open_store(mongodb.uri, mongo_database, tmp_path)


def test_it_is_described_for_people_without_credentials(
    mongodb: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    store = open_store(mongodb.uri, mongo_database, tmp_path)
    described = store.describe()
    store.close()
    assert described.startswith("MongoDB at ")
    assert mongo_database in described
    assert "@" not in described


def test_a_closed_store_is_not_available(mongodb: MongoServer, mongo_database: str, tmp_path: Path) -> None:
    store = open_store(mongodb.uri, mongo_database, tmp_path)
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.check()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[MongoServer]:
    """A server that the test may stop, and whose clients give up early."""
    with MongoServer(tmp_path) as server:
        yield server


@pytest.fixture
def impatient(own_server: MongoServer, tmp_path: Path) -> Iterator[Store]:
    """A store whose client gives up after half a second."""
    uri = f"{own_server.uri}&serverSelectionTimeoutMS=500&socketTimeoutMS=500"
    store = open_store(uri, "router", tmp_path)
    yield store
    store.close()


def can_write(store: Store) -> bool:
    """Whether it has noticed that its server is back."""
    try:
        store.check()
    except StoreUnavailable:
        return False
    return True


def unavailable(store: Store) -> None:
    """Every kind of call says so."""
    for ask in (
        store.check,
        store.policies.all,
        lambda: store.policies.create(policy()),
        store.intake.cursor,
        store.deliveries.counts,
        lambda: store.deliveries.lease("pacs", until(60), NOON, 1),
    ):
        with pytest.raises(StoreUnavailable, match=r"MongoDB \(127\.0\.0\.1:.*cannot be used now"):
            ask()


def test_a_server_that_dies_and_comes_back(own_server: MongoServer, impatient: Store) -> None:
    add(impatient, delivery(identifier="d"))
    own_server.kill()
    unavailable(impatient)
    own_server.start()
    wait_until(lambda: can_write(impatient))
    assert impatient.deliveries.get("d").id == "d"
    add(impatient, delivery())


def test_a_server_that_hangs_and_goes_on(own_server: MongoServer, impatient: Store) -> None:
    add(impatient, delivery(identifier="d"))
    own_server.process.signal(signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable, match="cannot be used now"):
            impatient.check()
    finally:
        own_server.process.signal(signal.SIGCONT)
    assert impatient.deliveries.get("d").id == "d"
    impatient.check()


def test_a_server_outside_any_replica_set(standalone_mongodb: MongoServer, tmp_path: Path) -> None:
    store = open_store(standalone_mongodb.uri, "router", tmp_path)
    first = policy()
    store.policies.create(first)
    store.policies.replace(first.model_copy(update={"revision": 2}))
    store.policies.delete(first.id, 2)
    assert [each.revision for each in store.policies.revisions(first.id)] == [2, 1]
    add(store, delivery(identifier="a"), delivery(identifier="b"))
    (leased,) = store.deliveries.lease("pacs", until(60), NOON, 1)
    assert store.deliveries.record(leased, Outcome(State.SUCCEEDED, (), attempt()))
    assert store.deliveries.cancel(DeliveryFilter(), NOON) == 1
    assert store.deliveries.counts() == {("pacs", State.SUCCEEDED): 1, ("pacs", State.CANCELLED): 1}
    store.close()


@pytest.fixture
def way(mongodb: MongoServer) -> Iterator[TcpProxy]:
    """A way to the server that can be blocked and cut."""
    if mongodb.is_given:
        pytest.skip("the given server's address is not ours to change")
    with TcpProxy(mongodb.port) as proxy:
        yield proxy


def uri_by(way: TcpProxy, mongodb: MongoServer, options: str) -> str:
    # The driver would go straight to the address that a member of a replica set tells.
    return f"{mongodb.uri.replace(f':{mongodb.port}/', f':{way.port}/')}&directConnection=true&{options}"


def test_connections_that_are_all_in_use(
    mongodb: MongoServer, mongo_database: str, way: TcpProxy, tmp_path: Path
) -> None:
    store = open_store(uri_by(way, mongodb, "maxPoolSize=1&waitQueueTimeoutMS=200"), mongo_database, tmp_path)
    way.hold()
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(store.check) for _ in range(2)]
        refused = next(as_completed(asked, 10))
        way.let_go()
        with pytest.raises(StoreUnavailable, match="all of its connections are in use"):
            refused.result()
        for answered in asked:
            assert answered is refused or answered.result() is None
    store.check()
    store.close()


def test_connections_that_are_cut_all_the_time_lose_and_double_nothing(
    mongodb: MongoServer, mongo_database: str, way: TcpProxy, tmp_path: Path
) -> None:
    """As when the primary steps down: what was asked may have been done, or not."""
    store = open_store(uri_by(way, mongodb, "retryWrites=false"), mongo_database, tmp_path)
    store.intake.begin(Cursor(0, 1))
    way.cut_after = 6_000
    refused = 0
    while True:
        try:
            cursor = store.intake.cursor()
            assert cursor is not None
            if cursor.sequence == 30:
                break
            after = Cursor(cursor.sequence + 1, cursor.version + 1)
            new = delivery(identifier=f"{after.sequence}", lane="pacs")
            store.intake.commit(Plan(cursor, after, deliveries=[new]))
        except (StoreUnavailable, PlanConflict):
            refused += 1
    way.cut_after = None
    assert refused > 0
    assert way.cuts > 0
    assert store.deliveries.counts() == {("pacs", State.WAITING): 30}
    store.close()
