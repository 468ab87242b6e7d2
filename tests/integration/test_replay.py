# SPDX-License-Identifier: GPL-3.0-or-later
"""What is stored already is routed again, each image once, wherever the router is killed."""

from collections import Counter
from typing import Any

import pytest

from integration.test_preview import draft, encoded, of_patient, store
from samples import make_image, unique
from servers.node import Node
from servers.orthanc import OrthancServer, RestError
from servers.router import Json, RouterClient, patient, tag
from servers.runs import finished, studies, wait_for_run
from servers.waiting import wait_until


@pytest.fixture
def patient_id() -> str:
    return unique("P")


@pytest.fixture
def policy(router: RouterClient, destination: Json, patient_id: str) -> Json:
    """Sends CT images of one patient; not switched on."""
    rule = tag("Modality", "equals", "CT")
    return router.post("/policies", draft(patient_id, destination, rule, enabled=False))


def replay(router: RouterClient, policy: Json, patient_id: str, **fields: object) -> Json:
    return router.post(f"/policies/{policy['id']}/replay", {**of_patient(patient_id), **fields})


class TestReplay:
    def test_what_a_preview_found_is_carried_out(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json, patient_id: str
    ) -> None:
        store(orthanc, patient_id, "CT", 3)
        store(orthanc, patient_id, "MR", 2)
        preview = router.post(f"/policies/{policy['id']}/preview", of_patient(patient_id))
        finished(router, preview)
        run = router.post(f"/policies/{policy['id']}/replay", {"run": preview["id"]})
        report = finished(router, run)
        assert (report["planned"], report["instances"], report["failed_to_plan"]) == (1, 3, [])
        [delivery] = router.wait_until_delivered(3, run=run["id"])
        assert delivery["run"] == run["id"]
        assert delivery["priority"] == "bulk"
        assert delivery["policy"] == {"id": policy["id"], "name": policy["name"], "revision": 1}
        assert len(node.accepted()) == 3
        assert router.get(f"/runs/{run['id']}")["deliveries"] == {"succeeded": 1}

    def test_what_the_same_action_has_delivered_is_left_out_unless_asked_for(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json, patient_id: str
    ) -> None:
        study = store(orthanc, patient_id, "CT", 2)
        finished(router, replay(router, policy, patient_id))
        router.wait_until_delivered(2, policy=policy["id"])
        uid = orthanc.rest.get(f"/studies/{study}")["MainDicomTags"]["StudyInstanceUID"]
        store(orthanc, patient_id, "CT", 1, StudyInstanceUID=uid)
        report = finished(router, replay(router, policy, patient_id))
        assert (report["planned"], report["instances"]) == (1, 1)
        assert report["skipped_already_delivered"] == 2
        router.wait_until_delivered(3, policy=policy["id"])
        report = finished(router, replay(router, policy, patient_id, again=True, priority="urgent"))
        assert (report["instances"], report["skipped_already_delivered"]) == (3, 0)
        router.wait_until_delivered(6, policy=policy["id"])
        assert sorted(Counter(node.accepted()).values()) == [2, 2, 2]

    def test_what_still_comes_in_is_left_to_the_policy(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        policy = router.post(
            "/policies", draft(patient_id, destination, trigger={"level": "study", "quiet_seconds": 600})
        )
        store(orthanc, patient_id)
        last = orthanc.rest.get("/changes", last="")["Last"]
        wait_until(lambda: router.health()["intake"]["cursor"] >= last)
        run = replay(router, policy, patient_id)
        assert finished(router, run)["planned"] == 0
        [study] = studies(router, run)
        assert "still come in" in study["reason"]
        router.post(f"/policies/{policy['id']}/disable")

    def test_cancelling_cancels_what_is_open(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json, patient_id: str
    ) -> None:
        node.stop()
        store(orthanc, patient_id, "CT", 2)
        run = replay(router, policy, patient_id)
        finished(router, run)
        router.post(f"/runs/{run['id']}/cancel")
        wait_until(lambda: router.get(f"/runs/{run['id']}")["deliveries"] == {"cancelled": 1})
        assert router.rest.request("POST", f"/router/runs/{run['id']}/cancel", json={}).status_code == 409
        run = replay(router, policy, patient_id)
        assert finished(router, run)["planned"] == 1
        answer = router.rest.request("POST", f"/router/runs/{run['id']}/cancel", json={"deliveries": False})
        assert answer.status_code == 409
        router.post(f"/runs/{run['id']}/cancel")

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({}, ""),
            ({"run": "none"}, "run"),
            ({"priority": "slow", "studies": {"PatientID": "x"}}, "priority"),
            ({"draft": {}, "studies": {"PatientID": "x"}}, "draft"),
        ],
    )
    def test_bad_input_is_refused(self, router: RouterClient, policy: Json, body: Json, path: str) -> None:
        with pytest.raises(RestError) as refused:
            router.post(f"/policies/{policy['id']}/replay", body)
        assert refused.value.status == 422
        assert refused.value.response.json()["error"]["details"][0]["path"] == path


