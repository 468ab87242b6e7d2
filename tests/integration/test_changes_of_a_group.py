# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy or destination that is changed on one node is what all nodes use within a second.

How long it took at most is printed (`pytest -s`); what is required here leaves room for a busy machine.
"""

import time
from collections.abc import Iterator

import pytest

from samples import make_series, uids, unique
from servers.mongodb import MongoServer
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until

ROUNDS = 5
#: How long an image may be on its way on a busy machine, and how long until a change is used may take there.
BUSY_SECONDS, LONGEST_SECONDS = 60, 15


@pytest.fixture(scope="module")
def group(mongodb: MongoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[OrthancServer]]:
    """Three nodes, each with an index of its own."""
    database = unique("db").lower()
    servers = [
        OrthancServer(
            tmp_path_factory.mktemp(f"node-{name}"), aet=name, mongo_uri=mongodb.uri, mongo_database=database
        )
        for name in ("ONE", "TWO", "THREE")
    ]
    try:
        yield [server.start() for server in servers]
    finally:
        for server in servers:
            server.kill()


def test_what_comes_in_after_a_policy_was_saved_is_routed_by_it_everywhere(
    group: list[OrthancServer], node: Node
) -> None:
    router = RouterClient(group[0].rest)
    name = unique("PATIENT")
    with Node(unique("NODE")) as other:
        nodes = {router.destination(unique("To "), one, concurrency=3)["id"]: one for one in (node, other)}
        policy = router.policy(unique("Policy "), patient(name), next(iter(nodes)))
        for _ in range(ROUNDS):
            for destination, receiver in reversed(nodes.items()):
                action = {**policy["actions"][0], "destination": destination}
                policy = router.put(f"/policies/{policy['id']}", {**policy, "actions": [action]})
                images = [make_series(1, PatientID=name) for _ in group[1:]]
                for server, series in zip(group[1:], images, strict=True):
                    send(server.dicom_port, series)
                    receiver.wait_for(uids(series), timeout=BUSY_SECONDS)
        found = router.wait_until_delivered(4 * ROUNDS, BUSY_SECONDS, policy=policy["id"])
        assert sorted(node.accepted() + other.accepted()) == sorted(set(node.accepted() + other.accepted()))
        assert len(node.accepted()) == len(other.accepted()) == len(found) / 2


def test_a_destination_that_is_switched_on_or_moved_is_used_within_a_second(
    group: list[OrthancServer], node: Node
) -> None:
    router = RouterClient(group[0].rest)
    name = unique("PATIENT")
    destination = router.destination(unique("To "), node, enabled=False, concurrency=3)
    policy = router.policy(unique("Policy "), patient(name), destination)
    seconds = []
    for number in range(ROUNDS):
        images = [make_series(1, PatientID=name) for _ in group[1:]]
        for server, series in zip(group[1:], images, strict=True):
            send(server.dicom_port, series)
        router.wait_for_deliveries(
            lambda found, number=number: len(found) == 2 * (number + 1),  # type: ignore[misc]
            BUSY_SECONDS,
            policy=policy["id"],
        )
        destination = router.put(f"/destinations/{destination['id']}", {**destination, "enabled": True})
        began = time.monotonic()
        node.wait_for([uid for series in images for uid in uids(series)], timeout=BUSY_SECONDS)
        seconds.append(time.monotonic() - began)
        destination = router.put(f"/destinations/{destination['id']}", {**destination, "enabled": False})
        wait_until(lambda: not _has_lane(group, destination["id"]), BUSY_SECONDS, "it is not switched off")  # noqa: B023
    print(f"used on the other nodes after {min(seconds):.2f} to {max(seconds):.2f} s")
    assert sorted(seconds)[ROUNDS // 2] < LONGEST_SECONDS


def _has_lane(group: list[OrthancServer], destination: str) -> bool:
    """Whether any node still sends to it."""
    return any(
        "breaker" in lane
        for server in group
        for lane in RouterClient(server.rest).health()["lanes"]
        if lane["destination"]["id"] == destination
    )
