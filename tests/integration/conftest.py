# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Orthanc with the real plugin, once on each store, and what sends to it and receives from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from samples import patients, unique
from servers.mongodb import MongoServer
from servers.node import Node
from servers.orthanc import PASSWORD, OrthancServer
from servers.router import Json, RouterClient
from servers.secrecy import lines_with, passwords_in
from servers.storescp import StoreScp


@dataclass(frozen=True)
class StoreSettings:
    """Which store an Orthanc's router is to use."""

    name: str
    mongo_uri: str = ""
    mongo_database: str = "orthanc_router"


def check_log(server: OrthancServer) -> None:
    """That nothing unforeseen is in a log, and nothing that is nobody's business."""
    log = server.log()
    assert "Traceback" not in log, log
    told = lines_with(log, {*patients(), PASSWORD, *passwords_in(server.configuration)})
    assert told == [], told


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """The MongoDB server that all tests share; each Orthanc has a database of its own in it."""
    with MongoServer(tmp_path_factory.mktemp("mongodb")) as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "mongodb"])
def store(request: pytest.FixtureRequest) -> StoreSettings:
    """Every test that uses it, directly or not, runs once on each store, beginning with an empty one."""
    if request.param == "sqlite":
        return StoreSettings("sqlite")
    server: MongoServer = request.getfixturevalue("mongodb")
    return StoreSettings("mongodb", server.uri, unique("db").lower())


@pytest.fixture(scope="module")
def orthanc(store: StoreSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc with the router, shared by the tests of a module: use patients and AE titles of your own."""
    server = OrthancServer(
        tmp_path_factory.mktemp("orthanc"), mongo_uri=store.mongo_uri, mongo_database=store.mongo_database
    )
    with server:
        yield server
    check_log(server)


@pytest.fixture
def own_orthanc(store: StoreSettings, tmp_path: Path) -> Iterator[OrthancServer]:
    """An Orthanc with the router for one test alone; not started yet."""
    server = OrthancServer(
        tmp_path / "orthanc", mongo_uri=store.mongo_uri, mongo_database=unique("db").lower()
    )
    yield server
    server.kill()
    check_log(server)


@pytest.fixture(scope="module")
def router(orthanc: OrthancServer) -> RouterClient:
    """The router's API on the shared Orthanc."""
    return RouterClient(orthanc.rest)


@pytest.fixture
def node() -> Iterator[Node]:
    """A receiving node in this process."""
    with Node(unique("NODE")) as receiver:
        yield receiver


@pytest.fixture
def storescp(tmp_path: Path) -> Iterator[StoreScp]:
    """A receiving node: dcmtk's."""
    with StoreScp(tmp_path / "storescp", unique("SCP")) as receiver:
        yield receiver


@pytest.fixture
def destination(router: RouterClient, node: Node) -> Json:
    """A destination of the shared Orthanc that leads to `node`."""
    return router.destination(unique("Node "), node)
