# SPDX-License-Identifier: GPL-3.0-or-later
"""Three nodes, each with its own archive, on one MongoDB; they die, freeze and lose their network.

`--kills` says how often. All receive all the time. What was answered to the senders with success is compared
with what has arrived and with the ledger of deliveries. Each node is in a network of its own, so that it can
be cut off from MongoDB as by a broken switch.
"""

import random
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults.comparison import assert_each_delivered_once_by_all
from faults.member import Member
from samples import file_bytes, make_series, unique
from servers.mongodb import MongoServer
from servers.network import MACHINE, STORE, OwnNetwork
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient
from servers.storescp import StoreScp
from servers.tcp_proxy import TcpProxy
from servers.waiting import wait_until

ALL = patient("SOMEONE")
EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.5}
#: Longer than a node may be silent before it is taken for gone.
SILENCE_SECONDS = 12.0
#: The driver would go straight to the address that a member of a replica set tells.
_WITHOUT_DETOUR = "&directConnection=true&socketTimeoutMS=4000&connectTimeoutMS=2000"


@pytest.fixture
def mongodb(tmp_path: Path) -> Iterator[MongoServer]:
    """A MongoDB server for one test."""
    with MongoServer.to_be_killed(tmp_path / "mongodb") as server:
        yield server


@pytest.fixture
def members(mongodb: MongoServer, tmp_path: Path) -> Iterator[list[Member]]:
    """Three nodes."""
    with ExitStack() as opened:
        networks = [opened.enter_context(OwnNetwork(number)) for number in range(3)]
        way = opened.enter_context(TcpProxy(mongodb.port, host=STORE))
        uri = mongodb.uri.replace(f"127.0.0.1:{mongodb.port}/", f"{STORE}:{way.port}/") + _WITHOUT_DETOUR
        members = []
        for name, network in zip(("ONE", "TWO", "THREE"), networks, strict=True):
            orthanc = OrthancServer(tmp_path / name, aet=name, mongo_uri=uri, network=network)
            opened.callback(orthanc.kill)
            members.append(Member(orthanc.start(), network))
        yield members
    for member in members:
        assert "Traceback" not in member.orthanc.log(), member.orthanc.log()


def to(node: StoreScp) -> Json:
    """The settings of a destination that leads from each of the networks to a node."""
    return {"host": MACHINE, "port": node.port}


def problems(router: RouterClient) -> str:
    """What health says is wrong."""
    return str(router.health()["problems"])


def test_nothing_is_lost_and_nothing_is_planned_twice(
    members: list[Member], tmp_path: Path, chance: random.Random, pytestconfig: pytest.Config
) -> None:
    router = members[0].router
    with StoreScp(tmp_path / "first", "FIRST") as first, StoreScp(tmp_path / "second", "SECOND") as second:
        at_once = router.policy(
            "At once", ALL, router.destination("First", first, settings=to(first), retry=EAGER)
        )
        series = router.policy(
            "Series",
            ALL,
            router.destination("Second", second, settings=to(second), retry=EAGER, concurrency=2),
            trigger={"level": "series", "quiet_seconds": 1},
        )
        with ExitStack() as sending:
            loads = [
                sending.enter_context(member.load(tmp_path / f"load-{number}"))
                for number, member in enumerate(members)
            ]
            for number in range(pytestconfig.getoption("--kills")):
                victim = chance.choice(members)
                fault = (victim.be_cut_off, victim.die, victim.freeze)[number % 3]
                fault(chance.choice([1.0, SILENCE_SECONDS]))
                victim.orthanc.wait_until_ready(wait_for_health=False)
                # The others were not held up by it.
                for load in loads:
                    load.wait_for_more(1)
        orthancs = [member.orthanc for member in members]
        assert_each_delivered_once_by_all(orthancs, loads, [(at_once, first), (series, second)])
        nodes = router.get("/nodes")["items"]
        assert [node["reads_changes"] for node in nodes] == [True] * 3
        assert len({node["index"] for node in nodes}) == 3


def test_the_work_of_a_node_that_has_died_waits_for_it_and_is_seen_to_wait(
    members: list[Member], tmp_path: Path
) -> None:
    one_router, two = members[0].router, members[1]
    name = unique("PATIENT")
    node = StoreScp(tmp_path / "node", "NODE")
    policy = one_router.policy(
        "All", patient(name), one_router.destination("Node", node, settings=to(node), retry=EAGER)
    )
    images = make_series(5, PatientID=name)
    for member in members[:2]:
        for image in images:
            member.orthanc.rest.upload(file_bytes(image))
    one_router.wait_for_deliveries(
        lambda found: sum(delivery["instances"] for delivery in found) == 10, policy=policy["id"]
    )
    two.orthanc.kill()
    with node:
        wait_until(lambda: "'Test TWO' has not been heard of" in problems(one_router), 30, one_router.health)
        assert re.search(r"'Test TWO' .*; [1-5] deliveries wait for it", problems(one_router))
        [gone] = [node for node in one_router.get("/nodes")["items"] if node["state"] == "gone"]
        assert gone["waiting"] > 0
        # What the living one has to deliver arrives meanwhile, and of the dead one's nothing is touched.
        [here] = [node["index"] for node in one_router.get("/nodes")["items"] if node["this"]]
        one_router.wait_until_delivered(5, policy=policy["id"], index=here)
        elsewhere = [one for one in one_router.deliveries(policy=policy["id"]) if one["index"] != here]
        assert sum(delivery["remaining"] for delivery in elsewhere) == 5
        two.orthanc.process.start()
        one_router.wait_until_delivered(10, timeout=60, policy=policy["id"])
        wait_until(lambda: one_router.health()["status"] == "ok", 15, one_router.health)
