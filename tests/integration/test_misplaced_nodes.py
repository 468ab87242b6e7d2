# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that are set up wrongly, or whose machine is: they are refused, or do no harm, and it is said."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from samples import make_series, uids, unique
from servers.mongodb import MongoServer
from servers.node import Node
from servers.orthanc import OrthancServer, RestError
from servers.router import RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until
from servers.wrong_clock import wrong_clock

Start = Callable[..., OrthancServer]


@pytest.fixture
def start(mongodb: MongoServer, tmp_path: Path) -> Iterator[Start]:
    """Starts an Orthanc of a group, with what is given as options of `OrthancServer`."""
    database = unique("db").lower()
    with ExitStack() as opened:

        def start_it(name: str, wait_for_health: bool = True, **options: object) -> OrthancServer:
            server = OrthancServer(
                tmp_path / name,
                aet=name,
                mongo_uri=mongodb.uri,
                mongo_database=database,
                **options,  # type: ignore[arg-type]
            )
            opened.callback(server.kill)
            return server.start(wait_for_health=wait_for_health)

        yield start_it


def problems(router: RouterClient) -> str:
    """What health says is wrong."""
    return str(router.health()["problems"])


def test_two_databases_with_the_name_of_one_are_noticed_and_the_second_takes_no_part(
    start: Start, node: Node
) -> None:
    name = unique("PATIENT")
    shared = {"router": {"Index": "shared"}}
    right = start("RIGHT", **shared)
    router = RouterClient(right.rest)
    policy = router.policy("All", patient(name), router.destination(unique("To "), node, batch=1))
    first = make_series(3, PatientID=name)
    send(right.dicom_port, first)
    node.wait_for(uids(first), timeout=60)

    wrong = start("WRONG", wait_for_health=False, **shared)
    other = RouterClient(wrong.rest)
    send(wrong.dicom_port, make_series(3, PatientID=name))
    for asked in (router, other):
        wait_until(lambda asked=asked: "had another database" in problems(asked), 60, asked.health)  # type: ignore[misc]
    images = make_series(10, PatientID=name)
    send(right.dicom_port, images)
    node.wait_for(uids(images), timeout=60)
    router.wait_until_delivered(13, 60, policy=policy["id"])
    assert sorted(node.accepted()) == sorted(uids(first + images))

    right.kill()
    wrong.restart(kill=True, wait_for_health=False)
    wait_until(lambda: "the database was replaced on purpose" in problems(other), 60, other.health)
    assert sorted(node.accepted()) == sorted(uids(first + images))
    right.start(wait_for_health=False)
    last = make_series(1, PatientID=name)
    send(right.dicom_port, last)
    node.wait_for(uids(last), timeout=60)


def test_an_empty_database_in_the_place_of_one_whose_node_is_down_takes_nothing_of_it(
    start: Start, node: Node
) -> None:
    name = unique("PATIENT")
    shared = {"router": {"Index": "shared"}}
    right = start("RIGHT", **shared)
    router = RouterClient(right.rest)
    destination = router.destination(unique("To "), node, enabled=False)
    policy = router.policy("All", patient(name), destination)
    first = make_series(3, PatientID=name)
    send(right.dicom_port, first)
    router.wait_for_deliveries(lambda found: sum(one["instances"] for one in found) == 3, 60)
    right.kill()

    wrong = start("WRONG", wait_for_health=False, **shared)
    other = RouterClient(wrong.rest)
    wait_until(lambda: wrong.rest.request("GET", "/router/nodes").ok, 60, other.health)
    other.put(f"/destinations/{destination['id']}", {**destination, "enabled": True})
    wait_until(lambda: "gone" in [one["state"] for one in other.get("/nodes")["items"]], 60, other.health)
    assert {one["state"] for one in other.deliveries()} == {"waiting"}

    right.start(wait_for_health=False)
    more = make_series(2, PatientID=name)
    send(right.dicom_port, more)
    node.wait_for(uids(first + more), timeout=60)
    router.wait_until_delivered(5, 60, policy=policy["id"])
    send(wrong.dicom_port, make_series(1, PatientID=name))
    wait_until(lambda: "had another database" in problems(other), 60, other.health)
    assert sorted(node.accepted()) == sorted(uids(first + more))


