# SPDX-License-Identifier: GPL-3.0-or-later
"""The store goes away and comes back: Orthanc keeps receiving, health says so, nothing is lost."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples import make_series, uids
from servers.mongodb import MongoServer
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until


@pytest.fixture
def own_mongodb(tmp_path: Path) -> Iterator[MongoServer]:
    """A MongoDB server that this test may kill."""
    with MongoServer.to_be_killed(tmp_path / "mongodb") as server:
        yield server


@pytest.fixture
def orthanc(own_mongodb: MongoServer, tmp_path: Path) -> Iterator[OrthancServer]:
    """An Orthanc on that server; not started yet."""
    server = OrthancServer(tmp_path / "orthanc", mongo_uri=own_mongodb.uri)
    yield server
    server.kill()
    assert "Traceback" not in server.log(), server.log()


def wait_until_degraded(router: RouterClient) -> Json:
    """Wait until health tells that the store is away; the health."""
    return (
        wait_until(
            lambda: (
                health
                if (health := router.health())["status"] == "degraded"
                and any(problem["code"] == "store" for problem in health["problems"])
                else None
            ),
            30,
            lambda: router.health(),
        )
        or {}
    )


def wait_until_ok(router: RouterClient) -> None:
    wait_until(lambda: router.health()["status"] == "ok", 60, lambda: router.health())


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_all_is_caught_up_when_it_is_back(
    orthanc: OrthancServer, own_mongodb: MongoServer, node: Node, how: str
) -> None:
    router = RouterClient(orthanc.start().rest)
    policy = router.policy("Out", patient("SOMEONE"), router.destination("Node", node))
    before, during, after = (make_series(10, PatientID="SOMEONE") for _ in range(3))
    send(orthanc.dicom_port, before)
    node.wait_for(uids(before))
    if how == "kill":
        own_mongodb.kill()
    else:
        own_mongodb.stop()
    send(orthanc.dicom_port, during)
    assert set(uids(during)) <= orthanc.sop_instance_uids()
    health = wait_until_degraded(router)
    assert own_mongodb.uri.split("@")[1].split("/")[0] in str(health["problems"])
    assert own_mongodb.uri.split(":")[2].split("@")[0] not in str(health), "the password must not be shown"
    response = orthanc.rest.request("GET", "/router/policies", timeout=60)
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "store_unavailable"
    own_mongodb.start()
    wait_until_ok(router)
    send(orthanc.dicom_port, after)
    everything = uids([*before, *during, *after])
    node.wait_for(everything, timeout=60)
    found = router.wait_until_delivered(30, timeout=60, policy=policy["id"])
    assert sum(delivery["instances"] for delivery in found) == 30
    assert set(Counter(node.accepted())) == set(everything)


def test_orthanc_can_be_started_while_it_is_away(
    orthanc: OrthancServer, own_mongodb: MongoServer, node: Node
) -> None:
    router = RouterClient(orthanc.start().rest)
    policy = router.policy("Out", patient("SOMEONE"), router.destination("Node", node))
    orthanc.stop()
    own_mongodb.kill()
    orthanc.start(wait_for_health=False)
    answer = orthanc.rest.request("GET", "/router/health")
    assert answer.status_code == 503
    health = answer.json()
    assert health["status"] == "degraded"
    assert health["problems"]
    # What is stored is not gone because it cannot be read now.
    asked = orthanc.rest.request("GET", f"/router/policies/{policy['id']}")
    assert asked.status_code == 503
    wait_until(lambda: _code_of(orthanc, "POST", "/callbacks/some-token") == "store_unavailable", 30)
    images = make_series(10, PatientID="SOMEONE")
    send(orthanc.dicom_port, images)
    own_mongodb.start()
    wait_until_ok(router)
    node.wait_for(uids(images), timeout=60)
    found = router.wait_until_delivered(10, timeout=60, policy=policy["id"])
    assert sum(delivery["instances"] for delivery in found) == 10


def test_orthanc_ends_in_time_while_it_is_away(orthanc: OrthancServer, own_mongodb: MongoServer) -> None:
    router = RouterClient(orthanc.start().rest)
    own_mongodb.kill()
    wait_until_degraded(router)
    assert orthanc.stop(timeout=10) < 10
    orthanc.start(wait_for_health=False)
    assert orthanc.stop(timeout=10) < 10


def test_a_delivery_that_cannot_be_given_back_at_the_end_is_not_to_blame(
    orthanc: OrthancServer, own_mongodb: MongoServer, node: Node
) -> None:
    router = RouterClient(orthanc.start().rest)
    images = make_series(3, PatientID="SOMEONE")
    policy = router.policy("All", patient("SOMEONE"), router.destination("Node", node))
    node.hold()
    send(orthanc.dicom_port, images)
    node.wait_for_requests(1)
    own_mongodb.kill()
    wait_until_degraded(router)
    orthanc.stop(timeout=20)
    own_mongodb.start()
    node.let_go()
    router = RouterClient(orthanc.start().rest)
    found = router.wait_until_delivered(3, timeout=60, policy=policy["id"])
    assert [one["interruptions"] for one in found] == [0] * len(found)
    assert {attempt["error"] for one in found for attempt in one["attempts"]} <= {None}


def _code_of(orthanc: OrthancServer, method: str, path: str) -> str:
    """The code of the error that this is answered with."""
    return str(orthanc.rest.request(method, f"/router{path}").json()["error"]["code"])
