# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of deliveries when destinations are down, closed, slow or choosy."""

import datetime

import pytest
from pydicom.uid import CTImageStorage, MRImageStorage

from samples import make_image, make_series, uids, unique
from servers.node import Node, refuse_instances, refuse_sop_class
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until

QUICK = {"attempts": 2, "initial_seconds": 0.05, "max_seconds": 0.1}


@pytest.fixture
def someone() -> str:
    """A patient's ID that belongs to one test."""
    return unique("PAT")


def nowhere(router: RouterClient, **fields: object) -> Json:
    """A destination where nobody listens."""
    settings = {"aet": "NOBODY", "host": "127.0.0.1", "port": free_port()}
    document = {"name": unique("Nowhere "), "kind": "dicom", "settings": settings, "retry": QUICK, **fields}
    return router.post("/destinations", document)


class TestAlternate:
    def test_what_failed_for_good_goes_to_the_alternate(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        first = nowhere(router, alternate=destination["id"])
        policy = router.policy(unique("Alternate "), patient(someone), first)
        images = make_series(3, PatientID=someone)
        send(orthanc.dicom_port, images)
        node.wait_for(uids(images))
        deliveries = router.wait_for_deliveries(
            lambda found: (
                {one["state"] for one in found} == {"failed", "succeeded"}
                and sum(one["instances"] for one in found if one["state"] == "succeeded") == 3
            ),
            policy=policy["id"],
        )
        failed = {one["id"]: one for one in deliveries if one["state"] == "failed"}
        for one in deliveries:
            if one["state"] == "succeeded":
                assert one["destination"]["id"] == destination["id"]
                assert failed[one["instead_of"]]["destination"]["id"] == first["id"]

    def test_two_that_are_each_others_alternate_do_not_play_ball(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        first = nowhere(router)
        second = nowhere(router, alternate=first["id"])
        router.put(f"/destinations/{first['id']}", {**first, "alternate": second["id"]})
        policy = router.policy(unique("Ball "), patient(someone), first)
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        router.wait_for_deliveries(
            lambda found: len(found) == 2 and {one["state"] for one in found} == {"failed"},
            policy=policy["id"],
        )


class TestAbsence:
    def test_health_warns_of_a_destination_that_cannot_be_reached_until_it_is_back(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        def warnings() -> list[Json]:
            return [
                one for one in router.health()["warnings"] if one["destination"]["id"] == destination["id"]
            ]

        node.stop()
        router.policy(unique("Away "), patient(someone), destination)
        image = make_image(PatientID=someone)
        before = datetime.datetime.now(datetime.UTC)
        send(orthanc.dicom_port, [image])
        wait_until(warnings)
        [warning] = warnings()
        assert warning["code"] == "destination"
        assert warning["waiting"] == 1
        assert destination["name"] in warning["message"]
        assert datetime.datetime.fromisoformat(warning["since"]) >= before - datetime.timedelta(seconds=1)
        assert router.health()["status"] != "ok"
        node.start()
        node.wait_for(uids([image]))
        wait_until(lambda: not warnings())


class TestWindow:
    def test_a_delivery_is_held_until_its_window_opens(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        now = datetime.datetime.now(datetime.UTC)
        opening = (now + datetime.timedelta(hours=2)).replace(second=0, microsecond=0)
        closing = opening + datetime.timedelta(hours=1)
        window = {"from": opening.strftime("%H:%M"), "to": closing.strftime("%H:%M"), "timezone": "UTC"}
        action = {"type": "forward", "destination": destination["id"], "window": window}
        policy = router.policy(unique("Night "), patient(someone), actions=[action])
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_for_deliveries(lambda found: len(found) == 1, policy=policy["id"])
        assert delivery["state"] == "held"
        assert datetime.datetime.fromisoformat(delivery["next_attempt_at"]) == opening
        assert "window" in delivery["note"]
        assert node.accepted() == []
        # A person sends it now, outside of its window.
        router.post(f"/deliveries/{delivery['id']}/retry")
        node.wait_for(uids([image]))
        router.wait_for_state(delivery["id"], "succeeded")

    def test_an_open_window_holds_nothing(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        action = {"type": "forward", "destination": destination["id"], "window": {"timezone": "UTC"}}
        router.policy(unique("Always "), patient(someone), actions=[action])
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        node.wait_for(uids([image]))


class TestPoison:
    def test_an_instance_that_is_refused_does_not_hold_up_the_others(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        images = make_series(20, PatientID=someone)
        poison = uids(images)[13]
        with Node(unique("CHOOSY"), behaviour=refuse_instances([poison])) as choosy:
            destination = router.destination(unique("Choosy "), choosy, retry=QUICK)
            policy = router.policy(unique("Poison "), patient(someone), destination)
            send(orthanc.dicom_port, images)
            choosy.wait_for(set(uids(images)) - {poison})
            [failed] = router.wait_for_deliveries(
                lambda found: [one for one in found if one["state"] == "failed"],
                policy=policy["id"],
                state="failed",
            )
        [identifier] = [
            instance
            for instance in router.get(f"/deliveries/{failed['id']}")["instance_ids"]
            if orthanc.rest.get(f"/instances/{instance}")["MainDicomTags"]["SOPInstanceUID"] == poison
        ]
        assert failed["remaining"] == 1
        assert identifier in failed["attempts"][-1]["error"]

    def test_a_sop_class_that_is_refused_does_not_hold_up_the_others(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        images = [make_image(modality, PatientID=someone) for modality in ("CT", "MR") * 5]
        wanted = uids(image for image in images if image.SOPClassUID == CTImageStorage)
        with Node(unique("CTONLY"), behaviour=refuse_sop_class(MRImageStorage)) as choosy:
            destination = router.destination(unique("CT only "), choosy, retry=QUICK)
            policy = router.policy(unique("Choosy "), patient(someone), destination)
            send(orthanc.dicom_port, images)
            choosy.wait_for(wanted)
            deliveries = router.wait_for_deliveries(
                lambda found: found and all(one["state"] in {"failed", "succeeded"} for one in found),
                policy=policy["id"],
            )
            assert sum(one["remaining"] for one in deliveries) == 5
            assert set(choosy.accepted()) == set(wanted)


class TestLanes:
    def test_a_dead_destination_does_not_delay_a_living_one(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        with Node(unique("HANGS")) as hanging:
            hanging.hold()
            stuck = router.destination(unique("Hangs "), hanging)
            router.policy(unique("Dead "), patient(someone), stuck, nowhere(router), order=-1)
            router.policy(unique("Alive "), patient(someone), destination)
            images = make_series(5, PatientID=someone)
            send(orthanc.dicom_port, images)
            node.wait_for(uids(images), timeout=5)
            hanging.let_go()
            hanging.wait_for(uids(images))

    def test_urgent_goes_before_bulk(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node
    ) -> None:
        paused = router.post(f"/destinations/{destination['id']}/disable")
        assert paused["enabled"] is False
        people = {priority: unique("PAT") for priority in ("bulk", "normal", "urgent")}
        for priority, someone in people.items():
            action = {"type": "forward", "destination": destination["id"], "priority": priority}
            policy = router.policy(unique(f"{priority} "), patient(someone), actions=[action])
            send(orthanc.dicom_port, [make_image(PatientID=someone)])
            router.wait_for_deliveries(lambda found: len(found) == 1, policy=policy["id"])
        router.post(f"/destinations/{destination['id']}/enable")
        deliveries = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["succeeded"] * 3, destination=destination["id"]
        )
        order = sorted(deliveries, key=lambda one: one["finished_at"])
        assert [one["priority"] for one in order] == ["urgent", "normal", "bulk"]
        assert len(node.accepted()) == 3
