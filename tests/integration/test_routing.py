# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes in is sent on as the policies say, and arrives as it was sent."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests

from samples import (
    differences,
    file_bytes,
    make_image,
    make_series,
    pydicom_charset_files,
    pydicom_images,
    uids,
    unique,
    write,
)
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient, tag
from servers.sender import send, storescu
from servers.storescp import StoreScp


@pytest.fixture
def someone() -> str:
    """A patient's ID that belongs to one test."""
    return unique("PAT")


class TestContent:
    @pytest.mark.filterwarnings("ignore::UserWarning")
    def test_every_kind_of_image_arrives_as_it_was_sent(
        self, orthanc: OrthancServer, router: RouterClient, storescp: StoreScp
    ) -> None:
        """All that pydicom ships: modalities, transfer syntaxes, odd lengths, private tags, waveforms."""
        destination = router.destination(unique("All "), storescp)
        modality = unique("MOD")
        policy = router.policy(unique("All "), tag("@RemoteAET", "equals", modality), destination)
        images = dict(pydicom_images())
        for image in images.values():
            send(orthanc.dicom_port, [image], aet=modality)
        router.wait_until_delivered(len(images), timeout=30, policy=policy["id"])
        assert Counter(storescp.arrivals()) == Counter(uids(images.values()))
        changed = {
            name: found
            for name, image in images.items()
            if (found := differences(image, storescp.read(image.SOPInstanceUID)))
        }
        assert not changed
        syntaxes = {image.file_meta.TransferSyntaxUID for image in images.values()}
        assert len(syntaxes) >= 10

    @pytest.mark.filterwarnings("ignore::UserWarning")
    def test_every_character_set_arrives_as_it_was_sent(
        self, orthanc: OrthancServer, router: RouterClient, storescp: StoreScp
    ) -> None:
        destination = router.destination(unique("Letters "), storescp)
        modality = unique("MOD")
        policy = router.policy(unique("Letters "), tag("@RemoteAET", "equals", modality), destination)
        images = dict(pydicom_charset_files())
        send(orthanc.dicom_port, images.values(), aet=modality)
        router.wait_until_delivered(len(images), timeout=30, policy=policy["id"])
        changed = {
            name: found
            for name, image in images.items()
            if (found := differences(image, storescp.read(image.SOPInstanceUID)))
        }
        assert not changed

    @pytest.mark.parametrize(
        ("character_set", "name", "part"),
        [
            ("ISO_IR 100", "Buc^Jérôme", "JÉRÔME"),
            ("ISO_IR 126", "Διονυσιος", "διονυς"),
            ("ISO_IR 144", "Люкceмбypг", "люкc"),
            ("ISO_IR 192", "Wang^XiaoDong=王^小东", "小东"),
            (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎", "山田"),
        ],
        ids=["latin-1", "greek", "cyrillic", "utf-8", "iso-2022-jp"],
    )
    def test_a_rule_reads_letters_as_the_image_says(
        self,
        orthanc: OrthancServer,
        router: RouterClient,
        node: Node,
        destination: Json,
        someone: str,
        character_set: str | list[str],
        name: str,
        part: str,
    ) -> None:
        rule = {"all": [tag("PatientID", "equals", someone), tag("PatientName", "contains", part)]}
        router.policy(unique("Letters "), rule, destination)
        image = make_image(SpecificCharacterSet=character_set, PatientName=name, PatientID=someone)
        send(orthanc.dicom_port, [image])
        node.wait_for(uids([image]))


class TestMatching:
    def test_what_matches_is_sent_on_and_what_does_not_stays(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        rule = {
            "all": [
                tag("PatientID", "equals", someone),
                tag("Modality", "in", ["CT", "MR"]),
                {"any": [tag("StudyDescription", "contains", "chest"), tag("BodyPartExamined", "exists")]},
                {"not": tag("PatientAge", "less_than", "18Y")},
            ]
        }
        router.policy(unique("Nested "), rule, destination)
        common: dict[str, Any] = {"PatientID": someone, "StudyDescription": "CT CHEST", "PatientAge": "060Y"}
        stays = [
            make_image("US", **common),
            make_image(**{**common, "StudyDescription": "HEAD"}),
            make_image(**{**common, "PatientAge": "200M"}),
            make_image(**{**common, "PatientID": unique("PAT")}),
        ]
        goes = [
            make_image(**common),
            make_image("MR", **{**common, "StudyDescription": None, "BodyPartExamined": "KNEE"}),
            make_image(**{**common, "PatientAge": None}),
        ]
        send(orthanc.dicom_port, [*stays, *goes])
        node.wait_for(uids(goes))
        assert sorted(node.accepted()) == sorted(uids(goes))
        assert set(uids(stays)) <= orthanc.sop_instance_uids()

    def test_where_it_came_from_can_be_asked(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        scanner = unique("SCAN")
        rule = {
            "all": [
                tag("PatientID", "equals", someone),
                tag("@RemoteAET", "equals", scanner),
                tag("@CalledAET", "equals", "ROUTER"),
                tag("@Origin", "equals", "DicomProtocol"),
                tag("@RemoteIP", "equals", "127.0.0.1"),
            ]
        }
        router.policy(unique("Facts "), rule, destination)
        other_sender, other_called, right = (make_image(PatientID=someone) for _ in range(3))
        send(orthanc.dicom_port, [other_sender], aet="OTHER", called_aet="ROUTER")
        send(orthanc.dicom_port, [other_called], aet=scanner, called_aet="OTHER")
        orthanc.rest.upload(file_bytes(make_image(PatientID=someone)))
        send(orthanc.dicom_port, [right], aet=scanner, called_aet="ROUTER")
        node.wait_for(uids([right]))
        assert node.accepted() == uids([right])

    def test_a_disabled_or_deleted_policy_sends_nothing(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        policy = router.policy(unique("Switched "), patient(someone), destination, enabled=False)
        off, on, deleted = (make_image(PatientID=someone) for _ in range(3))
        send(orthanc.dicom_port, [off])
        # Another patient's image marks that all before it has been looked at.
        self._mark(orthanc, router, destination, node)
        router.post(f"/policies/{policy['id']}/enable")
        send(orthanc.dicom_port, [on])
        node.wait_for(uids([on]))
        router.delete(f"/policies/{policy['id']}")
        send(orthanc.dicom_port, [deleted])
        self._mark(orthanc, router, destination, node)
        assert uids([on])[0] in node.accepted()
        assert not {*uids([off]), *uids([deleted])} & set(node.accepted())

    @staticmethod
    def _mark(orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node) -> None:
        somebody_else = unique("PAT")
        router.policy(unique("Mark "), patient(somebody_else), destination)
        image = make_image(PatientID=somebody_else)
        send(orthanc.dicom_port, [image])
        node.wait_for(uids([image]))


class TestSeveralPolicies:
    def test_order_and_stop(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        """`stop` keeps later policies from being considered, but only where it matches itself."""
        with Node(unique("NODE")) as second:
            later = router.destination(unique("Later "), second)
            both = {"all": [tag("PatientID", "equals", someone), tag("Modality", "equals", "CT")]}
            router.policy(unique("B first "), both, destination, order=1, stop=True)
            router.policy(unique("A second "), patient(someone), later, order=2)
            ct, mr = make_image("CT", PatientID=someone), make_image("MR", PatientID=someone)
            send(orthanc.dicom_port, [ct, mr])
            node.wait_for(uids([ct]))
            second.wait_for(uids([mr]))
            assert node.accepted() == uids([ct])
            assert second.accepted() == uids([mr])

    def test_policies_of_the_same_order_go_by_name(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        with Node(unique("NODE")) as second:
            name = unique("Policy ")
            router.policy(f"{name} B", patient(someone), destination, order=5)
            router.policy(
                f"{name} A", patient(someone), router.destination(unique("A "), second), order=5, stop=True
            )
            image = make_image(PatientID=someone)
            send(orthanc.dicom_port, [image])
            second.wait_for(uids([image]))
            assert node.accepted() == []

    def test_a_fallback_is_for_what_nobody_else_wanted(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        with Node(unique("NODE")) as second:
            rest = router.destination(unique("Rest "), second)
            wanted = {"all": [tag("PatientID", "equals", someone), tag("Modality", "equals", "CT")]}
            router.policy(unique("Rest "), patient(someone), rest, fallback=True, order=1)
            router.policy(unique("Wanted "), wanted, destination, order=2)
            ct, mr = make_image("CT", PatientID=someone), make_image("MR", PatientID=someone)
            send(orthanc.dicom_port, [ct, mr])
            node.wait_for(uids([ct]))
            second.wait_for(uids([mr]))
            assert (node.accepted(), second.accepted()) == (uids([ct]), uids([mr]))

    def test_two_policies_to_the_same_node_are_two_deliveries(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        policies = [router.policy(unique("Twice "), patient(someone), destination) for _ in range(2)]
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        for policy in policies:
            [delivery] = router.wait_until_delivered(1, policy=policy["id"])
            assert delivery["destination"]["id"] == destination["id"]
        assert node.accepted() == uids([image]) * 2

    def test_one_policy_to_two_nodes(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        with Node(unique("NODE")) as second:
            other = router.destination(unique("Other "), second)
            policy = router.policy(unique("Both "), patient(someone), destination, other)
            image = make_image(PatientID=someone)
            send(orthanc.dicom_port, [image])
            for receiver in (node, second):
                receiver.wait_for(uids([image]))
            found = router.wait_until_delivered(2, policy=policy["id"])
            assert {delivery["destination"]["id"] for delivery in found} == {destination["id"], other["id"]}
            assert {delivery["action"]["id"] for delivery in found} == {a["id"] for a in policy["actions"]}


class TestSources:
    def test_storescu(
        self,
        orthanc: OrthancServer,
        router: RouterClient,
        node: Node,
        destination: Json,
        someone: str,
        tmp_path: Path,
    ) -> None:
        router.policy(unique("C-STORE "), patient(someone), destination)
        images = make_series(5, PatientID=someone)
        storescu(orthanc.dicom_port, write(images, tmp_path / "images"))
        node.wait_for(uids(images))

    def test_rest_upload(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        rule = {"all": [tag("PatientID", "equals", someone), tag("@Origin", "equals", "RestApi")]}
        router.policy(unique("Upload "), rule, destination)
        image = make_image(PatientID=someone)
        orthanc.rest.upload(file_bytes(image))
        node.wait_for(uids([image]))

    def test_stow_rs(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        router.policy(unique("STOW "), patient(someone), destination)
        images = make_series(2, PatientID=someone)
        response = stow(orthanc, *map(file_bytes, images))
        assert response.status_code == 200, response.text
        node.wait_for(uids(images))

    def test_several_senders_at_once(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        policy = router.policy(unique("Senders "), patient(someone), destination)
        batches = [make_series(15, PatientID=someone) for _ in range(4)]
        threads = [threading.Thread(target=send, args=(orthanc.dicom_port, batch)) for batch in batches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wanted = [uid for batch in batches for uid in uids(batch)]
        node.wait_for(wanted)
        router.wait_until_delivered(len(wanted), policy=policy["id"])
        assert Counter(node.accepted()) == Counter(wanted)


def stow(orthanc: OrthancServer, *files: bytes) -> requests.Response:
    """Store files over DICOMweb (PS3.18, 10.5)."""
    boundary = "boundary-of-the-test"
    parts = b"".join(
        b"--%s\r\nContent-Type: application/dicom\r\n\r\n%s\r\n" % (boundary.encode(), file) for file in files
    )
    return orthanc.rest.request(
        "POST",
        "/dicom-web/studies",
        data=parts + b"--%s--\r\n" % boundary.encode(),
        headers={
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
            "Accept": "application/dicom+json",
        },
    )


class TestOnce:
    def test_the_same_image_again_is_not_sent_on_again(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        policy = router.policy(unique("Once "), patient(someone), destination)
        image, mark = make_image(PatientID=someone), make_image(PatientID=someone)
        for _ in range(3):
            send(orthanc.dicom_port, [image])
        orthanc.rest.upload(file_bytes(image))
        send(orthanc.dicom_port, [mark])
        node.wait_for(uids([mark]))
        router.wait_until_delivered(2, policy=policy["id"])
        assert node.accepted() == [*uids([image]), *uids([mark])]

    def test_each_of_many_images_arrives_once_and_is_planned_once(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        policy = router.policy(unique("Many "), patient(someone), destination)
        images = make_series(120, PatientID=someone)
        send(orthanc.dicom_port, images)
        node.wait_for(uids(images))
        found = router.wait_until_delivered(len(images), policy=policy["id"])
        assert sum(delivery["instances"] for delivery in found) == len(images)
        assert Counter(node.accepted()) == Counter(uids(images))

    def test_what_piles_up_travels_together_but_no_more_than_a_batch(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, someone: str
    ) -> None:
        destination = router.destination(unique("Batches "), node, batch=10)
        policy = router.policy(unique("Batches "), patient(someone), destination)
        node.hold()
        first, rest = make_image(PatientID=someone), make_series(40, PatientID=someone)
        send(orthanc.dicom_port, [first])
        router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["running"], policy=policy["id"]
        )
        send(orthanc.dicom_port, rest)
        router.wait_for_deliveries(
            lambda found: sum(one["instances"] for one in found) == 41, policy=policy["id"]
        )
        node.let_go()
        found = router.wait_until_delivered(41, policy=policy["id"])
        assert max(delivery["instances"] for delivery in found) <= 10
        associations = Counter(arrival.association for arrival in node.arrivals)
        assert max(associations.values()) <= 10
        assert len(associations) <= 12


class TestSeriesAndStudies:
    """Policies that fire when a series or study has been quiet."""

    def test_a_study_is_sent_once_and_whole(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        rule = {"all": [tag("PatientID", "equals", someone), tag("SeriesDescription", "equals", "Lung")]}
        policy = router.policy(
            unique("Study "), rule, destination, trigger={"level": "study", "quiet_seconds": 1}
        )
        first = make_series(3, PatientID=someone, SeriesDescription="Scout")
        study = first[0].StudyInstanceUID
        second = make_series(3, study=study, PatientID=someone, SeriesDescription="Lung")
        send(orthanc.dicom_port, first)
        send(orthanc.dicom_port, second)
        node.wait_for(uids([*first, *second]))
        [delivery] = router.wait_until_delivered(6, policy=policy["id"])
        assert delivery["instances"] == 6
        assert delivery["resource"]["level"] == "study"
        assert delivery["resource"]["study_instance_uid"] == study
        assert sorted(node.accepted()) == sorted(uids([*first, *second]))

    def test_images_that_come_late_are_sent_by_themselves(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        policy = router.policy(
            unique("Late "), patient(someone), destination, trigger={"level": "series", "quiet_seconds": 1}
        )
        images = make_series(3, PatientID=someone)
        late = make_image(
            study=images[0].StudyInstanceUID, series=images[0].SeriesInstanceUID, PatientID=someone
        )
        send(orthanc.dicom_port, images)
        router.wait_until_delivered(3, policy=policy["id"])
        send(orthanc.dicom_port, [late])
        found = router.wait_until_delivered(4, policy=policy["id"])
        assert [delivery["instances"] for delivery in found] == [1, 3]
        assert sorted(node.accepted()) == sorted(uids([*images, late]))

    def test_only_what_matches_where_that_is_asked_for(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json, someone: str
    ) -> None:
        rule = {"all": [tag("PatientID", "equals", someone), tag("SeriesDescription", "equals", "Lung")]}
        action = {"type": "forward", "destination": destination["id"], "select": "matching"}
        router.policy(
            unique("Select "), rule, actions=[action], trigger={"level": "study", "quiet_seconds": 1}
        )
        scout = make_series(2, PatientID=someone, SeriesDescription="Scout")
        lung = make_series(2, study=scout[0].StudyInstanceUID, PatientID=someone, SeriesDescription="Lung")
        send(orthanc.dicom_port, [*scout, *lung])
        node.wait_for(uids(lung))
        assert sorted(node.accepted()) == sorted(uids(lung))

    def test_an_image_that_keeps_coming_keeps_the_study_growing(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, someone: str
    ) -> None:
        """Images sent closer together than the quiet time make one delivery, not several."""
        policy = router.policy(
            unique("Growing "), patient(someone), destination, trigger={"level": "study", "quiet_seconds": 2}
        )
        images = make_series(60, PatientID=someone)
        for start in range(0, 60, 4):
            send(orthanc.dicom_port, images[start : start + 4])
        [delivery] = router.wait_until_delivered(len(images), policy=policy["id"])
        assert delivery["instances"] == len(images)
