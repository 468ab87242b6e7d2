# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Orthanc overwrites, an image that comes again is routed again only if it is another."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from samples import make_image, uids
from servers.orthanc import OrthancServer, version_of_orthanc
from servers.router import RouterClient, patient
from servers.sender import send
from servers.storescp import StoreScp
from servers.waiting import wait_until


def test_a_repeat_stays_and_a_correction_is_sent_on(own_orthanc: OrthancServer, storescp: StoreScp) -> None:
    own_orthanc.configuration["OverwriteInstances"] = True
    router = RouterClient(own_orthanc.start().rest)
    router.policy("All", patient("SOMEONE"), router.destination("Node", storescp))
    image = make_image(PatientID="SOMEONE", StudyDescription="AS IT WAS")
    corrected = copy.deepcopy(image)
    corrected.StudyDescription = "CORRECTED"
    other = make_image(PatientID="SOMEONE")
    send(own_orthanc.dicom_port, [image])
    router.wait_until_delivered(1)
    send(own_orthanc.dicom_port, [image, other])
    router.wait_until_delivered(2)
    router.wait_until_caught_up()
    assert storescp.arrivals() == uids([image, other])
    send(own_orthanc.dicom_port, [corrected])
    router.wait_until_delivered(3)
    assert storescp.arrivals() == uids([image, other, corrected])
    assert storescp.read(image.SOPInstanceUID).StudyDescription == "CORRECTED"


@pytest.mark.parametrize("setting", [True, "Always", "IfChanged"])
def test_what_was_deleted_and_comes_again_is_sent_on(
    own_orthanc: OrthancServer, storescp: StoreScp, setting: bool | str
) -> None:
    if isinstance(setting, str) and version_of_orthanc() < [1, 13]:
        pytest.skip("this Orthanc knows true and false only")
    own_orthanc.configuration["OverwriteInstances"] = setting
    router = RouterClient(own_orthanc.start().rest)
    router.policy("All", patient("SOMEONE"), router.destination("Node", storescp))
    image = make_image(PatientID="SOMEONE")
    corrected = copy.deepcopy(image)
    corrected.StudyDescription = "CORRECTED"
    send(own_orthanc.dicom_port, [image])
    router.wait_until_delivered(1)
    send(own_orthanc.dicom_port, [image])
    router.wait_until_caught_up()
    assert storescp.arrivals() == uids([image])
    send(own_orthanc.dicom_port, [corrected])
    router.wait_until_delivered(2)
    [instance] = own_orthanc.instances()
    own_orthanc.rest.delete(f"/instances/{instance}")
    # What Orthanc tells comes in its order: once another image has been routed, the deletion is known.
    other = make_image(PatientID="SOMEONE")
    send(own_orthanc.dicom_port, [other])
    router.wait_until_delivered(3)
    send(own_orthanc.dicom_port, [corrected])
    router.wait_until_delivered(4)
    assert storescp.arrivals() == uids([image, image, other, image])


def test_a_correction_that_orthanc_drops_is_counted_and_shown(
    own_orthanc: OrthancServer, storescp: StoreScp
) -> None:
    if version_of_orthanc() >= [1, 13]:
        pytest.skip("this Orthanc tells nothing of what it drops")
    router = RouterClient(own_orthanc.start().rest)
    router.policy("All", patient("SOMEONE"), router.destination("Node", storescp))
    image, alike, new = (make_image(PatientID="SOMEONE", PatientName="As^It^Was") for _ in range(3))
    alike.StudyInstanceUID = image.StudyInstanceUID
    corrected = copy.deepcopy(image)
    corrected.PatientName, corrected.AccessionNumber = "Right^Name", "ACC77"
    send(own_orthanc.dicom_port, [image, alike])
    router.wait_until_delivered(2)
    [study] = own_orthanc.rest.get("/studies")
    assert router.get(f"/explain/studies/{study}")["repeated"] is None
    # Orthanc tells seconds; what comes again within the second after the first is not told apart.
    received = own_orthanc.rest.text(f"/instances/{own_orthanc.instances()[0]}/metadata/ReceptionDate")
    wait_until(lambda: seconds_since(received) > 3)
    send(own_orthanc.dicom_port, [corrected, alike, new])
    wait_until(lambda: repeated(router)["images"] == 2, 30, lambda: repeated(router))
    told = repeated(router)
    assert told["differing"] == 1
    assert told["uncompared"] == 0
    assert told["study"] == study
    shown = router.get(f"/explain/studies/{study}")["repeated"]
    assert (shown["images"], shown["differing"]) == (2, 1)
    assert shown["tags"] == ["PatientName", "AccessionNumber"]
    assert shown["aet"]
    router.wait_until_delivered(3)
    assert storescp.arrivals() == uids([image, alike, new])
    own_orthanc.restart(kill=True)
    wait_until(lambda: repeated(router)["images"], 15, lambda: repeated(router))
    assert without_moments(repeated(router)) == without_moments(told)
    assert without_moments(router.get(f"/explain/studies/{study}")["repeated"]) == without_moments(shown)
    log = own_orthanc.log()
    assert "came again" in log
    assert "Right" not in log


def test_health_says_where_orthanc_does_not_tell_what_it_drops(own_orthanc: OrthancServer) -> None:
    if version_of_orthanc() < [1, 13]:
        pytest.skip("this Orthanc tells what it drops")
    router = RouterClient(own_orthanc.start().rest)
    intake = router.get("/health")["intake"]
    assert intake["repeated"] is None
    assert "IfChanged" in intake["repeated_not_counted"]


def test_nothing_is_told_of_repetitions_where_orthanc_overwrites(own_orthanc: OrthancServer) -> None:
    own_orthanc.configuration["OverwriteInstances"] = True
    router = RouterClient(own_orthanc.start().rest)
    assert "repeated" not in router.get("/health")["intake"]


def repeated(router: RouterClient) -> Any:
    return router.get("/health")["intake"]["repeated"]


def without_moments(told: dict[str, Any]) -> dict[str, Any]:
    """Times are kept to the millisecond, and what was counted before the first repetition is not."""
    return {name: value for name, value in told.items() if name not in {"at", "since"}}


def seconds_since(received: str) -> float:
    moment = datetime.strptime(received, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return (datetime.now(UTC) - moment).total_seconds()
