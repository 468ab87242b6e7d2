# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthanc ends, by order or not, and goes on where it was."""

import contextlib
import socket
import threading
from collections import Counter
from pathlib import Path

import pytest
import requests

from samples import make_series, uids
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, as_read, patient
from servers.sender import send
from servers.waiting import wait_until

EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.2}


#: What has nothing to do with the store need not be tried on each.
on_one_store = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


@pytest.fixture
def router(own_orthanc: OrthancServer) -> RouterClient:
    return RouterClient(own_orthanc.start().rest)


@pytest.fixture
def policy(router: RouterClient, node: Node) -> Json:
    """Sends one patient's images to `node`."""
    return router.policy(
        "Everything of SOMEONE", patient("SOMEONE"), router.destination("Node", node, retry=EAGER)
    )


def _wait_until_interrupted(router: RouterClient, times: int) -> None:
    """Wait until the only delivery is under way, having been interrupted so often."""
    router.wait_for_deliveries(
        lambda found: (
            [(one["state"], one["interruptions"], len(one["attempts"])) for one in found]
            == [("running", times, times)]
        )
    )


def test_what_orthanc_dies_of_is_sent_alone_and_then_no_more(
    own_orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json
) -> None:
    deadly, harmless = make_series(2, PatientID="SOMEONE")
    node.hold()
    send(own_orthanc.dicom_port, [deadly])
    for deaths in range(4):
        _wait_until_interrupted(router, deaths)
        own_orthanc.kill()
        own_orthanc.start(wait_for_health=False)
        wait_until(lambda: "deliveries" in router.health(), 20, router.health)
    router.wait_for_deliveries(lambda found: [one["state"] for one in found] == ["failed"])
    [failed] = router.deliveries()
    assert "ended unexpectedly 4 times while this was under way" in failed["note"]
    assert f"The delivery {failed['id']}" in str(router.health()["problems"])
    node.let_go()
    send(own_orthanc.dicom_port, [harmless])
    node.wait_for(uids([harmless]))
    router.post(f"/deliveries/{failed['id']}/retry", {})
    node.wait_for(uids([deadly]))
    router.wait_until_delivered(2, policy=policy["id"])
    wait_until(lambda: router.health()["problems"] == [], 10, router.health)


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
class TestOpenDeliveries:
    def test_those_that_could_not_be_made_are_made_after_it(
        self, own_orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json, kill: bool
    ) -> None:
        node.stop()
        images = make_series(10, PatientID="SOMEONE")
        send(own_orthanc.dicom_port, images)
        router.wait_for_deliveries(lambda found: sum(one["instances"] for one in found) == 10)
        own_orthanc.restart(kill=kill)
        assert router.deliveries(state="succeeded") == []
        node.start()
        node.wait_for(uids(images))
        found = router.wait_until_delivered(10, policy=policy["id"])
        assert sum(delivery["instances"] for delivery in found) == 10
        assert Counter(node.accepted()) == Counter(uids(images))

    def test_one_that_was_under_way_is_made_again(
        self, own_orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json, kill: bool
    ) -> None:
        """The old attempt may have arrived, but nobody knows: C-STORE may come twice, the delivery is one."""
        images = make_series(3, PatientID="SOMEONE")
        node.hold()
        send(own_orthanc.dicom_port, images)
        router.wait_for_deliveries(lambda found: any(one["state"] == "running" for one in found))
        if kill:
            own_orthanc.kill()
        else:
            assert own_orthanc.stop() < 10
        node.let_go()
        own_orthanc.start()
        node.wait_for(uids(images))
        found = router.wait_until_delivered(3, policy=policy["id"])
        assert sum(delivery["instances"] for delivery in found) == 3

    def test_what_was_stored_just_before_is_routed_after_it(
        self, own_orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json, kill: bool
    ) -> None:
        images = make_series(30, PatientID="SOMEONE")
        send(own_orthanc.dicom_port, images)
        own_orthanc.restart(kill=kill)
        node.wait_for(uids(images))
        found = router.wait_until_delivered(30, policy=policy["id"])
        assert sum(delivery["instances"] for delivery in found) == 30


