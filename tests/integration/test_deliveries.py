# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries: what a person sees of them, and what happens where a destination does not take them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from samples import make_image, make_series, uids, unique
from servers.node import OUT_OF_RESOURCES, Node, abort, refuse_instances, refuse_sop_class
from servers.orthanc import OrthancServer, version_of_orthanc
from servers.process import free_port
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.storescp import StoreScp

#: Deliveries that fail come back at once, so that tests need not wait.
EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.2}
#: Deliveries that fail stay failed.
ONCE = {"attempts": 1, "initial_seconds": 0.05, "max_seconds": 0.2}


def routed(router: RouterClient, node: Node | StoreScp, **fields: object) -> tuple[str, Json, Json]:
    """A new patient's ID, and the policy and the destination by which his images go to the node."""
    someone = unique("PAT")
    destination = router.destination(unique("Node "), node, **fields)
    return someone, router.policy(unique("Policy "), patient(someone), destination), destination


@pytest.mark.skipif(version_of_orthanc() < [1, 12, 9], reason="Orthanc's jobs have no UserData")
def test_the_job_by_which_orthanc_sends_names_the_delivery(
    orthanc: OrthancServer, router: RouterClient, node: Node
) -> None:
    someone = unique("PAT")
    destination = router.destination(unique("Node "), node)
    trigger = {"level": "series", "quiet_seconds": 1}
    policy = router.policy(unique("Policy "), patient(someone), destination, trigger=trigger)
    send(orthanc.dicom_port, make_series(3, PatientID=someone))
    [delivery] = router.wait_until_delivered(3, policy=policy["id"])
    jobs = orthanc.rest.get("/jobs", expand="")
    assert {"RouterDeliveries": [delivery["id"]]} in [job.get("UserData") for job in jobs]


