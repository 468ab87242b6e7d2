# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill -9 at random moments under load: nothing is lost, and nothing is planned twice.

`--kills` says how often (hundreds take a while: about 4 seconds each). What was answered to the sender
with success is compared with what has arrived and with the ledger of deliveries.
"""

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.comparison import assert_each_delivered_once
from faults.load import Load
from servers.mongodb import MongoServer
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.storescp import StoreScp

ALL = patient("SOMEONE")
EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.5}


def test_nothing_is_lost_and_nothing_is_planned_twice(
    orthanc: OrthancServer,
    mongodb: MongoServer | None,
    tmp_path: Path,
    chance: random.Random,
    pytestconfig: pytest.Config,
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
                victims = chance.choice(_choices(orthanc, mongodb))
                for kill, _ in victims:
                    kill()
                for _, start in victims:
                    start()
                if chance.random() < 0.2:
                    _kill_while_it_starts(orthanc, chance)
                orthanc.wait_until_ready(wait_for_health=False)
            load.wait_for_more(1)
        assert_each_delivered_once(orthanc, router, load, [(at_once, first), (series, second)])


def _choices(
    orthanc: OrthancServer, mongodb: MongoServer | None
) -> list[list[tuple[Callable[[], object], Callable[[], object]]]]:
    """Who can be killed together: for each, how, and how it is started again."""
    the_orthanc = (orthanc.kill, orthanc.process.start)
    if mongodb is None:
        return [[the_orthanc]]
    the_store = (mongodb.kill, mongodb.start)
    return [[the_orthanc], [the_store], [the_orthanc, the_store], [the_store, the_orthanc]]


def _kill_while_it_starts(orthanc: OrthancServer, chance: random.Random) -> None:
    # Here time itself is what is wanted: any moment of the start.
    threading.Event().wait(chance.uniform(0, 2.5))
    orthanc.kill()
    orthanc.process.start()