@on_one_store
class TestReset:
    def test_orthanc_can_be_reset_over_rest(
        self, own_orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json
    ) -> None:
        process = own_orthanc.process.pid
        own_orthanc.rest.post("/tools/reset")
        wait_until(lambda: own_orthanc.log().count("Orthanc has started") >= 2, 60, own_orthanc.log)
        own_orthanc.wait_until_ready()
        assert own_orthanc.process.pid == process
        assert router.get(f"/policies/{policy['id']}") == as_read(policy)
        images = make_series(3, PatientID="SOMEONE")
        send(own_orthanc.dicom_port, images)
        node.wait_for(uids(images))


@on_one_store
class TestEnding:
    """Orthanc ends within seconds, whatever is under way."""

    @pytest.fixture
    def busy(
        self, own_orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json
    ) -> OrthancServer:
        """An Orthanc with a delivery to a node that hangs, one to nobody, and a study that grows."""
        second = router.destination("Nobody", node, settings={"port": 9}, retry=EAGER)
        router.policy("To nobody", patient("SOMEONE"), second)
        router.policy("Growing", patient("SOMEONE"), second, trigger={"level": "study"})
        node.hold()
        send(own_orthanc.dicom_port, make_series(5, PatientID="SOMEONE"))
        router.wait_for_deliveries(
            lambda found: any(one["state"] == "running" for one in found), policy=policy["id"]
        )
        return own_orthanc

    def test_by_sigterm_when_idle(self, own_orthanc: OrthancServer) -> None:
        own_orthanc.start()
        assert own_orthanc.stop() < 5

    def test_by_sigterm_when_busy(self, busy: OrthancServer) -> None:
        assert busy.stop(timeout=10) < 10

    def test_by_a_shutdown_over_rest(self, busy: OrthancServer) -> None:
        busy.rest.post("/tools/shutdown")
        busy.process.wait(timeout=10)

    def test_by_sigterm_while_a_destination_is_tested_that_does_not_answer(
        self, own_orthanc: OrthancServer, router: RouterClient
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            settings = {"aet": "SILENT", "host": "127.0.0.1", "port": silent.getsockname()[1]}
            draft = {"name": "Silent", "kind": "dicom", "settings": {**settings, "timeout_seconds": 60}}

            def test() -> None:
                with contextlib.suppress(requests.ConnectionError):  # as Orthanc ends
                    router.rest.request("POST", "/router/destinations/test", json=draft)

            testing = threading.Thread(target=test)
            testing.start()
            connection, _ = silent.accept()
            with connection:
                assert own_orthanc.stop() < 8
            testing.join()

    def test_a_reset_does_not_wait_for_what_hangs(self, busy: OrthancServer) -> None:
        busy.rest.post("/tools/reset")
        wait_until(lambda: busy.log().count("Orthanc has started") >= 2, 60, busy.log)
        busy.wait_until_ready()


def test_two_routers_side_by_side(tmp_path: Path, node: Node) -> None:
    """Each with its own folders and ports; one sends to the other, which sends to a node."""
    with (
        OrthancServer(tmp_path / "first", aet="FIRST") as first,
        OrthancServer(tmp_path / "second", aet="SECOND") as second,
    ):

        class Second:
            aet, host, port = second.aet, "127.0.0.1", second.dicom_port

        one, two = RouterClient(first.rest), RouterClient(second.rest)
        one.policy("On", patient("SOMEONE"), one.destination("Second", Second()))
        two.policy("Out", patient("SOMEONE"), two.destination("Node", node))
        images = make_series(5, PatientID="SOMEONE")
        send(first.dicom_port, images)
        node.wait_for(uids(images))
        assert second.sop_instance_uids() == set(uids(images))
