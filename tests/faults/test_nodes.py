# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes on one index (PostgreSQL) and one MongoDB, of which one or the other dies, freezes or is cut off.

`--kills` says how often. Both receive all the time. What was answered to a sender with success is compared
with what has arrived and with the ledger of deliveries.
"""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults.comparison import assert_each_delivered_once
from faults.member import Member
from servers.mongodb import MongoServer
from servers.orthanc import PLUGINS, OrthancServer
from servers.postgresql import PostgresqlServer
from servers.router import patient
from servers.storescp import StoreScp
from servers.tcp_proxy import TcpProxy

ALL = patient("SOMEONE")
EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.5}
#: Longer than a node keeps the intake when it falls silent.
SILENCE_SECONDS = 9.0
#: The driver would go straight to the address that a member of a replica set tells.
_WITHOUT_DETOUR = "&directConnection=true&socketTimeoutMS=4000"


@pytest.fixture
def mongodb(tmp_path: Path) -> Iterator[MongoServer]:
    """A MongoDB server for one test."""
    with MongoServer.to_be_killed(tmp_path / "mongodb") as server:
        yield server


@pytest.fixture
def members(mongodb: MongoServer, tmp_path: Path) -> Iterator[list[Member]]:
    """Two nodes that share an index and the folder of images."""
    storage = tmp_path / "images"
    storage.mkdir()
    with ExitStack() as opened:
        postgresql = opened.enter_context(PostgresqlServer())
        members = []
        for name in ("ONE", "TWO"):
            way = opened.enter_context(TcpProxy(mongodb.port))
            orthanc = OrthancServer(
                tmp_path / name,
                aet=name,
                mongo_uri=mongodb.uri.replace(f":{mongodb.port}/", f":{way.port}/") + _WITHOUT_DETOUR,
                options={**postgresql.index_options(), "StorageDirectory": str(storage)},
            )
            orthanc.configuration["Plugins"].append(str(PLUGINS / "libOrthancPostgreSQLIndex.so"))
            opened.callback(orthanc.kill)
            members.append(Member(orthanc.start(), way))
        yield members
    for member in members:
        assert "Traceback" not in member.orthanc.log(), member.orthanc.log()


def test_nothing_is_lost_and_nothing_is_planned_twice(
    members: list[Member], tmp_path: Path, chance: random.Random, pytestconfig: pytest.Config
) -> None:
    router = members[0].router
    with StoreScp(tmp_path / "first", "FIRST") as first, StoreScp(tmp_path / "second", "SECOND") as second:
        at_once = router.policy("At once", ALL, router.destination("First", first, retry=EAGER))
        series = router.policy(
            "Series",
            ALL,
            router.destination("Second", second, retry=EAGER, concurrency=2),
            trigger={"level": "series", "quiet_seconds": 1},
        )
        with ExitStack() as sending:
            loads = [
                sending.enter_context(member.load(tmp_path / f"load-{n}")) for n, member in enumerate(members)
            ]
            for number in range(pytestconfig.getoption("--kills")):
                victim = chance.choice(members)
                fault = (victim.die, victim.freeze, victim.be_cut_off)[number % 3]
                fault(chance.choice([1.0, SILENCE_SECONDS]))
                victim.orthanc.wait_until_ready(wait_for_health=False)
        for load in loads:
            # Each node sees the same archive, and each load is a part of it.
            assert_each_delivered_once(members[0].orthanc, router, load, [(at_once, first), (series, second)])
        assert len([node for node in router.get("/nodes")["items"] if node["reads_changes"]]) == 1
