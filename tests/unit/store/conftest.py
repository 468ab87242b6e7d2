# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test that asks for `store` runs on each implementation, beginning with an empty one."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pymongo import MongoClient

from router.store import Store, open_store
from servers.mongodb import MongoServer

#: Opens the test's store once more; what it opened is closed after the test.
OpenStore = Callable[[], Store]


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """A MongoDB server that all tests share."""
    with MongoServer(tmp_path_factory.mktemp("mongodb")) as server:
        yield server


@pytest.fixture(scope="session")
def standalone_mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """A MongoDB server outside any replica set: without transactions and retryable writes."""
    with MongoServer(tmp_path_factory.mktemp("standalone"), standalone=True) as server:
        yield server


@pytest.fixture
def mongo_database(mongodb: MongoServer) -> Iterator[str]:
    """The name of a database for one test."""
    with _database(mongodb) as name:
        yield name


@pytest.fixture
def other_mongo_database(mongodb: MongoServer) -> Iterator[str]:
    """And of another one."""
    with _database(mongodb) as name:
        yield name


@contextmanager
def _database(server: MongoServer) -> Iterator[str]:
    name = f"router_{uuid.uuid4().hex}"
    yield name
    with MongoClient[dict[str, object]](server.uri) as client:
        client.drop_database(name)


@pytest.fixture(params=["sqlite", "mongodb"])
def open_again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens one and the same store as often as it is called."""
    mongo_uri, database = None, ""
    if request.param == "mongodb":
        mongo_uri = request.getfixturevalue("mongodb").uri
        database = request.getfixturevalue("mongo_database")
    with ExitStack() as opened:

        def open_it() -> Store:
            store = open_store(mongo_uri, database, tmp_path)
            opened.callback(store.close)
            return store

        yield open_it


@pytest.fixture
def store(open_again: OpenStore) -> Store:
    """An empty store."""
    return open_again()
