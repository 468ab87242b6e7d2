# SPDX-License-Identifier: GPL-3.0-or-later
"""The codes of DICOM's audit messages, and the kind of message for each event (PS3.15, A.5.3; PS3.16, CID 400
to 405)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from router.documents.action import model_of
from router.documents.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its meaning."""

    value: str
    meaning: str
    scheme: str = "DCM"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message: its EventID, its EventActionCode (C, R, U, D, E: create, read, update, delete,
    execute), its EventTypeCodes, and the RoleIDCodes of the router and of the destination."""

    identifier: Code
    action: str
    types: Sequence[Code] = ()
    role: Code | None = None
    receiver: Code | None = None


STUDY_UID: Final = Code("110180", "Study Instance UID")
PATIENT_NUMBER: Final = Code("2", "Patient Number", "RFC-3881")
URI: Final = Code("12", "URI", "RFC-3881")
EMAIL: Final = Code("110031", "Email")
URI_MEDIUM: Final = Code("110037", "URI")
DESTINATION_MEDIA: Final = Code("110154", "Destination Media")

_APPLICATION: Final = Code("110150", "Application")
_DESTINATION: Final = Code("110152", "Destination Role ID")
_SOURCE: Final = Code("110153", "Source Role ID")

_ACTIVITY: Final = Code("110100", "Application Activity")
_LOG_USED: Final = Code("110101", "Audit Log Used")
_ACCESSED: Final = Code("110103", "DICOM Instances Accessed")
_TRANSFERRED: Final = Code("110104", "DICOM Instances Transferred")
_EXPORT: Final = Code("110106", "Export")
_ALERT: Final = Code("110113", "Security Alert")

#: The kinds of messages, by the beginning of the event; the longest one counts.
_KINDS: Final[Mapping[str, Kind]] = {
    "router.started": Kind(_ACTIVITY, "E", [Code("110120", "Application Start")], _APPLICATION),
    "router.stopped": Kind(_ACTIVITY, "E", [Code("110121", "Application Stop")], _APPLICATION),
    "audit.exported": Kind(_LOG_USED, "R"),
    "access.refused": Kind(_ALERT, "E", [Code("110132", "Use of Restricted Function")]),
    "key.rotated": Kind(_ALERT, "E", [Code("110129", "Security Configuration")]),
    "destination.": Kind(_ALERT, "E", [Code("110128", "Network Configuration")]),
    # All other acts: on policies, runs, deliveries, nodes.
    "": Kind(_ALERT, "E", [Code("110131", "Software Configuration")]),
}

#: The ends of deliveries that have used patients' data.
_ENDS: Final = frozenset({"delivery.succeeded", "delivery.failed"})
#: The kinds of destinations that speak DICOM; a delivery to any other kind is an export.
_DICOM_KINDS: Final = frozenset({"dicom", "peer", "dicomweb"})
#: The EventActionCode, by what an action does to the images in this Orthanc.
_ACTION_CODES: Final[Mapping[str, str]] = {"create": "C", "update": "U", "delete": "D"}
_TRANSFER: Final = Kind(_TRANSFERRED, "R", role=_SOURCE, receiver=_DESTINATION)
_EXPORTING: Final = Kind(_EXPORT, "R", role=_SOURCE, receiver=DESTINATION_MEDIA)

#: The router's private coding scheme; its name begins with 99, as DICOM demands.
_OWN_SCHEME: Final = "99ORTHANCROUTER"
AUDIT_ENTRY: Final = Code("entry", "Entry of the audit trail", _OWN_SCHEME)


def own_code(event: str) -> Code:
    """Return the router's own code of an event."""
    return Code(event, event.replace(".", " "), _OWN_SCHEME)


def kind_of(entry: AuditEntry) -> Kind:
    """Return the kind of message for an entry."""
    if entry.event in _ENDS and entry.object is not None:
        if accesses := model_of(entry.object.name).accesses:
            return Kind(_ACCESSED, _ACTION_CODES[accesses])
        speaks_dicom = entry.destination is not None and entry.destination.kind in _DICOM_KINDS
        return _TRANSFER if speaks_dicom else _EXPORTING
    return _KINDS[max((event for event in _KINDS if entry.event.startswith(event)), key=len)]
