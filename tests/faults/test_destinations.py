# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations that misbehave: what is sent to them is neither lost nor in the way of anything else."""

from collections import Counter

import pytest

from samples import make_image, make_series, uids, unique
from servers.broken import BrokenServer
from servers.node import Node, refuse_sop_class
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.sender import send

EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.2}


@pytest.fixture
def router(orthanc: OrthancServer) -> RouterClient:
    return RouterClient(orthanc.rest)


@pytest.mark.parametrize("reset", [False, True], ids=["silent", "resetting"])
def test_one_that_accepts_connections_only_is_retried_until_it_works(
    orthanc: OrthancServer, router: RouterClient, reset: bool
) -> None:
    with BrokenServer(reset=reset) as broken, Node(unique("NODE")) as alive:
        settings = {"timeout_seconds": 1}
        bad = router.destination("Broken", broken, settings=settings, retry=EAGER)
        good = router.destination("Alive", alive)
        policy = router.policy("Both", patient("SOMEONE"), bad, good)
        images = make_series(10, PatientID="SOMEONE")
        send(orthanc.dicom_port, images)
        alive.wait_for(uids(images), timeout=5)
        broken.wait_for_connections(2)
        failing = router.deliveries(policy=policy["id"], destination=bad["id"])
        assert any(delivery["attempts"] for delivery in failing)
        with Node(unique("NODE")) as repaired:
            moved = {"aet": repaired.aet, "host": repaired.host, "port": repaired.port}
            router.put(f"/destinations/{bad['id']}", {**bad, "settings": moved})
            repaired.wait_for(uids(images), timeout=30)
            router.wait_until_delivered(20, timeout=30, policy=policy["id"])
            assert Counter(repaired.accepted()) == Counter(uids(images))


def test_many_that_hang_at_once_take_no_job_of_orthanc_from_one_that_lives(
    orthanc: OrthancServer, router: RouterClient
) -> None:
    with BrokenServer(reset=False) as broken, Node(unique("NODE")) as alive:
        settings = {"timeout_seconds": 60}
        hanging = [router.destination(unique("Hanging "), broken, settings=settings) for _ in range(40)]
        router.policy("All", patient("SOMEONE"), *hanging)
        send(orthanc.dicom_port, make_series(1, PatientID="SOMEONE"))
        broken.wait_for_connections(len(hanging))
        router.policy("Alive", patient("SOMEONE ELSE"), router.destination("Alive", alive))
        images = make_series(10, PatientID="SOMEONE ELSE")
        send(orthanc.dicom_port, images)
        alive.wait_for(uids(images), timeout=5)


def test_one_that_hangs_in_the_middle_gets_the_rest_later(
    orthanc: OrthancServer, router: RouterClient
) -> None:
    with Node(unique("NODE")) as node:
        settings = {"timeout_seconds": 1}
        destination = router.destination("Hanging", node, settings=settings, retry=EAGER)
        policy = router.policy("To it", patient("SOMEONE"), destination)
        images = make_series(10, PatientID="SOMEONE")
        node.hold()
        send(orthanc.dicom_port, images)
        router.wait_for_deliveries(
            lambda found: any(
                "not answered in time" in (attempt["error"] or "")
                for delivery in found
                for attempt in delivery["attempts"]
            ),
            timeout=30,
            policy=policy["id"],
        )
        node.let_go()
        node.wait_for(uids(images), timeout=30)
        router.wait_until_delivered(10, timeout=30, policy=policy["id"])


def test_a_sop_class_it_does_not_take_is_isolated_and_named(
    orthanc: OrthancServer, router: RouterClient
) -> None:
    poison = make_image("US", PatientID="SOMEONE")
    with Node(unique("NODE"), refuse_sop_class(str(poison.SOPClassUID))) as node:
        once = {"attempts": 2, "initial_seconds": 0.05, "max_seconds": 0.2}
        policy = router.policy("To it", patient("SOMEONE"), router.destination("Picky", node, retry=once))
        images = make_series(20, PatientID="SOMEONE")
        send(orthanc.dicom_port, [*images[:11], poison, *images[11:]])
        node.wait_for(uids(images), timeout=30)
        [failed] = router.wait_for_deliveries(
            lambda found: len(found) == 1, policy=policy["id"], state="failed"
        )
        found = orthanc.rest.post(
            "/tools/find", {"Level": "Instance", "Query": {"SOPInstanceUID": str(poison.SOPInstanceUID)}}
        )
        assert failed["remaining"] == 1
        assert found[0] in failed["attempts"][-1]["error"]
        assert set(node.accepted()) == set(uids(images))
