# SPDX-License-Identifier: GPL-3.0-or-later
"""What came from a destination, or was made there, is not sent back to it unless the action says so."""

from typing import Any

import pytest
from pydicom import Dataset, FileDataset

from integration.conftest import StoreSettings
from samples import make_image, uids, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, as_read, patient, tag
from servers.runs import finished
from servers.sender import send

NOT_SENT_BACK = "Not sent back to where it came from: 1 image"


@pytest.fixture(scope="module")
def store() -> StoreSettings:
    """What goes where is the same on both."""
    return StoreSettings("sqlite")


@pytest.fixture
def original() -> FileDataset:
    """What a modality sends."""
    return make_image(PatientID=unique("PAT"))


def result_of(original: FileDataset, modality: str = "SR", refers: bool = True, **tags: Any) -> FileDataset:
    """What an analysis makes of it, in the same study."""
    if refers:
        image = Dataset()
        image.ReferencedSOPClassUID = original.SOPClassUID
        image.ReferencedSOPInstanceUID = original.SOPInstanceUID
        series, study = Dataset(), Dataset()
        series.SeriesInstanceUID, series.ReferencedSOPSequence = original.SeriesInstanceUID, [image]
        study.StudyInstanceUID, study.ReferencedSeriesSequence = original.StudyInstanceUID, [series]
        tags["CurrentRequestedProcedureEvidenceSequence"] = [study]
    return make_image(modality, study=original.StudyInstanceUID, PatientID=original.PatientID, **tags)


def to_analysis(router: RouterClient, node: Node, original: FileDataset, level: str, **action: Any) -> Json:
    """A policy that sends the patient's CT images, at the level of studies all of the study, to a node."""
    destination = router.destination(unique("Analysis "), node)
    rule = {"all": [*patient(original.PatientID)["all"], tag("Modality", "equals", "CT")]}
    trigger = {"level": level} | ({} if level == "instance" else {"quiet_seconds": 1})
    actions = [{"type": "forward", "destination": destination["id"], **action}]
    return router.policy(unique("CT "), rule, actions=actions, trigger=trigger)


def run_to_its_end(router: RouterClient, policy: Json, number: int) -> list[Json]:
    """So many deliveries, once all have succeeded; the newest first."""
    return router.wait_for_deliveries(
        lambda found: len(found) == number and {one["state"] for one in found} == {"succeeded"},
        policy=policy["id"],
    )


def test_a_study_policy_does_not_send_a_node_its_own_results(
    orthanc: OrthancServer, router: RouterClient, node: Node, original: FileDataset
) -> None:
    policy = to_analysis(router, node, original, "study")
    send(orthanc.dicom_port, [original])
    run_to_its_end(router, policy, 1)
    send(orthanc.dicom_port, [result_of(original, refers=False)], aet=node.aet)
    late, first = run_to_its_end(router, policy, 2)
    assert node.accepted() == uids([original])
    assert (late["late"], late["unmatched"], late["note"]) == (True, 1, NOT_SENT_BACK)
    assert (first["late"], first["unmatched"], first["note"]) == (False, 0, None)
    assert late["senders"] == [{"aet": node.aet, "ip": "127.0.0.1"}]


