# SPDX-License-Identifier: GPL-3.0-or-later
"""Audit messages as PS3.15, A.5 has them: every required element, in the order of its schema."""

import base64
from xml.etree.ElementTree import Element, fromstring

import pytest

from router.audit.messages import message
from router.documents.audit import NOTHING_BEFORE, Actor, AuditEntry, AuditRecord, ObjectReference, Patient
from router.documents.delivery import DestinationReference
from unit.store.stored_samples import after

#: Of each element of the schema in A.5.1 that is used: required and possible attributes, and its children in
#: their order, each with how often it may come.
SCHEMA: dict[str, tuple[set[str], set[str], list[tuple[str, int, int]]]] = {
    "AuditMessage": (
        set(),
        set(),
        [
            ("EventIdentification", 1, 1),
            ("ActiveParticipant", 1, 99),
            ("AuditSourceIdentification", 1, 1),
            ("ParticipantObjectIdentification", 0, 99),
        ],
    ),
    "EventIdentification": (
        {"EventDateTime", "EventOutcomeIndicator"},
        {"EventActionCode"},
        [("EventID", 1, 1), ("EventTypeCode", 0, 99), ("EventOutcomeDescription", 0, 1)],
    ),
    "ActiveParticipant": (
        {"UserID", "UserIsRequestor"},
        {"AlternativeUserID", "UserName", "NetworkAccessPointID", "NetworkAccessPointTypeCode"},
        [("RoleIDCode", 0, 99), ("MediaIdentifier", 0, 1)],
    ),
    "MediaIdentifier": (set(), set(), [("MediaType", 1, 1)]),
    "AuditSourceIdentification": (
        {"AuditSourceID"},
        {"AuditEnterpriseSiteID"},
        [("AuditSourceTypeCode", 0, 99)],
    ),
    "AuditSourceTypeCode": ({"csd-code"}, {"codeSystemName", "originalText"}, []),
    "ParticipantObjectIdentification": (
        {"ParticipantObjectID"},
        {"ParticipantObjectTypeCode", "ParticipantObjectTypeCodeRole"},
        [
            ("ParticipantObjectIDTypeCode", 1, 1),
            ("ParticipantObjectName", 1, 1),
            ("ParticipantObjectDetail", 0, 99),
            ("ParticipantObjectDescription", 0, 99),
        ],
    ),
    "ParticipantObjectDetail": ({"type", "value"}, set(), []),
    "ParticipantObjectDescription": (set(), set(), [("Accession", 0, 99), ("SOPClass", 0, 99)]),
    "Accession": ({"Number"}, set(), []),
    "SOPClass": ({"NumberOfInstances"}, {"UID"}, []),
    "EventOutcomeDescription": (set(), set(), []),
    "ParticipantObjectName": (set(), set(), []),
}
_CODED: tuple[set[str], set[str], list[tuple[str, int, int]]] = (
    {"csd-code", "codeSystemName", "originalText"},
    {"displayName"},
    [],
)
for name in ("EventID", "EventTypeCode", "RoleIDCode", "MediaType", "ParticipantObjectIDTypeCode"):
    SCHEMA[name] = _CODED

EDDA = Actor(type="user", name="edda", address="10.1.2.3")
POLICY = Actor(type="policy", id="policy-1", name="CT to research")
PATIENT = Patient(patient_id="P1", patient_name="DOE^ANN", accession_number="A1", study_instance_uid="1.2.3")


def entry(event: str, actor: Actor = EDDA, **fields: object) -> AuditEntry:
    known = {"event": event, "at": after(0.25), "node": "node-1", "actor": actor}
    record = AuditRecord.model_validate({**known, **fields})
    return AuditEntry.after(6, NOTHING_BEFORE, record)


def delivery(action: str = "forward", kind: str = "dicom", **fields: object) -> AuditEntry:
    known: dict[str, object] = {
        "object": ObjectReference(type="delivery", id="d1", name=action, revision=2),
        "patient": PATIENT,
        "destination": DestinationReference(id="pacs", name="PACS", kind=kind),
        "instances": 4,
    }
    return entry("delivery.succeeded", POLICY, **{**known, **fields})


def read(one: AuditEntry) -> Element:
    """The message, checked against the schema."""
    root = fromstring(message(one, "Orthanc Router"))
    assert root.tag == "AuditMessage"
    for element in root.iter():
        required, possible, children = SCHEMA[element.tag]
        assert required <= element.attrib.keys() <= required | possible, element.tag
        names = [child.tag for child in element]
        order = [name for name, _, _ in children]
        assert names == sorted(names, key=order.index)
        assert all(least <= names.count(name) <= most for name, least, most in children), element.tag
    return root


def code(element: Element | None) -> tuple[str, str]:
    assert element is not None
    return element.attrib["csd-code"], element.attrib["codeSystemName"]


def objects(root: Element) -> dict[str, Element]:
    """By the code of what they are identified with."""
    found = root.findall("ParticipantObjectIdentification")
    return {code(one.find("ParticipantObjectIDTypeCode"))[0]: one for one in found}


