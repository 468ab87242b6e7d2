"""Where Orthanc overwrites, an image that comes again is routed again only if it is another."""

import copy

import pytest

from samples import make_image, uids
from servers.orthanc import OrthancServer, version_of_orthanc
from servers.router import RouterClient, patient
from servers.sender import send
from servers.storescp import StoreScp


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


def test_what_was_deleted_and_comes_again_is_sent_on_where_only_what_is_changed_is_overwritten(
    own_orthanc: OrthancServer, storescp: StoreScp
) -> None:
    if version_of_orthanc() < [1, 13]:
        pytest.skip('this Orthanc does not know "IfChanged"')
    own_orthanc.configuration["OverwriteInstances"] = "IfChanged"
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
    send(own_orthanc.dicom_port, [corrected])
    router.wait_until_delivered(3)
    assert storescp.arrivals() == uids([image] * 3)
