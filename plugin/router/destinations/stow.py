"""Store transactions of DICOMweb (STOW-RS, PS3.18, 10.5): what is sent, and what the answer says."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

from router.destinations.storage_status import in_words

FAILED_SOP_SEQUENCE = "00081198"
REFERENCED_SOP_SEQUENCE = "00081199"
_INSTANCE = "00081155"
_REASON = "00081197"


def multipart(files: Sequence[bytes]) -> tuple[bytes, str]:
    """The body of a request and its Content-Type (`multipart/related`, RFC 2387)."""
    boundary = secrets.token_hex(16)
    fields = [RequestField("", file, headers={"Content-Type": "application/dicom"}) for file in files]
    body, _ = encode_multipart_formdata(fields, boundary)
    return body, f'multipart/related; type="application/dicom"; boundary={boundary}'


def failures(answer: object) -> dict[str, str]:
    """Why instances were not stored, by SOP Instance UID (FailedSOPSequence)."""
    return {
        uid: _reason(item) for item in _items(answer, FAILED_SOP_SEQUENCE) if (uid := _text(item, _INSTANCE))
    }


def stored(answer: object) -> set[str]:
    """The SOP Instance UIDs that the answer says were stored (ReferencedSOPSequence)."""
    return {_text(item, _INSTANCE) for item in _items(answer, REFERENCED_SOP_SEQUENCE)}


def tells(answer: object) -> bool:
    """Whether the answer says what was stored and what was not (Store Instances Response, PS3.18, I.2)."""
    document = answer[0] if isinstance(answer, list) and answer else answer
    return isinstance(document, Mapping) and not document.keys().isdisjoint(
        {FAILED_SOP_SEQUENCE, REFERENCED_SOP_SEQUENCE}
    )


def _items(answer: object, tag: str) -> Sequence[Mapping[str, Any]]:
    """The items of a sequence in DICOM's JSON (PS3.18, annex F); some servers give a list of one data set."""
    if isinstance(answer, list):
        answer = answer[0] if answer else {}
    element = answer.get(tag) if isinstance(answer, Mapping) else None
    values = element.get("Value") if isinstance(element, Mapping) else None
    return [item for item in values if isinstance(item, Mapping)] if isinstance(values, list) else []


def _values(item: Mapping[str, Any], tag: str) -> list[object]:
    element = item.get(tag)
    values = element.get("Value") if isinstance(element, Mapping) else None
    return values if isinstance(values, list) else []


def _text(item: Mapping[str, Any], tag: str) -> str:
    values = _values(item, tag)
    return str(values[0]).strip("\0 ") if values else ""


def _reason(item: Mapping[str, Any]) -> str:
    values = _values(item, _REASON)
    code = values[0] if values else None
    if not isinstance(code, int):
        return "no reason given"
    return f"{in_words(code) or 'failure'} (0x{code:04X})"
