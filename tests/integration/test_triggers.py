# SPDX-License-Identifier: GPL-3.0-or-later
"""Series and studies fire once they have been quiet, also after a restart, and again only for late images."""

import time

import pytest
from pydicom import FileDataset
from pydicom.uid import generate_uid

from samples import make_image, make_series, uids, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient, tag
from servers.sender import send

QUIET = 1


def on(level: str, seconds: int = QUIET) -> Json:
    """The policy's trigger."""
    return {"level": level, "quiet_seconds": seconds}


def study_of(someone: str, *series: int) -> list[FileDataset]:
    """A study with so many images in each of its series."""
    study = generate_uid()
    return [image for number in series for image in make_series(number, study=study, PatientID=someone)]


@pytest.fixture
def someone() -> str:
    """A patient's ID that belongs to one test."""
    return unique("PAT")


def fired(router: RouterClient, policy: Json, deliveries: int) -> list[Json]:
    """Wait until this many deliveries have succeeded."""
    return router.wait_for_deliveries(
        lambda found: len(found) == deliveries and all(one["state"] == "succeeded" for one in found),
        policy=policy["id"],
    )


class TestQuiet:
    def test_a_study_goes_as_a_whole_when_it_has_been_quiet(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        policy = router.policy(unique("Study "), patient(someone), destination, trigger=on("study"))
        images = study_of(someone, 3, 2)
        began = time.monotonic()
        send(orthanc.dicom_port, images)
        [delivery] = fired(router, policy, 1)
        assert time.monotonic() - began >= QUIET
        assert sorted(node.accepted()) == sorted(uids(images))
        assert delivery["resource"]["level"] == "study"
        assert delivery["instances"] == 5
        assert delivery["resource"]["study_instance_uid"] == images[0].StudyInstanceUID

    def test_each_series_goes_by_itself(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        policy = router.policy(unique("Series "), patient(someone), destination, trigger=on("series"))
        images = study_of(someone, 3, 2)
        send(orthanc.dicom_port, images)
        deliveries = fired(router, policy, 2)
        assert sorted(one["instances"] for one in deliveries) == [2, 3]
        assert sorted(node.accepted()) == sorted(uids(images))

    def test_nothing_goes_while_images_come_in(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        policy = router.policy(unique("Growing "), patient(someone), destination, trigger=on("study", 2))
        images = study_of(someone, 6)
        for image in images:
            send(orthanc.dicom_port, [image])
            assert not node.accepted()
            time.sleep(0.5)  # a scanner that takes its time: 3 s in all, more than the quiet time
        [delivery] = fired(router, policy, 1)
        assert delivery["instances"] == 6

    def test_studies_that_grow_at_once_do_not_mix(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json
    ) -> None:
        people = [unique("PAT") for _ in range(4)]
        policy = router.policy(
            unique("Mixed "), tag("PatientID", "in", people), destination, trigger=on("study")
        )
        studies = [study_of(someone, 3) for someone in people]
        for images in zip(*studies, strict=True):
            send(orthanc.dicom_port, images)
        deliveries = fired(router, policy, 4)
        assert {(one["resource"]["patient_id"], one["instances"]) for one in deliveries} == {
            (someone, 3) for someone in people
        }


class TestMatching:
    def test_one_instance_that_matches_takes_the_whole_study_along(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        rule = {"all": [patient(someone), tag("Modality", "equals", "MR")]}
        policy = router.policy(unique("Any "), rule, destination, trigger=on("study"))
        images = study_of(someone, 2)
        images.append(make_image("MR", study=images[0].StudyInstanceUID, PatientID=someone))
        send(orthanc.dicom_port, images)
        fired(router, policy, 1)
        assert sorted(node.accepted()) == sorted(uids(images))

    def test_select_matching_takes_only_what_matches(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        images = study_of(someone, 2)
        images.append(make_image("MR", study=images[0].StudyInstanceUID, PatientID=someone))
        rule = {"all": [patient(someone), tag("Modality", "equals", "MR")]}
        policy = router.policy(
            unique("Some "),
            rule,
            trigger=on("study"),
            actions=[{"type": "forward", "destination": destination["id"], "select": "matching"}],
        )
        send(orthanc.dicom_port, images)
        fired(router, policy, 1)
        assert node.accepted() == uids(images[-1:])

    def test_what_is_counted_is_the_study(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, someone: str
    ) -> None:
        large = {"all": [patient(someone), tag("@InstanceCount", "greater_than", 3)]}
        several = {"all": [patient(someone), tag("@SeriesCount", "equals", 2)]}
        small = {"all": [patient(someone), tag("@InstanceCount", "less_or_equal", 3)]}
        matching = [
            router.policy(unique("Count "), rule, destination, trigger=on("study"))
            for rule in (large, several)
        ]
        other = router.policy(unique("Count "), small, destination, trigger=on("study"))
        send(orthanc.dicom_port, study_of(someone, 2, 2))
        for policy in matching:
            fired(router, policy, 1)
        assert router.deliveries(policy=other["id"]) == []

    def test_stop_and_fallback_are_decided_for_the_study_as_a_whole(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, someone: str
    ) -> None:
        trigger = on("study")
        first = router.policy(
            unique("Stop "),
            {"all": [patient(someone), tag("Modality", "equals", "MR")]},
            destination,
            trigger=trigger,
            order=-20,
            stop=True,
        )
        second = router.policy(unique("Later "), patient(someone), destination, trigger=trigger, order=-10)
        images = study_of(someone, 2)
        images.append(make_image("MR", study=images[0].StudyInstanceUID, PatientID=someone))
        send(orthanc.dicom_port, images)
        fired(router, first, 1)
        assert router.deliveries(policy=second["id"]) == []


class TestLateImages:
    def test_late_images_go_alone(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        policy = router.policy(unique("Late "), patient(someone), destination, trigger=on("study"))
        images = study_of(someone, 3)
        late = make_series(2, study=images[0].StudyInstanceUID, PatientID=someone)
        send(orthanc.dicom_port, images)
        fired(router, policy, 1)
        send(orthanc.dicom_port, late)
        deliveries = fired(router, policy, 2)
        assert sorted(one["instances"] for one in deliveries) == [2, 3]
        assert sorted(node.accepted()) == sorted(uids([*images, *late]))

    def test_a_late_image_that_makes_the_study_match_takes_all_of_it_along(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, someone: str
    ) -> None:
        quiet = router.policy(unique("All "), patient(someone), destination, trigger=on("study"))
        rule = {"all": [patient(someone), tag("Modality", "equals", "SR")]}
        policy = router.policy(unique("Report "), rule, destination, trigger=on("study"))
        images = study_of(someone, 3)
        send(orthanc.dicom_port, images)
        fired(router, quiet, 1)
        assert router.deliveries(policy=policy["id"]) == []
        report = make_image("SR", study=images[0].StudyInstanceUID, PatientID=someone)
        send(orthanc.dicom_port, [report])
        [delivery] = fired(router, policy, 1)
        assert delivery["instances"] == 4

    def test_the_same_image_again_is_not_late(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, someone: str
    ) -> None:
        policy = router.policy(unique("Again "), patient(someone), destination, trigger=on("study"))
        images = study_of(someone, 2)
        other = make_image(study=images[0].StudyInstanceUID, PatientID=someone)
        send(orthanc.dicom_port, images)
        fired(router, policy, 1)
        send(orthanc.dicom_port, [*images, other])
        deliveries = fired(router, policy, 2)
        assert deliveries[0]["instances"] == 1
        assert sorted(node.accepted()) == sorted(uids([*images, other]))


class TestRestart:
    @pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
    def test_a_study_that_grew_before_the_restart_fires_after_it_once(
        self, own_orthanc: OrthancServer, node: Node, someone: str, kill: bool
    ) -> None:
        own_orthanc.start()
        router = RouterClient(own_orthanc.rest)
        destination = router.destination("Node", node)
        policy = router.policy("Study", patient(someone), destination, trigger=on("study", 3))
        images = study_of(someone, 2, 2)
        send(own_orthanc.dicom_port, images)
        own_orthanc.restart(kill=kill)
        [delivery] = fired(router, policy, 1)
        assert delivery["instances"] == 4
        own_orthanc.restart(kill=kill)
        late = make_series(1, study=images[0].StudyInstanceUID, PatientID=someone)
        send(own_orthanc.dicom_port, late)
        deliveries = fired(router, policy, 2)
        assert deliveries[0]["instances"] == 1
        assert sorted(node.accepted()) == sorted(uids([*images, *late]))

    def test_what_went_quiet_while_orthanc_stood_still_fires_at_once(
        self, own_orthanc: OrthancServer, node: Node, someone: str
    ) -> None:
        own_orthanc.start()
        router = RouterClient(own_orthanc.rest)
        destination = router.destination("Node", node)
        policy = router.policy("Study", patient(someone), destination, trigger=on("study", 2))
        send(own_orthanc.dicom_port, study_of(someone, 2))
        own_orthanc.kill()
        own_orthanc.start()
        fired(router, policy, 1)
