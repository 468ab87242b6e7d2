"""What Orthanc says of a failed C-STORE, in words for an administrator (PS3.4, B.2.3; PS3.7, annex C)."""

import re
from dataclasses import dataclass

from pydicom.uid import UID

from router.destinations.storage_status import in_words, out_of_resources

_STATUS = re.compile(r"DIMSE status 0x([0-9A-Fa-f]{4})")
_UID = re.compile(r"\b1\.2\.840\.10008(?:\.\d+)+\b")

#: Signs that no presentation context for the image was accepted.
_NO_CONTEXT = ("presentation context", "cannot transcode", "sop class")
#: Signs that the association stood, and the storing of an image in it failed.
_NOT_STORED = ("c-store", "cannot store", "dimse")
#: Signs that it ended while an image was stored.
_BROKEN_OFF = ("aborted association", "connection reset", "broken pipe")
#: Signs that there was no association.
_CONNECTING = (
    ("connection refused", "nobody listens at its address and port: check them, and that it runs"),
    ("timed out", "it does not answer in time: check address, port and firewalls"),
    ("timeout", "it does not answer in time: check address, port and firewalls"),
    ("getaddrinfo", "its host name is not known: check it"),
    ("name or service not known", "its host name is not known: check it"),
    ("unknown host", "its host name is not known: check it"),
    ("called ae title not recognized", "it is not called by this AE title: correct it"),
    ("calling ae title not recognized", "it does not know our AE title: have its administrator enter it"),
    ("rejected", "it rejects the association: check both AE titles"),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a message of Orthanc's means."""

    message: str
    #: Whether it is about images rather than about the node as a whole.
    refused: bool


def understood(message: str) -> Failure:
    """What Orthanc's words for a failed C-STORE or C-ECHO mean."""
    found = _STATUS.search(message)
    if found:
        status = int(found[1], 16)
        words = in_words(status) or "it refuses"
        return Failure(
            f"The node does not take it: {words} (status 0x{status:04X})", not out_of_resources(status)
        )
    lowered = message.lower()
    if any(sign in lowered for sign in _NO_CONTEXT):
        return Failure(
            "The node accepts no presentation context for it, so not this SOP class, or not in this transfer"
            f" syntax: have its administrator accept it ({named(message)})",
            True,
        )
    if any(sign in lowered for sign in _NOT_STORED):
        if "timeout" in lowered:
            return Failure(
                "The node has taken the association and then not answered in time: check that it is well, or"
                f" raise the timeout ({message})",
                False,
            )
        if any(sign in lowered for sign in _BROKEN_OFF):
            # An image may have been too much for it; whether it was one, is found by sending it alone.
            return Failure(
                f"The node has broken off in the middle: see its log, and what is in between ({message})",
                True,
            )
        return Failure(f"The node does not take it, and does not say why: see its log ({message})", True)
    for sign, words in _CONNECTING:
        if sign in lowered:
            return Failure(f"The node cannot be reached: {words} ({message})", False)
    return Failure(message, False)


def named(text: str) -> str:
    """The text with the names of the standard's UIDs beside them."""

    def name(found: re.Match[str]) -> str:
        uid = UID(found[0])
        return found[0] if uid.name == found[0] else f"{uid.name} {found[0]}"

    return _UID.sub(name, text)
