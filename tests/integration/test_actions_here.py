# SPDX-License-Identifier: GPL-3.0-or-later
"""What policies change in this Orthanc, where results come from, and what is changed on the way."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from pydicom import FileDataset, dcmread
from pydicom.pixels.utils import pixel_array
from pydicom.uid import JPEG2000Lossless

from samples import file_bytes, make_image, make_series, pydicom_file, uids, unique
from servers.node import Node
from servers.orthanc import OrthancServer, RestError
from servers.process import free_port
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.storescp import StoreScp
from servers.waiting import wait_until

QUICK = {"attempts": 2, "initial_seconds": 0.05, "max_seconds": 0.1}


@pytest.fixture
def someone() -> str:
    """A patient's ID that belongs to one test."""
    return unique("PAT")


def modify(**transform: Any) -> Json:
    return {"type": "modify", "transform": transform or {"replace": {"StudyDescription": "changed"}}}


def acting(router: RouterClient, rule: Json, *actions: Json, **fields: object) -> Json:
    """A policy with these actions."""
    return router.policy(unique("Policy "), rule, actions=list(actions), **fields)


def settled(router: RouterClient, policy: Json, *states: str) -> list[Json]:
    """The deliveries of a policy, once they are as many as the states and in them."""
    return router.wait_for_deliveries(
        lambda found: sorted(one["state"] for one in found) == sorted(states), policy=policy["id"]
    )


def stored(orthanc: OrthancServer, instance: str) -> FileDataset:
    return dcmread(io.BytesIO(orthanc.dicom(instance)))


def instance_of(orthanc: OrthancServer, image: FileDataset) -> str:
    found = orthanc.rest.call("POST", "/tools/lookup", data=str(image.SOPInstanceUID))
    return str(next(one["ID"] for one in found if one["Type"] == "Instance"))


def described(text: str) -> Json:
    return {"tag": "StudyDescription", "operator": "equals", "value": text}


def nowhere(router: RouterClient, **fields: object) -> Json:
    """A destination where nobody listens."""
    settings = {"aet": "NOBODY", "host": "127.0.0.1", "port": free_port()}
    document = {"name": unique("Nowhere "), "kind": "dicom", "settings": settings, **fields}
    return router.post("/destinations", document)