def test_a_database_that_was_replaced_is_read_once_the_nodes_that_had_the_old_one_are_forgotten(
    start: Start, node: Node
) -> None:
    name = unique("PATIENT")
    new = start("NEW")
    image = make_series(1, PatientID=name)
    send(new.dicom_port, image)
    new.stop()
    old = start("OLD", router={"Index": "shared"})
    router = RouterClient(old.rest)
    router.policy("All", patient(name), router.destination(unique("To "), node))
    first = make_series(3, PatientID=name)
    send(old.dicom_port, first)
    node.wait_for(uids(first), timeout=60)
    old.stop()
    new.configuration["Router"]["Index"] = "shared"
    new.start(wait_for_health=False)
    router = RouterClient(new.rest)
    wait_until(lambda: "forget those nodes" in problems(router), 60, router.health)
    [gone] = [node for node in router.get("/nodes")["items"] if node["state"] == "gone"]
    router.delete(f"/nodes/{gone['id']}")
    wait_until(lambda: "1 that were stored already were not looked at" in problems(router), 60, router.health)
    more = make_series(2, PatientID=name)
    send(new.dicom_port, more)
    node.wait_for(uids(more), timeout=60)
    assert sorted(node.accepted()) == sorted(uids(first + more))


def test_a_second_orthanc_on_the_same_folder_is_refused(start: Start) -> None:
    first = start("FIRST")
    second = start("SECOND", wait_for_health=False, router={"DataDirectory": str(first.router_directory)})
    router = RouterClient(second.rest)
    wait_until(lambda: "another Orthanc uses the folder" in problems(router), 15, router.health)
    with pytest.raises(RestError, match="503"):
        router.get("/policies")
    assert len(RouterClient(first.rest).get("/nodes")["items"]) == 1
    first.kill()
    wait_until(lambda: router.health()["status"] == "ok", 60, router.health)
    assert len(router.get("/nodes")["items"]) == 1


@pytest.mark.parametrize("offset", ["-30h", "+400d"])
def test_a_node_whose_clock_is_wrong_works_as_the_others_do(start: Start, node: Node, offset: str) -> None:
    right = start("RIGHT")
    wrong = start("WRONG", environment=wrong_clock(offset))
    router = RouterClient(right.rest)
    name = unique("PATIENT")
    policy = router.policy(
        "All",
        patient(name),
        router.destination(unique("To "), node, concurrency=1),
        trigger={"level": "series", "quiet_seconds": 1},
    )
    began = datetime.now(UTC)
    images = [make_series(3, PatientID=name) for _ in range(2)]
    for server, series in zip((right, wrong), images, strict=True):
        send(server.dicom_port, series)
    found = router.wait_until_delivered(6, timeout=60, policy=policy["id"])
    assert day_of_last_change(right) != day_of_last_change(wrong)
    assert sorted(node.accepted()) == sorted(uids(images[0] + images[1]))
    assert len({delivery["index"] for delivery in found}) == 2
    for delivery in found:
        for moment in (delivery["created_at"], delivery["attempts"][0]["at"], delivery["finished_at"]):
            assert abs(datetime.fromisoformat(moment) - began) < timedelta(minutes=5)
    for server in (right, wrong):
        health = RouterClient(server.rest).health()
        assert (health["status"], [one["state"] for one in health["nodes"]]) == ("ok", ["active", "active"])


def day_of_last_change(server: OrthancServer) -> str:
    """By the clock of its machine."""
    return str(server.rest.get("/changes", last="")["Changes"][0]["Date"])[:8]