def roles(root: Element) -> dict[str, str]:
    """Who is there, and in which role."""
    return {
        one.attrib["UserID"]: role.attrib["csd-code"] if (role := one.find("RoleIDCode")) is not None else ""
        for one in root.findall("ActiveParticipant")
    }


@pytest.mark.parametrize(
    ("one", "identifier", "type", "action"),
    [
        (entry("router.started", Actor(type="router")), "110100", "110120", "E"),
        (entry("router.stopped", Actor(type="router")), "110100", "110121", "E"),
        (entry("audit.exported"), "110101", "audit.exported", "R"),
        (entry("access.refused"), "110113", "110132", "E"),
        (entry("key.rotated"), "110113", "110129", "E"),
        (entry("destination.changed"), "110113", "110128", "E"),
        (entry("policy.changed"), "110113", "110131", "E"),
        (entry("run.started"), "110113", "110131", "E"),
        (entry("delivery.retried"), "110113", "110131", "E"),
        (delivery(), "110104", "delivery.succeeded", "R"),
        (delivery(kind="sftp"), "110106", "delivery.succeeded", "R"),
        (delivery("modify", "orthanc"), "110103", "delivery.succeeded", "C"),
        (delivery("label", "orthanc"), "110103", "delivery.succeeded", "U"),
        (delivery("delete", "orthanc"), "110103", "delivery.succeeded", "D"),
    ],
)
def test_which_message_tells_of_it(one: AuditEntry, identifier: str, type: str, action: str) -> None:
    event = read(one).find("EventIdentification")
    assert event is not None
    assert event.attrib == {
        "EventActionCode": action,
        "EventDateTime": "2024-05-17T12:00:00.250Z",
        "EventOutcomeIndicator": "0",
    }
    assert code(event.find("EventID")) == (identifier, "DCM")
    types = [code(one) for one in event.findall("EventTypeCode")]
    assert types[0][0] == type
    assert types[-1] == (one.event, "99ORTHANCROUTER")


def test_a_transfer_names_the_sender_the_receiver_and_who_wanted_it() -> None:
    assert roles(read(delivery())) == {"node-1": "110153", "CT to research": "", "PACS": "110152"}


@pytest.mark.parametrize(("kind", "medium"), [("email", "110031"), ("sftp", "110037")])
def test_an_export_names_the_medium(kind: str, medium: str) -> None:
    root = read(delivery(kind=kind))
    assert roles(root)["PACS"] == "110154"
    assert code(root.find("ActiveParticipant/MediaIdentifier/MediaType")) == (medium, "DCM")


def test_whose_images_they_are() -> None:
    found = objects(read(delivery()))
    study, patient = found["110180"], found["2"]
    assert study.attrib == {
        "ParticipantObjectID": "1.2.3",
        "ParticipantObjectTypeCode": "2",
        "ParticipantObjectTypeCodeRole": "3",
    }
    assert [one.attrib for one in study.findall("ParticipantObjectDescription/*")] == [
        {"Number": "A1"},
        {"NumberOfInstances": "4"},
    ]
    assert patient.attrib == {
        "ParticipantObjectID": "P1",
        "ParticipantObjectTypeCode": "1",
        "ParticipantObjectTypeCodeRole": "1",
    }
    assert patient.findtext("ParticipantObjectName") == "DOE^ANN"


def test_what_was_changed_and_why() -> None:
    changed = ObjectReference(type="policy", id="p1", name="CT", revision=3)
    subject = objects(read(entry("policy.changed", object=changed, detail="better")))["12"]
    assert subject.attrib["ParticipantObjectID"] == "policy:p1"
    detail = subject.find("ParticipantObjectDetail")
    assert detail is not None
    assert base64.b64decode(detail.attrib["value"]) == b"revision 3 better"


def test_who_it_was_and_from_where() -> None:
    router, edda = read(entry("policy.changed")).findall("ActiveParticipant")
    assert (router.attrib["UserIsRequestor"], edda.attrib["UserIsRequestor"]) == ("false", "true")
    assert (edda.attrib["UserID"], edda.attrib["NetworkAccessPointID"]) == ("edda", "10.1.2.3")


def test_a_failure_says_why() -> None:
    event = read(delivery(outcome="failure", detail="refused")).find("EventIdentification")
    assert event is not None
    assert event.attrib["EventOutcomeIndicator"] == "8"
    assert event.findtext("EventOutcomeDescription") == "refused"


def test_the_place_in_the_chain_is_told() -> None:
    one = entry("policy.changed")
    found = objects(read(one))["entry"]
    assert found.attrib["ParticipantObjectID"] == "7"
    assert found.findtext("ParticipantObjectName") == one.hash


def test_what_xml_cannot_say_is_replaced() -> None:
    patient = Patient(patient_name="DOE\x00^<A&B>\ufffe", study="orthanc-id")
    found = objects(read(delivery(patient=patient, detail="\x1b[0m")))
    assert found["2"].findtext("ParticipantObjectName") == "DOE?^<A&B>?"
    assert found["2"].attrib["ParticipantObjectID"] == "unknown"
    assert found["110180"].attrib["ParticipantObjectID"] == "orthanc-id"