class TestForwardWithTransform:
    def test_the_image_arrives_changed_and_nothing_of_it_is_stored(
        self, orthanc: OrthancServer, router: RouterClient, storescp: StoreScp, someone: str
    ) -> None:
        destination = router.destination(unique("Scp "), storescp)
        transform = {"anonymize": True, "replace": {"PatientID": "{{ pseudonym(PatientID) }}"}}
        forward = {"type": "forward", "destination": destination["id"], "transform": transform}
        policy = acting(router, patient(someone), forward)
        images = make_series(2, PatientID=someone, PatientName="Doe^Jane")
        send(orthanc.dicom_port, images)
        router.wait_until_delivered(2, policy=policy["id"])
        arrived = [storescp.read(uid) for uid in storescp.files()]
        assert len(arrived) == 2
        assert len({one.PatientID for one in arrived}) == 1
        assert len({one.StudyInstanceUID for one in arrived}) == 1
        for one in arrived:
            assert one.PatientID not in {"", someone}
            assert one.PatientIdentityRemoved == "YES"
            assert "Doe" not in str(one)
        assert not set(storescp.files()) & orthanc.sop_instance_uids()

    def test_an_image_that_cannot_be_changed_is_not_sent_as_it_is_nor_tried_again(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        transform = {"redact": [{"rectangles": [[5000, 5000, 1, 1]]}]}
        forward = {"type": "forward", "destination": destination["id"], "transform": transform}
        policy = acting(router, patient(someone), forward)
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [failed] = settled(router, policy, "failed")
        [attempt] = failed["attempts"]
        assert "outside" in attempt["error"]
        assert node.accepted() == []

    def test_patients_without_an_identifier_stay_two_and_burned_in_text_stays_here(
        self, orthanc: OrthancServer, router: RouterClient, storescp: StoreScp, someone: str
    ) -> None:
        destination = router.destination(unique("Scp "), storescp)
        transform = {"anonymize": True, "burned_in": "refuse", "project": "@destination"}
        forward = {"type": "forward", "destination": destination["id"], "transform": transform}
        described = {"tag": "StudyDescription", "operator": "equals", "value": someone}
        policy = acting(router, described, forward)
        send(orthanc.dicom_port, [make_image(PatientID="", StudyDescription=someone) for _ in range(2)])
        router.wait_until_delivered(2, policy=policy["id"])
        shown = make_image(PatientID="", StudyDescription=someone, BurnedInAnnotation="YES")
        send(orthanc.dicom_port, [shown])
        found = router.wait_for_deliveries(
            lambda found: any(one["state"] == "failed" for one in found), policy=policy["id"]
        )
        [failed] = [one for one in found if one["state"] == "failed"]
        assert "burned-in" in failed["attempts"][0]["error"]
        arrived = [storescp.read(uid) for uid in storescp.files()]
        assert len({one.PatientID for one in arrived} - {"", "ANONYMIZED"}) == len(arrived) == 2

    def test_images_that_may_show_text_wait_until_they_are_released(
        self, orthanc: OrthancServer, router: RouterClient, storescp: StoreScp, someone: str
    ) -> None:
        destination = router.destination(unique("Scp "), storescp)
        transform = {"anonymize": True, "burned_in": "hold"}
        forward = {"type": "forward", "destination": destination["id"], "transform": transform}
        policy = acting(router, patient(someone), forward)
        images = [make_image(PatientID=someone), make_image("US", PatientID=someone)]
        send(orthanc.dicom_port, images)
        found = router.wait_for_deliveries(
            lambda found: any(one["state"] == "held" for one in found) and len(storescp.files()) == 1,
            policy=policy["id"],
        )
        [held] = [one for one in found if one["state"] != "succeeded"]
        assert (held["state"], held["next_attempt_at"]) == ("held", None)
        assert "images of modality US often have" in held["note"]
        router.post(f"/deliveries/{held['id']}/retry")
        router.wait_until_delivered(len(found), policy=policy["id"])
        assert sorted(storescp.read(uid).Modality for uid in storescp.files()) == ["CT", "US"]

    def test_what_cannot_be_compressed_arrives_with_a_note(
        self, orthanc: OrthancServer, router: RouterClient, storescp: StoreScp, someone: str
    ) -> None:
        destination = router.destination(unique("Scp "), storescp)
        transform = {"transfer_syntax": JPEG2000Lossless}
        forward = {"type": "forward", "destination": destination["id"], "transform": transform}
        policy = acting(router, patient(someone), forward)
        deep: dict[str, Any] = {
            "BitsAllocated": 32,
            "BitsStored": 32,
            "HighBit": 31,
            "PixelData": bytes(1024),
        }
        image = make_image(PatientID=someone, size=512, **deep)
        send(orthanc.dicom_port, [image])
        [delivery] = settled(router, policy, "succeeded")
        assert delivery["note"].startswith("1 image: Not compressed as JPEG 2000")
        assert storescp.read(image.SOPInstanceUID).PixelData == image.PixelData


class TestModify:
    def test_a_changed_copy_is_stored_and_fires_other_policies(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        changing = acting(router, patient(someone), modify())
        copies = {"all": [patient(someone), described("changed")]}
        forwarding = router.policy(unique("Copies "), copies, destination)
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        [delivery] = settled(router, changing, "succeeded")
        settled(router, forwarding, "succeeded")
        [arrived] = node.accepted()
        assert arrived != image.SOPInstanceUID
        assert {str(image.SOPInstanceUID), arrived} <= orthanc.sop_instance_uids()
        [result] = router.get(f"/deliveries/{delivery['id']}")["lineage"]["results"]
        copy = stored(orthanc, result["result"]["id"])
        assert copy.StudyDescription == "changed"
        assert copy.SOPInstanceUID == arrived

    def test_a_policy_does_not_fire_for_what_it_has_made(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        rule = {"tag": "PatientID", "operator": "starts_with", "value": someone}
        policy = acting(router, rule, modify(replace={"PatientID": "{{ PatientID }}x"}))
        witness = acting(router, rule, modify(replace={"PatientID": "{{ PatientID }}y"}), order=-1)
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        # Each once for the original and once for the copy of the other: xy and yx.
        settled(router, policy, "succeeded", "succeeded")
        settled(router, witness, "succeeded", "succeeded")
        query = {"Level": "Instance", "Query": {"PatientID": f"{someone}*"}, "Expand": False}
        assert len(orthanc.rest.post("/tools/find", query)) == 5

    @pytest.mark.parametrize("level", ["series", "study"])
    def test_nor_for_a_series_or_study_of_it(
        self, orthanc: OrthancServer, router: RouterClient, someone: str, level: str
    ) -> None:
        trigger = {"level": level, "quiet_seconds": 1}
        policy = acting(router, patient(someone), modify(), trigger=trigger)
        later = acting(
            router,
            {"all": [patient(someone), described("changed")]},
            modify(replace={"StudyDescription": "again"}),
            trigger={"level": level, "quiet_seconds": 2},
        )
        send(orthanc.dicom_port, make_series(3, PatientID=someone))
        settled(router, later, "succeeded")
        [delivery] = settled(router, policy, "succeeded")
        assert delivery["instances"] == 3

    def test_pixels_that_were_compressed_are_redacted(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        redact = [{"when": {"Modality": "US"}, "rectangles": [[0, 0, 40, 30]]}]
        policy = acting(router, patient(someone), modify(redact=redact))
        image = pydicom_file("examples_ybr_color.dcm")
        image.PatientID, image.Modality = someone, "US"
        orthanc.rest.upload(file_bytes(image))
        [delivery] = settled(router, policy, "succeeded")
        [made] = router.get(f"/deliveries/{delivery['id']}")["lineage"]["results"]
        before, after = pixel_array(image), pixel_array(stored(orthanc, made["result"]["id"]))
        assert not after[:, :30, :40].any()
        assert (after[:, 30:] == before[:, 30:]).all()

    def test_doing_it_again_makes_no_second_copy(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        policy = acting(router, patient(someone), modify())
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        settled(router, policy, "succeeded")
        query = {"Level": "Instance", "Query": {"PatientID": someone}}
        before = sorted(orthanc.rest.post("/tools/find", query))
        orthanc.rest.delete(f"/instances/{instance_of(orthanc, image)}")
        send(orthanc.dicom_port, [image])
        settled(router, policy, "succeeded", "succeeded")
        assert sorted(orthanc.rest.post("/tools/find", query)) == before

    def test_what_stands_under_the_results_identity_is_not_overwritten(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        policies = [
            acting(router, patient(someone), modify(replace={"StudyDescription": text}))
            for text in ("one", "other")
        ]
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        found = router.wait_for_deliveries(
            lambda found: (
                {one["state"] for one in found if one["policy"]["id"] in {each["id"] for each in policies}}
                == {"succeeded", "failed"}
            ),
            search=someone,
        )
        [failed] = [one for one in found if one["state"] == "failed"]
        assert "identity" in failed["attempts"][-1]["error"]

    def test_what_an_earlier_revision_has_made_is_not_taken_for_the_new(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        policy = acting(router, patient(someone), modify())
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        settled(router, policy, "succeeded")
        changed = {**policy, "actions": [{**policy["actions"][0], **modify(replace={"StudyID": "new"})}]}
        router.put(f"/policies/{policy['id']}", changed)
        orthanc.rest.delete(f"/instances/{instance_of(orthanc, image)}")
        send(orthanc.dicom_port, [image])
        found = settled(router, policy, "failed", "succeeded")
        assert "revision 1" in found[0]["attempts"][-1]["error"]

    def test_the_original_goes_once_the_copy_is_stored(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        policy = acting(router, patient(someone), modify() | {"keep_original": False})
        images = make_series(3, PatientID=someone)
        send(orthanc.dicom_port, images)
        router.wait_for_deliveries(
            lambda found: (
                {one["state"] for one in found} == {"succeeded"}
                and {one["action"]["type"] for one in found} == {"modify", "delete"}
                and sum(one["instances"] for one in found) == 6
            ),
            policy=policy["id"],
        )
        query = {"Level": "Instance", "Query": {"PatientID": someone}, "Expand": True}
        left = orthanc.rest.post("/tools/find", query)
        assert len(left) == 3
        assert not {one["MainDicomTags"]["SOPInstanceUID"] for one in left} & set(uids(images))


class TestCrash:
    def test_killed_in_the_middle_every_image_gets_one_copy(self, own_orthanc: OrthancServer) -> None:
        own_orthanc.start()
        router = RouterClient(own_orthanc.rest)
        policy = acting(router, {"all": []}, modify())
        images = make_series(40)
        send(own_orthanc.dicom_port, images)
        wait_until(lambda: len(own_orthanc.instances()) > len(images))
        own_orthanc.restart(kill=True)
        router.wait_until_delivered(len(images), timeout=30, policy=policy["id"])
        assert len(own_orthanc.instances()) == 2 * len(images)
        sources = {
            result["source"]["id"]
            for delivery in router.deliveries(policy=policy["id"])
            for result in router.get(f"/deliveries/{delivery['id']}")["lineage"]["results"]
        }
        assert len(sources) == len(images)


class TestLineage:
    def test_it_is_read_from_any_side_at_any_level(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        first = acting(router, {"all": [patient(someone), described("Test study")]}, modify())
        second = acting(
            router,
            {"all": [patient(someone), described("changed")]},
            modify(replace={"StudyDescription": "twice"}),
        )
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        settled(router, first, "succeeded")
        settled(router, second, "succeeded")
        original = instance_of(orthanc, image)
        forward = router.get(f"/lineage/instances/{original}")
        assert [(one["policy"]["id"], one["hops"]) for one in forward["results"]] == [
            (first["id"], 1),
            (second["id"], 2),
        ]
        assert forward["sources"] == []
        middle, last = (one["result"]["id"] for one in forward["results"])
        backward = router.get(f"/lineage/instances/{last}")
        assert {one["source"]["id"] for one in backward["sources"]} == {original, middle}
        assert backward["results"] == []
        both = router.get(f"/lineage/instances/{middle}")
        assert ([len(both[side]) for side in ("sources", "results")]) == [1, 1]
        series = orthanc.rest.get(f"/instances/{original}")["ParentSeries"]
        study = orthanc.rest.get(f"/series/{series}")["ParentStudy"]
        for level, resource in (("series", series), ("studies", study)):
            results = router.get(f"/lineage/{level}/{resource}")["results"]
            assert [one["policy"]["id"] for one in results] == [first["id"], second["id"]]

    def test_the_explanation_tells_why_a_policy_leaves_its_own_result_aside(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        policy = acting(router, patient(someone), modify())
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = settled(router, policy, "succeeded")
        [made] = router.get(f"/deliveries/{delivery['id']}")["lineage"]["results"]
        explained = router.get(f"/explain/instances/{made['result']['id']}")["policies"]
        [verdict] = [one for one in explained if one["policy"]["id"] == policy["id"]]
        assert verdict["matches"]
        assert verdict["skipped"] == "descendant"

    def test_orthanc_tells_it_too(self, orthanc: OrthancServer, router: RouterClient, someone: str) -> None:
        policy = acting(router, patient(someone), modify())
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = settled(router, policy, "succeeded")
        [made] = router.get(f"/deliveries/{delivery['id']}")["lineage"]["results"]
        told = orthanc.rest.get(f"/instances/{made['result']['id']}/metadata/4801")
        assert told["policy"]["id"] == policy["id"]
        assert told["source"]["id"] == made["source"]["id"]

    @pytest.mark.parametrize("beginning", ["Größe ", " a"])
    def test_results_are_known_whatever_letters_the_identifier_has(
        self, orthanc: OrthancServer, router: RouterClient, someone: str, beginning: str
    ) -> None:
        named = modify(anonymize=True, replace={"PatientID": beginning + someone[3:]})
        policy = acting(router, patient(someone), named)
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = settled(router, policy, "succeeded")
        [made] = router.get(f"/deliveries/{delivery['id']}")["lineage"]["results"]
        assert stored(orthanc, made["result"]["id"]).PatientIdentityRemoved == "YES"
        assert "knows the result" not in orthanc.log()


class TestHopLimit:
    @pytest.fixture
    def short(self, own_orthanc: OrthancServer) -> Iterator[OrthancServer]:
        own_orthanc.configuration["Router"]["HopLimit"] = 2
        own_orthanc.start()
        yield own_orthanc
        own_orthanc.stop()

    def test_at_the_limit_nothing_is_done_and_that_is_seen(self, short: OrthancServer) -> None:
        router = RouterClient(short.rest)
        everything: Json = {"all": []}
        policies = [
            acting(router, everything, modify(replace={"PatientID": "{{ PatientID }}" + letter}))
            for letter in "ab"
        ]
        third = acting(
            router,
            {"tag": "PatientID", "operator": "ends_with", "value": "ab"},
            modify(replace={"StudyDescription": "c"}),
        )
        send(short.dicom_port, [make_image()])
        for policy in policies:
            settled(router, policy, "succeeded", "succeeded")
        [stopped] = settled(router, third, "failed")
        assert "hop limit" in stopped["note"].lower()
        assert stopped["attempts"] == []


class TestDelete:
    def test_it_waits_for_a_delivery_that_is_under_way(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        node.hold()
        policy = acting(
            router,
            patient(someone),
            {"type": "forward", "destination": destination["id"]},
            {"type": "delete"},
        )
        images = make_series(3, PatientID=someone)
        send(orthanc.dicom_port, images)
        router.wait_for_deliveries(
            lambda found: [
                one
                for one in found
                if one["action"]["type"] == "delete"
                and one["state"] == "held"
                and "for the delivery" in (one["note"] or "")
            ],
            policy=policy["id"],
        )
        assert set(uids(images)) <= orthanc.sop_instance_uids()
        node.let_go()
        node.wait_for(uids(images))
        router.wait_for_deliveries(
            lambda found: {one["state"] for one in found} == {"succeeded"}, policy=policy["id"], timeout=10
        )
        assert not set(uids(images)) & orthanc.sop_instance_uids()

    def test_one_that_is_cancelled_while_it_waits_stays_so(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        node.hold()
        forwarding = {"type": "forward", "destination": destination["id"]}
        policy = acting(router, patient(someone), forwarding, {"type": "delete"})
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        found = router.wait_for_deliveries(
            lambda found: any(
                one["action"]["type"] == "delete" and "for the delivery" in (one["note"] or "")
                for one in found
            ),
            policy=policy["id"],
        )
        [deleting] = [one for one in found if one["action"]["type"] == "delete"]
        router.post(f"/deliveries/{deleting['id']}/cancel")
        node.let_go()
        settled(router, policy, "cancelled", "succeeded")
        # Behind all that follows from the end of the other.
        later = make_image(PatientID=someone)
        send(orthanc.dicom_port, [later])
        settled(router, policy, "cancelled", "succeeded", "succeeded", "succeeded")
        assert str(image.SOPInstanceUID) in orthanc.sop_instance_uids()
        assert router.get(f"/deliveries/{deleting['id']}")["state"] == "cancelled"

    def test_it_waits_for_a_policy_that_has_yet_to_fire(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        trigger = {"level": "study", "quiet_seconds": 3}
        later = router.policy(unique("Later "), patient(someone), destination, trigger=trigger)
        policy = acting(router, patient(someone), {"type": "delete"})
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        settled(router, policy, "held")
        settled(router, later, "succeeded")
        node.wait_for(uids([image]))
        settled(router, policy, "succeeded")
        assert str(image.SOPInstanceUID) not in orthanc.sop_instance_uids()

    def test_nothing_is_deleted_where_another_delivery_has_failed(
        self, orthanc: OrthancServer, router: RouterClient, someone: str
    ) -> None:
        forward = {"type": "forward", "destination": nowhere(router, retry=QUICK)["id"]}
        forwarding = acting(router, patient(someone), forward)
        policy = acting(router, patient(someone), {"type": "delete"})
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        settled(router, forwarding, "failed")
        [failed] = settled(router, policy, "failed")
        assert "Nothing is deleted" in failed["attempts"][-1]["error"]
        assert str(image.SOPInstanceUID) in orthanc.sop_instance_uids()

    def test_a_retry_by_hand_looks_again(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, someone: str
    ) -> None:
        away = nowhere(router, retry=QUICK)
        forwarding = router.policy(unique("Away "), patient(someone), away)
        policy = acting(router, patient(someone), {"type": "delete"})
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        [lost] = settled(router, forwarding, "failed")
        [failed] = settled(router, policy, "failed")
        settings = {"aet": node.aet, "host": node.host, "port": node.port}
        router.put(f"/destinations/{away['id']}", {**away, "settings": settings})
        router.post(f"/deliveries/{lost['id']}/retry")
        settled(router, forwarding, "succeeded")
        router.post(f"/deliveries/{failed['id']}/retry")
        settled(router, policy, "succeeded")
        assert str(image.SOPInstanceUID) not in orthanc.sop_instance_uids()

    def test_what_the_alternate_has_taken_can_go(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, someone: str
    ) -> None:
        away = nowhere(router, retry=QUICK, alternate=destination["id"])
        router.policy(unique("Away "), patient(someone), away)
        policy = acting(router, patient(someone), {"type": "delete"})
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        settled(router, policy, "succeeded")
        assert str(image.SOPInstanceUID) not in orthanc.sop_instance_uids()

    def test_what_comes_later_stays(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        node.hold()
        first, second = make_series(2, PatientID=someone)
        first.SeriesDescription = "old"
        rule = {"all": [patient(someone), {"tag": "SeriesNumber", "operator": "equals", "value": 1}]}
        router.policy(unique("Slow "), rule, destination)
        policy = acting(router, rule, {"type": "delete"})
        send(orthanc.dicom_port, [first])
        settled(router, policy, "held")
        second.SeriesNumber = 2
        second.SeriesInstanceUID = make_image().SeriesInstanceUID
        send(orthanc.dicom_port, [second])
        node.let_go()
        settled(router, policy, "succeeded")
        left = orthanc.sop_instance_uids()
        assert str(first.SOPInstanceUID) not in left
        assert str(second.SOPInstanceUID) in left


class TestRefused:
    @pytest.mark.parametrize(
        ("action", "path"),
        [
            ({"type": "modify"}, "actions[0].transform"),
            ({"type": "modify", "transform": {}}, "actions[0].transform"),
            (modify(replace={"PatientsName": "x"}), "actions[0].transform.replace.PatientsName"),
            (modify(remove=["Nothing"]), "actions[0].transform.remove[0]"),
            (modify(uids="keep", remove=["StudyID"]), "actions[0].transform.uids"),
            (modify(anonymize={"retain": True}), "actions[0].transform.anonymize"),
            (modify(redact=[{"rectangles": []}]), "actions[0].transform.redact[0].rectangles"),
            ({"type": "delete", "destination": "x"}, "actions[0].destination"),
            ({"type": "label", "label": "{{ Nothing }}"}, "actions[0].label"),
        ],
    )
    def test_what_cannot_work_is_told_with_its_place(
        self, router: RouterClient, action: Json, path: str
    ) -> None:
        with pytest.raises(RestError) as refused:
            acting(router, {"all": []}, action)
        assert refused.value.status == 422
        details = refused.value.response.json()["error"]["details"]
        assert any(detail["path"].startswith(path) for detail in details), details

    def test_a_label_is_refused_where_orthanc_has_none(
        self, orthanc: OrthancServer, router: RouterClient
    ) -> None:
        version = orthanc.rest.get("/system")["Version"]
        if tuple(map(int, version.split(".")[:2])) >= (1, 12):
            pytest.skip(f"Orthanc {version} has labels")
        with pytest.raises(RestError, match=version):
            acting(router, {"all": []}, {"type": "label", "label": "seen"})


class TestLabel:
    @pytest.mark.parametrize("level", ["instance", "series", "study"])
    def test_the_resource_gets_the_label(
        self, orthanc: OrthancServer, router: RouterClient, someone: str, level: str
    ) -> None:
        version = orthanc.rest.get("/system")["Version"]
        if version != "mainline" and tuple(map(int, version.split(".")[:2])) < (1, 12):
            pytest.skip(f"Orthanc {version} has no labels")
        label = {"type": "label", "label": "{{ StudyDescription }}", "level": level}
        policy = acting(router, patient(someone), label)
        image = make_image(PatientID=someone, StudyDescription="CT chest")
        send(orthanc.dicom_port, [image])
        settled(router, policy, "succeeded")
        for each, collection in (("instance", "instances"), ("series", "series"), ("study", "studies")):
            query = {"Level": each.capitalize(), "Query": {"PatientID": someone}}
            [resource] = orthanc.rest.post("/tools/find", query)
            given = orthanc.rest.get(f"/{collection}/{resource}/labels")
            assert given == (["CT_chest"] if each == level else [])
