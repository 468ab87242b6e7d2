# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes DICOM audit messages from entries of the audit trail (PS3.15, A.5, which builds on RFC 3881)."""

import base64
import os
import re
import socket
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from router.audit import codes
from router.audit.codes import Code, Kind
from router.documents.audit import AuditEntry, ObjectReference, Patient
from router.documents.document import rfc3339

#: EventOutcomeIndicator: success, and serious failure (PS3.15, A.5.1).
_OUTCOMES: Final = {"success": "0", "failure": "8"}

#: ParticipantObjectTypeCode and ParticipantObjectTypeCodeRole (PS3.15, A.5.1).
_PATIENT: Final = ("1", "1")
_REPORT: Final = ("2", "3")
_SECURITY_RESOURCE: Final = ("2", "13")
_RESOURCE: Final = ("2", "20")

#: The characters that XML 1.0 does not allow.
_UNSPEAKABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def message(entry: AuditEntry, source: str) -> bytes:
    """Return the XML document of an entry, in UTF-8. `source` is the name of the sending system."""
    kind = codes.kind_of(entry)
    root = Element("AuditMessage")
    _event(root, entry, kind)
    _participants(root, entry, kind)
    origin = SubElement(root, "AuditSourceIdentification", AuditSourceID=_spoken(source))
    SubElement(origin, "AuditSourceTypeCode", {"csd-code": "4"})  # application server process
    if entry.patient is not None:
        _study(root, entry.patient, entry.instances)
        _object(root, _PATIENT, codes.PATIENT_NUMBER, entry.patient.patient_id, entry.patient.patient_name)
    elif entry.object is not None:
        _subject(root, entry.object, entry.detail)
    # The receiver can tell later, by the entry's number and hash, whether the trail is still the same.
    _object(root, _SECURITY_RESOURCE, codes.AUDIT_ENTRY, str(entry.number), entry.hash)
    written: bytes = tostring(root, "UTF-8", xml_declaration=True)
    return written


def _event(root: Element, entry: AuditEntry, kind: Kind) -> None:
    event = SubElement(
        root,
        "EventIdentification",
        EventActionCode=kind.action,
        EventDateTime=rfc3339(entry.at),
        EventOutcomeIndicator=_OUTCOMES[entry.outcome],
    )
    _code(event, "EventID", kind.identifier)
    for one in (*kind.types, codes.own_code(entry.event)):
        _code(event, "EventTypeCode", one)
    if entry.detail:
        SubElement(event, "EventOutcomeDescription").text = _spoken(entry.detail)


def _participants(root: Element, entry: AuditEntry, kind: Kind) -> None:
    """Add the participants: the router, the actor, and the destination."""
    by_itself = entry.actor.type == "router"
    router = _participant(root, entry.node or "router", kind.role, requestor=by_itself)
    router.set("AlternativeUserID", str(os.getpid()))
    router.set("NetworkAccessPointID", socket.gethostname())
    router.set("NetworkAccessPointTypeCode", "1")  # a machine's name
    if not by_itself:
        who = _participant(root, entry.actor.name or "nobody", None, requestor=True)
        if entry.actor.type == "policy":
            who.set("AlternativeUserID", entry.actor.id)
        if entry.actor.address:
            who.set("NetworkAccessPointID", _spoken(entry.actor.address))
            who.set("NetworkAccessPointTypeCode", "2")  # an IP address
    if kind.receiver is not None and entry.destination is not None:
        there = _participant(root, entry.destination.name, kind.receiver, requestor=False)
        if kind.receiver == codes.DESTINATION_MEDIA:
            medium = SubElement(there, "MediaIdentifier")
            email = entry.destination.kind == "email"
            _code(medium, "MediaType", codes.EMAIL if email else codes.URI_MEDIUM)


def _participant(root: Element, user: str, role: Code | None, *, requestor: bool) -> Element:
    participant = SubElement(
        root, "ActiveParticipant", UserID=_spoken(user), UserIsRequestor=str(requestor).lower()
    )
    if role is not None:
        _code(participant, "RoleIDCode", role)
    return participant


def _study(root: Element, patient: Patient, instances: int | None) -> None:
    study = _object(
        root, _REPORT, codes.STUDY_UID, patient.study_instance_uid or patient.study, patient.study
    )
    description = SubElement(study, "ParticipantObjectDescription")
    if patient.accession_number:
        SubElement(description, "Accession", Number=_spoken(patient.accession_number))
    SubElement(description, "SOPClass", NumberOfInstances=str(instances or 0))


def _subject(root: Element, subject: ObjectReference, detail: str) -> None:
    found = _object(root, _RESOURCE, codes.URI, f"{subject.type}:{subject.id}", subject.name)
    about = detail if subject.revision is None else f"revision {subject.revision} {detail}"
    value = base64.b64encode(about.strip().encode("utf-8")).decode("ascii")
    SubElement(found, "ParticipantObjectDetail", type="Alert Description", value=value)


def _object(root: Element, type: tuple[str, str], code: Code, identifier: str, name: str) -> Element:
    found = SubElement(
        root,
        "ParticipantObjectIdentification",
        ParticipantObjectID=_spoken(identifier) or "unknown",
        ParticipantObjectTypeCode=type[0],
        ParticipantObjectTypeCodeRole=type[1],
    )
    _code(found, "ParticipantObjectIDTypeCode", code)
    SubElement(found, "ParticipantObjectName").text = _spoken(name)
    return found


def _code(parent: Element, name: str, code: Code) -> None:
    attributes = {"csd-code": code.value, "codeSystemName": code.scheme, "originalText": code.meaning}
    SubElement(parent, name, attributes)


def _spoken(text: str) -> str:
    return _UNSPEAKABLE.sub("?", text).strip()