def test_explanation_preview_simulation_and_replay_say_so_too(
    orthanc: OrthancServer, router: RouterClient, node: Node, original: FileDataset
) -> None:
    policy = to_analysis(router, node, original, "study")
    send(orthanc.dicom_port, [result_of(original)], aet=node.aet)
    send(orthanc.dicom_port, [original])
    [delivery] = run_to_its_end(router, policy, 1)
    study = delivery["resource"]["study"]
    told = {one["policy"]["id"]: one for one in router.get(f"/explain/studies/{study}")["policies"]}
    [said] = told[policy["id"]]["not_sent_back"]
    assert (said["action"]["type"], said["instances"]) == ("forward", 1)
    about, chosen = f"/policies/{policy['id']}", {"studies": {"PatientID": original.PatientID}}
    [said] = finished(router, router.post(f"{about}/preview", chosen))["destinations"]
    assert (said["instances"], said["not_sent_back"]) == (2, 1)
    [said] = finished(router, router.post(f"{about}/simulate", {"days": 1}))["totals"]
    assert (said["instances"], said["not_sent_back"]) == (2, 1)
    said = finished(router, router.post(f"{about}/replay", {**chosen, "again": True}))
    assert (said["instances"], said["not_sent_back"]) == (2, 1)
    again, _ = run_to_its_end(router, policy, 2)
    assert again["note"] == NOT_SENT_BACK
    assert node.accepted() == uids([original, original])
    sends_back = {**as_read(policy), "actions": [{**policy["actions"][0], "send_back": True}]}
    [said] = finished(router, router.post(f"{about}/preview", {**chosen, "draft": sends_back}))[
        "destinations"
    ]
    assert (said["instances"], said["not_sent_back"]) == (2, 0)


def test_nor_what_it_calls_its_own_by_another_ae_title(
    orthanc: OrthancServer, router: RouterClient, node: Node, original: FileDataset
) -> None:
    policy = to_analysis(router, node, original, "study")
    send(orthanc.dicom_port, [original])
    run_to_its_end(router, policy, 1)
    for number in (2, 3):
        send(orthanc.dicom_port, [result_of(original)], aet="OTHER")
        late, *_ = run_to_its_end(router, policy, number)
        assert late["note"] == NOT_SENT_BACK
    stranger = result_of(original, refers=False)
    send(orthanc.dicom_port, [stranger], aet="STRANGER")
    late, *_ = run_to_its_end(router, policy, 4)
    assert (late["unmatched"], late["note"]) == (1, None)
    more = make_image(study=original.StudyInstanceUID, PatientID=original.PatientID)
    send(orthanc.dicom_port, [more])
    run_to_its_end(router, policy, 5)
    assert node.accepted() == uids([original, stranger, more])


def test_a_batch_goes_without_what_came_from_there(
    orthanc: OrthancServer, router: RouterClient, node: Node, original: FileDataset
) -> None:
    policy = to_analysis(router, node, original, "study")
    send(orthanc.dicom_port, [result_of(original)], aet=node.aet)
    send(orthanc.dicom_port, [original])
    [delivery] = run_to_its_end(router, policy, 1)
    assert (delivery["instances"], delivery["note"]) == (2, NOT_SENT_BACK)
    assert node.accepted() == uids([original])


def test_single_images_do_not_go_back_either(
    orthanc: OrthancServer, router: RouterClient, node: Node, original: FileDataset
) -> None:
    policy = to_analysis(router, node, original, "instance")
    send(orthanc.dicom_port, [original], aet=node.aet)
    [delivery] = run_to_its_end(router, policy, 1)
    assert delivery["note"] == NOT_SENT_BACK
    assert node.accepted() == []


def test_unless_the_action_says_so(
    orthanc: OrthancServer, router: RouterClient, node: Node, original: FileDataset
) -> None:
    policy = to_analysis(router, node, original, "study", send_back=True)
    assert "sent_back" in [warning["code"] for warning in policy["warnings"]]
    send(orthanc.dicom_port, [original])
    run_to_its_end(router, policy, 1)
    result = result_of(original)
    send(orthanc.dicom_port, [result], aet=node.aet)
    run_to_its_end(router, policy, 2)
    assert node.accepted() == uids([original, result])


def test_or_a_person_does(
    orthanc: OrthancServer, router: RouterClient, node: Node, original: FileDataset
) -> None:
    destination = router.destination(unique("Analysis "), node)
    send(orthanc.dicom_port, [original], aet=node.aet)
    [instance] = orthanc.rest.post(
        "/tools/find", {"Level": "Instance", "Query": {"SOPInstanceUID": original.SOPInstanceUID}}
    )
    router.post(
        "/route",
        {"resources": [{"level": "instance", "id": instance}], "destination": destination["id"]},
    )
    router.wait_until_delivered(1, destination=destination["id"])
    assert node.accepted() == uids([original])
