# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthanc's messages about a failed C-STORE, for an administrator (PS3.4, B.2.3; PS3.7, annex C)."""

import re
from dataclasses import dataclass

from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from router.destinations.storage_status import in_words

_STATUS = re.compile(r"DIMSE status 0x([0-9A-Fa-f]{4})")
_UID = re.compile(r"\b1\.2\.840\.10008(?:\.\d+)+\b")

#: Signs that the node accepted no presentation context for the image.
_NO_CONTEXT = ("presentation context", "cannot transcode", "sop class")
#: Signs that there was an association, and storing an image failed.
_NOT_STORED = ("c-store", "cannot store", "dimse")
#: Signs that the association ended while an image was being stored.
_BROKEN_OFF = ("aborted association", "connection reset", "broken pipe", "unrecognized pdu")
#: Signs that there was no association, and why.
_CONNECTING = (
    ("connection refused", "nobody listens at its address and port: check them, and that it runs"),
    ("timed out", "it does not answer in time: check address, port and firewalls"),
    ("timeout", "it does not answer in time: check address, port and firewalls"),
    ("getaddrinfo", "its host name is not known: check it"),
    ("name or service not known", "its host name is not known: check it"),
    ("unknown host", "its host name is not known: check it"),
    ("called ae title not recognized", "it is not called by this AE title: correct it"),
    ("calling ae title not recognized", "it does not know our AE title: have its administrator enter it"),
)
#: Signs that there was no association, for a reason that DCMTK's words leave open.
_UNCLEAR = (
    ("local limit exceeded", "it has as many associations as it takes"),
    ("temporary congestion", "it is too busy for now"),
    ("rejected", "it rejects the association: see its log, and check both AE titles"),
    # DCMTK 3.7 says this of a refused connection.
    ("tcp initialization error", "check that it runs, its address and port, and firewalls"),
    ("aborted association", "it breaks off when it is asked for an association: see its log"),
    ("unrecognized pdu", "what answers at its address and port does not speak DICOM: check them"),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """The meaning of a message of Orthanc."""

    message: str
    #: Whether the node cannot be reached at all now, and the reason is clear.
    is_absence: bool = False
    #: The status in the node's answer to an image.
    status: int | None = None


#: The transfer syntaxes without compressed pixels. Private ones count as compressed.
UNCOMPRESSED_SYNTAXES = frozenset(
    {ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian}
)

#: Private SOP classes that come with many studies, by the names in their makers' conformance statements.
_PRIVATE = {
    "1.3.12.2.1107.5.9.1": "Siemens CSA Non-Image Storage",
    "1.3.12.2.1107.5.99.3.10": "Siemens CT MR Volume Storage",
    "1.3.46.670589.5.0.8": "Philips X-Ray MF Storage",
    "1.3.46.670589.11.0.0.12.1": "Philips MR Spectrum Storage",
    "1.3.46.670589.11.0.0.12.2": "Philips MR Series Data Storage",
    "1.3.46.670589.11.0.0.12.4": "Philips MR Examcard Storage",
}


def refusal(status: int) -> str:
    """Return the meaning of a failure status of a C-STORE."""
    return f"The node does not take it: {in_words(status) or 'it refuses'} (status 0x{status:04X})"


def sop_class_not_taken(sop_class: str, syntax: str) -> str:
    """Say that a node accepted no presentation context for a SOP class, nor for it uncompressed."""
    text = (
        f"The node takes no {_PRIVATE.get(sop_class) or UID(sop_class).name} objects ({sop_class}): have its"
        " administrator accept this SOP class"
    )
    return (
        f"{text}, or it in transfer syntax {UID(syntax).name}"
        if syntax not in UNCOMPRESSED_SYNTAXES
        else text
    )


def syntax_not_taken(syntax: str) -> str:
    """Say that a node accepted a SOP class, but not in this transfer syntax."""
    return f"The node does not take it in its transfer syntax, {UID(syntax).name} ({syntax})"


def understood(message: str, status: int | None = None) -> Failure:
    """Interpret Orthanc's message about a failed C-STORE, C-ECHO or N-ACTION. `status`: the status in the
    node's answer, where Orthanc gives it separately."""
    found = _STATUS.search(message) if status is None else None
    if found:
        status = int(found[1], 16)
    if status is not None:
        return Failure(refusal(status), status=status)
    lowered = message.lower()
    if any(sign in lowered for sign in _NO_CONTEXT):
        return Failure(
            "The node accepts no presentation context for it, so not this SOP class, or not in this transfer"
            f" syntax: have its administrator accept it ({named(message)})"
        )
    if any(sign in lowered for sign in _NOT_STORED):
        if "timeout" in lowered:
            return Failure(
                "The node has taken the association and then not answered in time: check that it is well, or"
                f" raise the timeout ({message})",
                is_absence=True,
            )
        if any(sign in lowered for sign in _BROKEN_OFF):
            return Failure(
                f"The node has broken off in the middle: see its log, and what is in between ({message})"
            )
        return Failure(f"The node does not take it, and does not say why: see its log ({message})")
    for signs, is_plain in ((_CONNECTING, True), (_UNCLEAR, False)):
        for sign, words in signs:
            if sign in lowered:
                return Failure(f"The node cannot be reached: {words} ({message})", is_absence=is_plain)
    return Failure(message)


def named(text: str) -> str:
    """Return the text with the names of the standard's UIDs beside these."""

    def name(found: re.Match[str]) -> str:
        uid = UID(found[0])
        return found[0] if uid.name == found[0] else f"{uid.name} {found[0]}"

    return _UID.sub(name, text)