class TestByHand:
    def test_resources_go_to_a_destination_without_a_policy(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, patient_id: str
    ) -> None:
        study = store(orthanc, patient_id, images=2)
        other = orthanc.rest.upload(encoded(make_image(PatientID=patient_id)))
        resources = [{"level": "study", "id": study}, {"level": "instance", "id": other}]
        transform = {"uids": "regenerate"}
        run = router.post(
            "/route",
            {"resources": resources, "destination": destination["name"].upper(), "transform": transform},
        )
        assert run["policy"] is None
        report = finished(router, run)
        assert (report["planned"], report["instances"]) == (2, 3)
        for delivery in router.wait_until_delivered(3, run=run["id"]):
            assert delivery["policy"] is None
            assert delivery["priority"] == "normal"
            assert delivery["by_hand"]["user"] == "tester"
            assert delivery["by_hand"]["action"]["transform"]["uids"] == "regenerate"
        assert orthanc.sop_instance_uids().isdisjoint(node.accepted())
        # Sent again when asked for again, or left out.
        body = {"resources": resources, "destination": destination["id"], "transform": transform}
        assert finished(router, router.post("/route", {**body, "again": False}))["planned"] == 0
        assert finished(router, router.post("/route", body))["planned"] == 2
        router.wait_until_delivered(6, destination=destination["id"])

    def test_resources_may_be_named_by_their_identifiers_alone(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        """As the buttons of Explorer 2 can: `"{JsonArrayUUIDs}"` and `"{UUID}"`."""
        study = store(orthanc, patient_id, images=2)
        other = orthanc.rest.upload(encoded(make_image(PatientID=patient_id)))
        body = {"destination": destination["id"]}
        run = finished(router, router.post("/route", {**body, "resources": [study, other]}))
        assert (run["planned"], run["instances"]) == (2, 3)
        assert finished(router, router.post("/route", {**body, "resources": study}))["instances"] == 2
        for wrong in ([study, "nobody"], [study, orthanc.rest.get(f"/studies/{study}")["ParentPatient"]]):
            with pytest.raises(RestError) as refused:
                router.post("/route", {**body, "resources": wrong})
            assert refused.value.response.json()["error"]["details"][0]["path"] == "resources[1]"

    def test_a_policy_does_with_them_what_it_does(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, policy: Json, patient_id: str
    ) -> None:
        mr = store(orthanc, patient_id, "MR", 2)
        run = router.post("/route", {"resources": [{"level": "study", "id": mr}], "policy": policy["id"]})
        assert finished(router, run)["instances"] == 2
        [delivery] = router.wait_until_delivered(2, run=run["id"])
        assert delivery["policy"]["id"] == policy["id"]
        assert len(node.accepted()) == 2

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({}, ""),
            ({"destination": "none"}, "destination"),
            ({"destination": "x", "policy": "y"}, ""),
            ({"policy": "y", "transform": {"remove": ["PatientName"]}}, ""),
            ({"destination": "x", "resources": [{"level": "study", "id": "none"}]}, "resources[0].id"),
            ({"destination": "x", "resources": []}, "resources"),
            ({"destination": "OWN", "transform": {"remove": ["SOPInstanceUID"]}}, "transform.remove[0]"),
            ({"destination": "MAIL"}, "destination"),
        ],
    )
    def test_bad_input_is_refused(
        self,
        orthanc: OrthancServer,
        router: RouterClient,
        destination: Json,
        patient_id: str,
        fields: dict[str, Any],
        path: str,
    ) -> None:
        if fields.get("destination") == "OWN":
            fields = {**fields, "destination": destination["id"]}
        if fields.get("destination") == "MAIL":
            settings = {"host": "127.0.0.1", "port": 25, "security": "none", "sender": "a@example.org"}
            mail = {"name": unique("Mail "), "kind": "email", "settings": settings}
            fields = {**fields, "destination": router.post("/destinations", mail)["id"]}
        study = store(orthanc, patient_id)
        with pytest.raises(RestError) as refused:
            router.post("/route", {"resources": [{"level": "study", "id": study}], **fields})
        assert refused.value.status == 422
        assert refused.value.response.json()["error"]["details"][0]["path"] == path


