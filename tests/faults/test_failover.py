# SPDX-License-Identifier: GPL-3.0-or-later
"""A primary of MongoDB that steps down or is slow, under load: nothing is lost, nothing planned twice.

`--kills` says how often. The faults are scripted (`MongoProxy`): the test server has nobody to step down for.
"""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.comparison import assert_each_delivered_once
from faults.load import Load
from servers.mongodb import MongoServer
from servers.mongodb_proxy import INTERRUPTED, NOT_PRIMARY, Failure, MongoProxy
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.storescp import StoreScp
from servers.waiting import wait_until

ALL = patient("SOMEONE")
EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.5}


@pytest.fixture
def mongodb(tmp_path: Path) -> Iterator[MongoServer]:
    """A MongoDB server for one test."""
    with MongoServer.to_be_killed(tmp_path / "mongodb") as server:
        yield server


@pytest.fixture
def way(mongodb: MongoServer) -> Iterator[MongoProxy]:
    """The way to it, by which it fails."""
    with MongoProxy(mongodb.port) as proxy:
        yield proxy


@pytest.fixture
def orthanc(mongodb: MongoServer, way: MongoProxy, tmp_path: Path) -> Iterator[OrthancServer]:
    """An Orthanc that reaches MongoDB by that way."""
    # A server that has really stepped down tells the driver at once; here the driver has to ask how it is.
    options = "&directConnection=true&heartbeatFrequencyMS=500"
    uri = mongodb.uri.replace(f":{mongodb.port}/", f":{way.port}/") + options
    server = OrthancServer(tmp_path / "orthanc", mongo_uri=uri).start()
    yield server
    server.kill()
    assert "Traceback" not in server.log(), server.log()


class NoPrimary:
    """For a while nobody is primary: all that comes is refused, what has begun may have been done."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def __call__(self, _name: str) -> Failure:
        return self._chance.choice([NOT_PRIMARY, NOT_PRIMARY, INTERRUPTED])


@pytest.mark.parametrize("fault", ["it steps down", "it is slow"])
def test_nothing_is_lost_and_nothing_is_planned_twice(
    orthanc: OrthancServer,
    way: MongoProxy,
    tmp_path: Path,
    chance: random.Random,
    pytestconfig: pytest.Config,
    fault: str,
) -> None:
    router = RouterClient(orthanc.rest)
    with StoreScp(tmp_path / "first", "FIRST") as first, StoreScp(tmp_path / "second", "SECOND") as second:
        at_once = router.policy("At once", ALL, router.destination("First", first, retry=EAGER))
        series = router.policy(
            "Series",
            ALL,
            router.destination("Second", second, retry=EAGER),
            trigger={"level": "series", "quiet_seconds": 1},
        )
        with Load(orthanc.dicom_port, tmp_path / "load", "SOMEONE") as load:
            for _ in range(pytestconfig.getoption("--kills")):
                load.wait_for_more(chance.randint(1, 60))
                if fault == "it is slow":
                    way.delay = 0.5
                else:
                    way.fault = NoPrimary(chance)
                # Here time itself is what is wanted: how long an election takes.
                threading.Event().wait(chance.uniform(0.2, 5))
                way.delay = 0
                way.fault = lambda _name: None
        assert_each_delivered_once(orthanc, router, load, [(at_once, first), (series, second)])
        assert bool(way.failed) == (fault == "it steps down")
        wait_until(lambda: router.health()["status"] == "ok", 15, router.health)
