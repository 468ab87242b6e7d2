# SPDX-License-Identifier: GPL-3.0-or-later
"""A service stores its results in Orthanc by itself, and names them only afterwards: the policy that has had
them made does not have them processed once more, and nothing else is kept from it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydicom import FileDataset

from integration.conftest import StoreSettings
from samples import file_bytes, make_image, unique
from servers.http_service import Answer, HttpService
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send

CT: Json = {"tag": "Modality", "operator": "equals", "value": "CT"}


@pytest.fixture(scope="module")
def store() -> StoreSettings:
    """What becomes of results is the same on both."""
    return StoreSettings("sqlite")


@pytest.fixture
def service() -> Iterator[HttpService]:
    """A service that takes everything, and calls back."""
    with HttpService() as server:
        server.usually = Answer(202)
        yield server


@pytest.fixture
def image() -> FileDataset:
    """What comes in from outside."""
    return make_image(PatientID=unique("PAT"))


@pytest.fixture
def policy(router: RouterClient, service: HttpService, image: FileDataset) -> Json:
    """Has every CT image of the patient processed, whoever has made it."""
    document = {
        "name": unique("Service "),
        "kind": "http",
        "settings": {"url": service.url},
        "concurrency": 4,
    }
    destination = router.post("/destinations", document)
    action = {"type": "process", "destination": destination["id"]}
    rule = {"all": [*patient(image.PatientID)["all"], CT]}
    return router.policy(unique("Process "), rule, actions=[action])


def of_same_study(image: FileDataset, **tags: Any) -> FileDataset:
    return make_image("CT", study=image.StudyInstanceUID, PatientID=image.PatientID, **tags)


def awaited(router: RouterClient, policy: Json) -> Json:
    """The one delivery, once it waits for the service."""
    [delivery] = router.wait_for_deliveries(
        lambda found: [one["state"] for one in found] == ["held"], policy=policy["id"]
    )
    return delivery


def call_back(orthanc: OrthancServer, service: HttpService, *instances: str) -> None:
    """Say what came of the first request."""
    address = service.sent[0].headers["x-router-callback"]
    orthanc.rest.post(address.removeprefix(orthanc.url), {"instances": list(instances)})


def doubtful(router: RouterClient, policy: Json, first: Json) -> Json:
    """The delivery that waits for what the service of the first one says."""
    found = router.wait_for_deliveries(
        lambda found: any(first["id"] in (one["note"] or "") for one in found), policy=policy["id"]
    )
    [other] = [one for one in found if one["id"] != first["id"]]
    return other


@pytest.mark.parametrize("way", ["REST", "C-STORE"])
def test_what_is_named_late_is_not_processed_again(
    orthanc: OrthancServer,
    router: RouterClient,
    service: HttpService,
    image: FileDataset,
    policy: Json,
    way: str,
) -> None:
    send(orthanc.dicom_port, [image])
    first = awaited(router, policy)
    result = of_same_study(image)
    if way == "REST":
        orthanc.rest.upload(file_bytes(result))
    else:
        send(orthanc.dicom_port, [result], aet="SERVICE")
    second = doubtful(router, policy, first)
    assert (second["state"], second["attempts"]) == ("held", [])
    call_back(orthanc, service, result.SOPInstanceUID)
    done = router.wait_for_state(second["id"], "succeeded")
    assert "named it only later" in done["note"]
    assert len(service.sent) == 1
    [instance] = orthanc.rest.post(
        "/tools/find", {"Level": "Instance", "Query": {"SOPInstanceUID": result.SOPInstanceUID}}
    )
    [edge] = router.get(f"/lineage/instances/{instance}")["sources"]
    assert edge["delivery"] == first["id"]


def test_nor_is_what_another_policy_has_made_of_it_meanwhile(
    orthanc: OrthancServer, router: RouterClient, service: HttpService, image: FileDataset, policy: Json
) -> None:
    wanted = {"tag": "SeriesDescription", "operator": "equals", "value": "Result"}
    copying = {"type": "modify", "transform": {"replace": {"SeriesDescription": "Copy"}}}
    rule = {"all": [*patient(image.PatientID)["all"], wanted]}
    other = router.policy(unique("Copy "), rule, actions=[copying])
    send(orthanc.dicom_port, [image])
    first = awaited(router, policy)
    result = of_same_study(image, SeriesDescription="Result")
    orthanc.rest.upload(file_bytes(result))
    router.wait_until_delivered(1, policy=other["id"])
    router.wait_for_deliveries(
        lambda found: [first["id"] in (one["note"] or "") for one in found].count(True) == 2,
        policy=policy["id"],
    )
    call_back(orthanc, service, result.SOPInstanceUID)
    router.wait_until_delivered(3, policy=policy["id"])
    assert len(service.sent) == 1


def test_what_the_sender_goes_on_to_send_waits_for_nothing(
    orthanc: OrthancServer, router: RouterClient, service: HttpService, image: FileDataset, policy: Json
) -> None:
    send(orthanc.dicom_port, [image])
    awaited(router, policy)
    send(orthanc.dicom_port, [of_same_study(image)])
    assert len(service.wait_for_calls(2)) >= 2
    router.post("/deliveries/cancel", {"policy": policy["id"]})


def test_what_the_service_does_not_name_is_processed_then(
    orthanc: OrthancServer, router: RouterClient, service: HttpService, image: FileDataset, policy: Json
) -> None:
    send(orthanc.dicom_port, [image])
    first = awaited(router, policy)
    orthanc.rest.upload(file_bytes(of_same_study(image)))
    second = doubtful(router, policy, first)
    service.usually = Answer(204)
    call_back(orthanc, service)
    router.wait_for_state(second["id"], "succeeded")
    assert len(service.sent) == 2
