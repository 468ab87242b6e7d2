# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and servers of the tests that break things."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.mongodb import MongoServer
from servers.orthanc import OrthancServer


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=6, help="how often a campaign kills (on each store)")
    parser.addoption("--stops", type=int, default=3, help="how often a campaign asks to end (on each store)")
    parser.addoption("--away", type=float, default=0, help="seconds for which the store is away at least")
    parser.addoption("--studies", type=int, default=5, help="studies of a campaign (on each store)")
    parser.addoption("--seed", type=int, default=None, help="repeats the choices of an earlier campaign")


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """What decides when to kill whom; its seed is printed where the test fails."""
    seed = request.config.getoption("--seed")
    if seed is None:
        seed = random.SystemRandom().randrange(10**6)
    print(f"repeat with --seed {seed}")
    return random.Random(seed)


@pytest.fixture(params=["sqlite", "mongodb"])
def mongodb(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MongoServer | None]:
    """A MongoDB server that may be killed; None where the store is SQLite."""
    if request.param == "sqlite":
        yield None
        return
    with MongoServer.to_be_killed(tmp_path / "mongodb") as server:
        yield server


@pytest.fixture
def orthanc(mongodb: MongoServer | None, tmp_path: Path) -> Iterator[OrthancServer]:
    """A running Orthanc with the router on that store."""
    server = OrthancServer(tmp_path / "orthanc", mongo_uri=mongodb.uri if mongodb else "")
    server.start()
    yield server
    server.kill()
    assert "Traceback" not in server.log(), server.log()
