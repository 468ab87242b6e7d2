# SPDX-License-Identifier: GPL-3.0-or-later
"""Several Orthancs, each with its own database, on one MongoDB."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pynetdicom import evt
from pynetdicom.dimse_primitives import C_STORE

from samples import make_series, uids, unique
from servers.mongodb import MongoServer
from servers.node import SUCCESS, Node
from servers.orthanc import OrthancServer, RestError
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until

EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.2}


@pytest.fixture(scope="module")
def group(mongodb: MongoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[OrthancServer]]:
    """Two nodes, shared by the tests of this module."""
    database = unique("db").lower()
    servers = [
        OrthancServer(
            tmp_path_factory.mktemp(f"node-{name}"), aet=name, mongo_uri=mongodb.uri, mongo_database=database
        )
        for name in ("ONE", "TWO")
    ]
    try:
        yield [server.start() for server in servers]
    finally:
        for server in servers:
            server.kill()
    for server in servers:
        assert "Traceback" not in server.log(), server.log()


@pytest.fixture
def routers(group: list[OrthancServer]) -> list[RouterClient]:
    return [RouterClient(server.rest) for server in group]


class Together:
    """How many images a node was sent at once at most."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def slow(self, _event: evt.Event, _request: C_STORE) -> int:
        """A node's behaviour: take a tenth of a second for each image."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        threading.Event().wait(0.1)
        with self._lock:
            self._now -= 1
        return SUCCESS


def this_node(router: RouterClient) -> Json:
    """What the group knows of the node that is asked."""
    [node] = [node for node in router.get("/nodes")["items"] if node["this"]]
    return dict(node)


def wait_for_node(router: RouterClient, identifier: str, timeout: float = 15, **wanted: object) -> None:
    """Wait until a node is seen to be like this."""
    seen: Json = {}

    def reached() -> bool:
        seen.update(next(node for node in router.get("/nodes")["items"] if node["id"] == identifier))
        return wanted.items() <= seen.items()

    wait_until(reached, timeout, lambda: f"the node is {seen}, not {wanted}")


def lag(router: RouterClient, identifier: str) -> int:
    """How many changes the intake of a node has yet to read."""
    return next(
        int(node["lag_changes"]) for node in router.get("/nodes")["items"] if node["id"] == identifier
    )


def test_each_knows_all(group: list[OrthancServer], routers: list[RouterClient]) -> None:
    one, other = (this_node(router) for router in routers)
    for router in routers:
        wait_for_node(router, one["id"], state="active", reads_changes=True, lag_changes=0, running=0)
        wait_for_node(router, other["id"], state="active", reads_changes=True)
        assert {node["name"] for node in router.health()["nodes"]} == {"Test ONE", "Test TWO"}
        assert router.health()["status"] == "ok"
    assert one["index"] != other["index"]
    assert (one["aet"], one["url"], one["orthanc_version"]) == (
        "ONE",
        group[0].url,
        group[0].rest.get("/system")["Version"],
    )


def test_policies_and_destinations_take_effect_on_all(
    group: list[OrthancServer], routers: list[RouterClient], node: Node
) -> None:
    name = unique("PATIENT")
    with Node(unique("NODE")) as moved:
        destination = routers[0].destination(unique("To "), node)
        routers[1].policy(unique("Policy "), patient(name), destination)
        for server in group:
            images = make_series(2, PatientID=name)
            send(server.dicom_port, images)
            node.wait_for(uids(images))
        settings = {"aet": moved.aet, "host": moved.host, "port": moved.port}
        routers[1].put(f"/destinations/{destination['id']}", {**destination, "settings": settings})
        wait_until(lambda: _arrives(group[0], moved, name), 15, "the destination has not changed")


def _arrives(server: OrthancServer, node: Node, name: str) -> bool:
    image = make_series(1, PatientID=name)
    send(server.dicom_port, image)
    try:
        node.wait_for(uids(image), timeout=1)
    except AssertionError:
        return False
    return True


def test_the_same_study_on_two_nodes_is_routed_by_each(
    group: list[OrthancServer], routers: list[RouterClient], node: Node
) -> None:
    name = unique("PATIENT")
    policy = routers[0].policy(
        unique("Policy "),
        patient(name),
        routers[0].destination(unique("To "), node),
        trigger={"level": "study", "quiet_seconds": 1},
    )
    images = make_series(3, PatientID=name)
    for server in group:
        send(server.dicom_port, images)
    found = routers[0].wait_until_delivered(6, policy=policy["id"])
    assert {one["index"] for one in found} == {this_node(router)["index"] for router in routers}
    assert sorted(node.accepted()) == sorted(uids(images) * 2)


def test_a_destination_is_sent_to_by_as_many_at_once_as_it_allows_the_whole_group(
    group: list[OrthancServer], routers: list[RouterClient], node: Node
) -> None:
    name = unique("PATIENT")
    together = Together()
    node.behaviour = together.slow
    destination = routers[0].destination(unique("To "), node, concurrency=1, batch=1)
    policy = routers[0].policy(unique("Policy "), patient(name), destination)
    images = [make_series(8, PatientID=name) for _ in group]
    for server, series in zip(group, images, strict=True):
        send(server.dicom_port, series)
    found = routers[0].wait_until_delivered(16, timeout=60, policy=policy["id"])
    assert len({one["index"] for one in found}) == 2
    assert together.most == 1


def test_what_is_down_is_down_for_the_whole_group(
    group: list[OrthancServer], routers: list[RouterClient], node: Node
) -> None:
    name = unique("PATIENT")
    node.stop()
    patient_retry = {"attempts": 10, "initial_seconds": 600, "max_seconds": 600}
    destination = routers[0].destination(unique("To "), node, retry=patient_retry)
    routers[0].policy(unique("Policy "), patient(name), destination)

    def breaker(router: RouterClient) -> str:
        return next(
            str(lane.get("breaker"))
            for lane in router.health()["lanes"]
            if lane["destination"]["id"] == destination["id"]
        )

    send(group[0].dicom_port, make_series(1, PatientID=name))
    for router in routers:
        wait_until(lambda router=router: breaker(router) == "open", 15, "the breaker is closed")  # type: ignore[misc]


def test_a_node_that_is_drained_takes_up_nothing_until_it_is_resumed(
    group: list[OrthancServer], routers: list[RouterClient], node: Node
) -> None:
    name = unique("PATIENT")
    policy = routers[0].policy(unique("Policy "), patient(name), routers[0].destination(unique("To "), node))
    identifier = this_node(routers[1])["id"]
    assert routers[0].post(f"/nodes/{identifier}/drain")["state"] in {"draining", "drained"}
    wait_for_node(routers[0], identifier, state="drained", reads_changes=False)
    images = make_series(3, PatientID=name)
    send(group[1].dicom_port, images)
    wait_until(lambda: lag(routers[0], identifier), 15, "nothing is seen of the images that wait")
    assert routers[0].deliveries(policy=policy["id"]) == []
    assert routers[1].post(f"/nodes/{identifier}/resume")["state"] == "active"
    node.wait_for(uids(images), timeout=10)
    with pytest.raises(RestError, match="404"):
        routers[0].post("/nodes/nobody/drain")


def test_what_a_node_that_is_gone_for_good_had_to_deliver_fails_visibly(
    group: list[OrthancServer],
    routers: list[RouterClient],
    mongodb: MongoServer,
    node: Node,
    tmp_path: Path,
) -> None:
    database = str(group[0].configuration["Router"]["MongoDatabase"])
    lost = OrthancServer(tmp_path / "lost", aet="LOST", mongo_uri=mongodb.uri, mongo_database=database)
    name = unique("PATIENT")
    node.stop()
    policy = routers[0].policy(
        unique("Policy "), patient(name), routers[0].destination(unique("To "), node, retry=EAGER)
    )
    with lost.start():
        identifier = this_node(RouterClient(lost.rest))["id"]
        with pytest.raises(RestError, match="409"):
            routers[0].delete(f"/nodes/{identifier}")
        send(lost.dicom_port, make_series(3, PatientID=name))
        routers[0].wait_for_deliveries(
            lambda found: sum(one["instances"] for one in found) == 3, policy=policy["id"]
        )
        lost.kill()
        wait_for_node(routers[0], identifier, state="gone")
        said = str(routers[0].health()["problems"])
        assert re.search(r"'Test LOST' has not been heard of since .*; [1-3] deliveries wait for it", said)
        [gone] = [one for one in routers[0].get("/nodes")["items"] if one["id"] == identifier]
        assert gone["waiting"] > 0
        assert routers[0].delete(f"/nodes/{identifier}")["failed_deliveries"] == gone["waiting"]
    failed = routers[0].deliveries(policy=policy["id"])
    with pytest.raises(RestError, match=r"409.*there is nobody who could deliver them"):
        routers[0].post(f"/deliveries/{failed[0]['id']}/retry")
    assert routers[0].post("/deliveries/retry", {"policy": policy["id"]})["count"] == 0
    for delivery in routers[0].deliveries(policy=policy["id"]):
        assert (delivery["state"], "was removed" in delivery["note"]) == ("failed", True)
    assert routers[0].health()["status"] == "ok"
