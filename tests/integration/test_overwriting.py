"""Where Orthanc overwrites, an image that comes again is routed again only if it is another."""

import copy

from samples import make_image, uids
from servers.orthanc import OrthancServer
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