@pytest.fixture
def many(own_orthanc: OrthancServer, patient_id: str) -> list[str]:
    """The SOP Instance UIDs of 150 studies of one image, in an Orthanc that runs."""
    own_orthanc.start()
    images = [make_image(PatientID=patient_id) for _ in range(150)]
    for image in images:
        own_orthanc.rest.upload(encoded(image))
    return [image.SOPInstanceUID for image in images]


def done(router: RouterClient, run: Json) -> int:
    return int(router.get(f"/runs/{run['id']}")["progress"]["studies_done"])


def test_one_that_is_killed_goes_on_and_makes_nothing_twice(
    own_orthanc: OrthancServer, many: list[str], node: Node, patient_id: str
) -> None:
    router = RouterClient(own_orthanc.rest)
    policy = router.policy("All", patient(patient_id), router.destination("Node", node), enabled=False)
    run = replay(router, policy, patient_id)
    wait_until(lambda: done(router, run) >= 20)
    own_orthanc.restart(kill=True)
    router.post(f"/runs/{run['id']}/pause")
    own_orthanc.restart(kill=True)
    assert wait_for_run(router, run, {"paused"})["report"] is None
    router.post(f"/runs/{run['id']}/resume")
    wait_until(lambda: done(router, run) >= 120)
    own_orthanc.restart(kill=True)
    report = finished(router, run)
    assert (report["planned"], report["instances"]) == (150, 150)
    router.wait_until_delivered(150, timeout=60, run=run["id"])
    assert router.get("/deliveries", run=run["id"])["total"] == 150
    assert set(node.accepted()) == set(many)


def test_one_that_is_cancelled_tells_what_it_has_done(
    own_orthanc: OrthancServer, many: list[str], node: Node, patient_id: str
) -> None:
    router = RouterClient(own_orthanc.rest)
    node.stop()
    policy = router.policy("All", patient(patient_id), router.destination("Node", node), enabled=False)
    run = replay(router, policy, patient_id)
    wait_until(lambda: done(router, run) >= 20)
    router.post(f"/runs/{run['id']}/pause")
    cancelled = router.post(f"/runs/{run['id']}/cancel")
    assert cancelled["state"] == "cancelled"
    wait_until(lambda: router.get(f"/runs/{run['id']}")["report"] is not None)
    told = router.get(f"/runs/{run['id']}")
    assert 0 < told["report"]["planned"] < len(many)
    assert told["deliveries"] == {"cancelled": told["report"]["planned"]}