class TestDocument:
    def test_it_says_what_went_where_and_why(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone, policy, destination = routed(router, node)
        image = make_image(
            PatientID=someone,
            PatientName="Müller^Eva",
            AccessionNumber="ACC1",
            StudyDescription="CT Thorax",
            StudyDate="20240531",
        )
        before = datetime.now(UTC) - timedelta(seconds=1)
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        assert delivery["state"] == "succeeded"
        assert delivery["policy"] == {"id": policy["id"], "name": policy["name"], "revision": 1}
        assert delivery["action"] == {"id": policy["actions"][0]["id"], "type": "forward"}
        assert delivery["destination"] == {
            "id": destination["id"],
            "name": destination["name"],
            "kind": "dicom",
        }
        assert (delivery["instances"], delivery["remaining"], delivery["priority"]) == (1, 0, "normal")
        [attempt] = delivery["attempts"]
        assert attempt["error"] is None
        assert attempt["seconds"] >= 0
        assert before < moment(attempt["at"]) < moment(delivery["finished_at"]) + timedelta(seconds=1)
        assert before < moment(delivery["created_at"]) <= moment(delivery["finished_at"])
        assert delivery["next_attempt_at"] is None
        stored = orthanc.rest.post(
            "/tools/find", {"Level": "Study", "Query": {"PatientID": someone}, "Expand": True}
        )[0]
        resource = delivery["resource"]
        assert resource["study"] == stored["ID"]
        assert resource["series"] == stored["Series"][0]
        assert {key: value for key, value in resource.items() if key not in {"id", "study", "series"}} == {
            "level": "instance",
            "patient_id": someone,
            "patient_name": "Müller^Eva",
            "accession_number": "ACC1",
            "study_description": "CT Thorax",
            "study_date": "20240531",
            "modality": "CT",
            "study_instance_uid": image.StudyInstanceUID,
            "series_instance_uid": image.SeriesInstanceUID,
        }
        one = router.get(f"/deliveries/{delivery['id']}")
        assert {key: one[key] for key in delivery} == delivery

    def test_it_names_the_revision_that_made_it(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone, policy, _ = routed(router, node)
        router.put(f"/policies/{policy['id']}", {**policy, "name": policy["name"] + " anew"})
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        assert delivery["policy"] == {"id": policy["id"], "name": policy["name"] + " anew", "revision": 2}

    def test_its_policy_says_how_often_it_fired(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone, policy, _ = routed(router, node)
        idle = router.policy(unique("Idle "), patient("NOBODY"))
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        activity = {each.pop("policy"): each for each in router.get("/policies/activity")["items"]}
        assert activity[policy["id"]] == {
            "last_fired_at": delivery["created_at"],
            "day": 1,
            "week": 1,
            "failed_week": 0,
        }
        assert activity[idle["id"]] == {"last_fired_at": None, "day": 0, "week": 0, "failed_week": 0}


def moment(text: str) -> datetime:
    """An instant as the API writes it."""
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


class TestFinding:
    def test_filters(self, orthanc: OrthancServer, router: RouterClient, node: Node) -> None:
        someone, policy, destination = routed(router, node)
        image = make_image(PatientID=someone, PatientName="Rare^Bird", AccessionNumber=unique("ACC"))
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        resource = delivery["resource"]
        found = [
            {"policy": policy["id"]},
            {"destination": destination["id"]},
            {"resource": resource["study"]},
            {"resource": resource["series"]},
            {"policy": policy["id"], "state": "succeeded"},
            {"policy": policy["id"], "state": "failed,succeeded"},
            {"policy": policy["id"], "since": delivery["created_at"]},
            {"search": someone},
            {"search": image.AccessionNumber},
            {"search": image.StudyInstanceUID},
            {"search": image.SeriesInstanceUID},
            {"search": "rare^b", "policy": policy["id"]},
        ]
        for filters in found:
            assert [one["id"] for one in router.deliveries(**filters)] == [delivery["id"]], filters
        later = (moment(delivery["created_at"]) + timedelta(seconds=1)).isoformat()
        not_found = [
            {"policy": policy["id"], "state": "failed"},
            {"policy": policy["id"], "since": later},
            {"policy": policy["id"], "search": "somebody else"},
            {"policy": "none"},
            {"resource": "none"},
        ]
        for filters in not_found:
            assert router.deliveries(**filters) == [], filters

    def test_newest_first_and_cut_by_limit_and_offset(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone, policy, _ = routed(router, node)
        for count in range(1, 4):
            send(orthanc.dicom_port, [make_image(PatientID=someone)])
            router.wait_until_delivered(count, policy=policy["id"])
        everything = router.get("/deliveries", policy=policy["id"])
        ids = [delivery["id"] for delivery in everything["items"]]
        assert everything["total"] == len(ids) == 3
        created = [delivery["created_at"] for delivery in everything["items"]]
        assert created == sorted(created, reverse=True)
        part = router.get("/deliveries", policy=policy["id"], limit=1, offset=1)
        assert ([delivery["id"] for delivery in part["items"]], part["total"]) == (ids[1:2], 3)

    @pytest.mark.parametrize("query", ["state=lost", "since=long ago", "limit=-1", "offset=x"])
    def test_a_filter_that_makes_no_sense_is_refused(self, router: RouterClient, query: str) -> None:
        response = router.rest.request("GET", f"/router/deliveries?{query}")
        assert response.status_code == 422
        assert response.json()["error"]["details"][0]["path"] == query.split("=")[0]

    def test_one_that_is_not_there(self, router: RouterClient) -> None:
        for method, path in [("GET", ""), ("POST", "/retry"), ("POST", "/cancel")]:
            response = router.rest.request(method, f"/router/deliveries/none{path}")
            assert response.status_code == 404, path


class TestRetry:
    def test_a_destination_that_is_down_gets_all_when_it_is_up(
        self, orthanc: OrthancServer, router: RouterClient, tmp_path: Path
    ) -> None:
        scp = StoreScp(tmp_path, unique("SCP"))
        someone, policy, _ = routed(router, scp, retry=EAGER)
        images = make_series(5, PatientID=someone)
        send(orthanc.dicom_port, images)
        waiting = router.wait_for_deliveries(
            lambda found: found and any(len(one["attempts"]) >= 2 for one in found), policy=policy["id"]
        )
        tried = next(delivery for delivery in waiting if delivery["attempts"])
        assert tried["attempts"][0]["error"]
        assert tried["remaining"] == tried["instances"]
        with scp:
            found = router.wait_until_delivered(5, policy=policy["id"])
            assert Counter(scp.arrivals()) == Counter(uids(images))
        assert any(len(delivery["attempts"]) > 1 for delivery in found)
        assert all(delivery["attempts"][-1]["error"] is None for delivery in found)

    def test_after_the_last_attempt_it_stays_failed_until_a_person_retries_it(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        node.stop()
        someone, policy, _ = routed(router, node, retry=ONCE)
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["failed"], policy=policy["id"]
        )
        assert len(delivery["attempts"]) == 1
        assert delivery["finished_at"]
        node.start()
        answer = router.post(f"/deliveries/{delivery['id']}/retry")
        assert answer["id"] == delivery["id"]
        node.wait_for(uids([image]))
        done = router.wait_for_state(delivery["id"], "succeeded")
        assert [attempt["error"] is None for attempt in done["attempts"]] == [False, True]

    def test_all_that_a_filter_finds_can_be_retried(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        node.stop()
        someone, policy, _ = routed(router, node, retry=ONCE)
        others, other_policy, _ = routed(router, node, retry=ONCE)
        images = [make_image(PatientID=someone), make_image(PatientID=others)]
        send(orthanc.dicom_port, images)
        for one in (policy, other_policy):
            router.wait_for_deliveries(
                lambda found: found and all(one["state"] == "failed" for one in found), policy=one["id"]
            )
        node.start()
        # More than the person was shown: nothing is done.
        surprise = {"policy": policy["id"], "count": 0}
        answer = router.rest.request("POST", "/router/deliveries/retry", json=surprise)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "more_found")
        assert [one["state"] for one in router.deliveries(policy=policy["id"])] == ["failed"]
        assert router.post("/deliveries/retry", {"policy": policy["id"], "count": 1}) == {"count": 1}
        node.wait_for(uids(images[:1]))
        assert [one["state"] for one in router.deliveries(policy=other_policy["id"])] == ["failed"]

    def test_what_has_succeeded_cannot_be_retried(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone, policy, _ = routed(router, node)
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        assert router.rest.request("POST", f"/router/deliveries/{delivery['id']}/retry").status_code == 409

    def test_retrying_now_does_not_wait_for_the_next_attempt(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        node.stop()
        retry = {"attempts": 10, "initial_seconds": 3600, "max_seconds": 3600}
        someone, policy, _ = routed(router, node, retry=retry)
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["retrying"], policy=policy["id"]
        )
        assert moment(delivery["next_attempt_at"]) > datetime.now(UTC) + timedelta(minutes=40)
        node.start()
        router.post(f"/deliveries/{delivery['id']}/retry")
        node.wait_for(uids([image]))


class TestCancel:
    def test_what_waits_is_not_sent_any_more(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        node.stop()
        someone, policy, _ = routed(router, node, retry={**EAGER, "initial_seconds": 600, "max_seconds": 600})
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["retrying"], policy=policy["id"]
        )
        assert router.post(f"/deliveries/{delivery['id']}/cancel")["state"] == "cancelled"
        assert router.rest.request("POST", f"/router/deliveries/{delivery['id']}/cancel").status_code == 409
        node.start()
        router.post(f"/deliveries/{delivery['id']}/retry")
        node.wait_for(uids([image]))

    def test_what_is_under_way_stays_cancelled(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone, policy, _ = routed(router, node)
        node.hold()
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["running"], policy=policy["id"]
        )
        router.post(f"/deliveries/{delivery['id']}/cancel")
        node.let_go()
        follower = make_image(PatientID=someone)
        send(orthanc.dicom_port, [follower])
        node.wait_for(uids([follower]))
        assert router.get(f"/deliveries/{delivery['id']}")["state"] == "cancelled"

    def test_a_paused_destination_gets_nothing_until_it_is_resumed(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone, policy, destination = routed(router, node)
        router.put(f"/destinations/{destination['id']}", {**destination, "enabled": False})
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_for_deliveries(lambda found: len(found) == 1, policy=policy["id"])
        assert delivery["state"] in {"waiting", "held"}
        assert node.arrivals == []
        router.put(f"/destinations/{destination['id']}", destination)
        node.wait_for(uids([image]))


class TestRefusal:
    """A destination that answers, but does not take everything."""

    def test_a_refused_image_does_not_keep_the_others_from_arriving(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone, policy, _ = routed(router, node, retry=ONCE)
        images = make_series(9, PatientID=someone)
        poison = uids(images)[4]
        node.behaviour = refuse_instances({poison})
        send(orthanc.dicom_port, images)
        node.wait_for(set(uids(images)) - {poison})
        found = router.wait_for_deliveries(
            lambda found: (
                (found and {one["state"] for one in found} == {"succeeded", "failed"})
                or [one["state"] for one in found] == ["failed"]
            ),
            policy=policy["id"],
        )
        failed = [delivery for delivery in found if delivery["state"] == "failed"]
        assert len(failed) == 1
        assert failed[0]["remaining"] == 1
        assert orthanc_id(orthanc, poison) in failed[0]["attempts"][-1]["error"]
        assert poison not in node.accepted()

    def test_a_sop_class_that_is_not_accepted_is_named(
        self, orthanc: OrthancServer, router: RouterClient
    ) -> None:
        sr, ct = make_image("SR"), make_image("CT")
        with Node(unique("NODE"), refused_contexts={sr.SOPClassUID}) as node:
            someone, policy, _ = routed(router, node, retry=ONCE)
            sr.PatientID = ct.PatientID = someone
            send(orthanc.dicom_port, [sr, ct])
            node.wait_for(uids([ct]))
            [failed] = router.wait_for_deliveries(
                lambda found: len(found) == 1, policy=policy["id"], state="failed"
            )
        assert failed["remaining"] == 1
        assert failed["attempts"][-1]["error"]
        assert set(node.accepted()) == set(uids([ct]))

    def test_refused_images_at_the_front_keep_neither_the_rest_nor_other_patients(
        self, orthanc: OrthancServer, router: RouterClient
    ) -> None:
        with Node(unique("NODE"), refused_contexts={make_image("SR").SOPClassUID}) as node:
            someone, other = unique("PAT"), unique("PAT")
            destination = router.destination(unique("Node "), node, retry=EAGER)
            rule = {"any": [patient(someone), patient(other)]}
            trigger = {"level": "study", "quiet_seconds": 1}
            policy = router.policy(unique("Study "), rule, destination, trigger=trigger)
            images = make_series(12, PatientID=someone)
            # Orthanc lists the newest series first.
            reports = make_series(9, "SR", study=images[0].StudyInstanceUID, PatientID=someone)
            send(orthanc.dicom_port, [*images, *reports])
            node.wait_for(uids(images))
            [delivery] = router.wait_for_deliveries(
                lambda found: found and found[0]["attempts"], policy=policy["id"]
            )
            assert "9 instances: The node takes no Enhanced SR Storage" in delivery["attempts"][-1]["error"]
            image = make_image(PatientID=other)
            send(orthanc.dicom_port, [image])
            node.wait_for(uids([image]))
            found = router.wait_for_deliveries(lambda found: len(found) == 2, policy=policy["id"])
            router.wait_for_state(found[0]["id"], "succeeded")
            router.post(f"/deliveries/{delivery['id']}/cancel")
        assert set(node.accepted()) == set(uids([*images, image]))

    def test_changed_images_go_in_one_association(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone = unique("PAT")
        destination = router.destination(unique("Node "), node, concurrency=1)
        forward = {
            "type": "forward",
            "destination": destination["id"],
            "transform": {"replace": {"StudyDescription": "CHANGED"}},
        }
        policy = router.post(
            "/policies",
            {
                "name": unique("Changed "),
                "rule": patient(someone),
                "actions": [forward],
                "trigger": {"level": "study", "quiet_seconds": 1},
            },
        )
        images = make_series(10, PatientID=someone)
        others = make_series(10, "MR", study=images[0].StudyInstanceUID, PatientID=someone)
        send(orthanc.dicom_port, [*images, *others])
        router.wait_until_delivered(20, policy=policy["id"])
        assert sorted(node.accepted()) == sorted(uids([*images, *others]))
        assert node.associations == 1

    def test_a_failure_status_is_tried_again(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        node.behaviour = lambda _event, _request: OUT_OF_RESOURCES
        someone, policy, _ = routed(router, node, retry=EAGER)
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        node.wait_for_requests(3)
        node.behaviour = refuse_sop_class("none")
        node.wait_for(uids([image]))
        router.wait_until_delivered(1, policy=policy["id"])

    def test_an_association_that_is_aborted_is_tried_again(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        node.behaviour = abort
        someone, policy, _ = routed(router, node, retry=EAGER)
        images = make_series(4, PatientID=someone)
        send(orthanc.dicom_port, images)
        node.wait_for_requests(2)
        node.behaviour = refuse_sop_class("none")
        node.wait_for(uids(images))
        router.wait_until_delivered(4, policy=policy["id"])

    def test_an_image_that_is_gone_from_orthanc_says_so(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        node.stop()
        someone, policy, _ = routed(router, node, retry={**EAGER, "attempts": 20})
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_for_deliveries(lambda found: len(found) == 1, policy=policy["id"])
        orthanc.rest.delete(f"/studies/{delivery['resource']['study']}")
        node.start()
        done = router.wait_for_state(delivery["id"], {"failed", "cancelled"})
        assert "Orthanc" in done["attempts"][-1]["error"]
        # It is not tried for a week, nor is the node taken for one that is away.
        assert done["attempt_count"] < 20


def orthanc_id(orthanc: OrthancServer, uid: str) -> str:
    """Orthanc's identifier of a stored instance."""
    found = orthanc.rest.post("/tools/find", {"Level": "Instance", "Query": {"SOPInstanceUID": uid}})
    return str(found[0])


class TestLanes:
    def test_a_dead_destination_does_not_hold_up_another(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        class Nobody:
            aet, host = "NOBODY", "127.0.0.1"
            port = free_port()

        with Node(unique("NODE")) as hanging:
            hanging.hold()
            someone = unique("PAT")
            targets = [
                router.destination(unique("Hanging "), hanging),
                router.destination(unique("Nobody "), Nobody()),
                router.destination(unique("Alive "), node),
            ]
            policy = router.policy(unique("Lanes "), patient(someone), *targets)
            for _ in range(5):
                image = make_image(PatientID=someone)
                send(orthanc.dicom_port, [image])
                node.wait_for(uids([image]), timeout=2)
            states = Counter(
                (delivery["destination"]["id"], delivery["state"])
                for delivery in router.deliveries(policy=policy["id"], state="succeeded")
            )
            assert set(states) <= {(targets[2]["id"], "succeeded")}
