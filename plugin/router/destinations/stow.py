# SPDX-License-Identifier: GPL-3.0-or-later
"""Store transactions of DICOMweb (STOW-RS, PS3.18, 10.5): the request's body, and the answer's."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

from router.destinations.http_answers import read_json
from router.destinations.storage_status import in_words

_FAILED_SOP_SEQUENCE = "00081198"
_REFERENCED_SOP_SEQUENCE = "00081199"
_INSTANCE = "00081155"
_REASON = "00081197"

#: A data set in DICOM's JSON (PS3.18, annex F): elements by tag.
_DataSet = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoreResponse:
    """A server's answer for each instance (Store Instances Response, PS3.18, I.2), by SOP Instance UID."""

    #: Why instances were not stored (FailedSOPSequence).
    failed: Mapping[str, str]
    #: The instances that were stored (ReferencedSOPSequence).
    stored: frozenset[str]


def multipart(files: Sequence[bytes]) -> tuple[bytes, str]:
    """Return the body of a request and its Content-Type (`multipart/related`, RFC 2387)."""
    boundary = secrets.token_hex(16)
    fields = [RequestField("", file, headers={"Content-Type": "application/dicom"}) for file in files]
    body, _ = encode_multipart_formdata(fields, boundary)
    return body, f'multipart/related; type="application/dicom"; boundary={boundary}'


def store_response(body: bytes) -> StoreResponse | None:
    """Read the body of an answer, in DICOM's JSON (PS3.18, annex F) or XML (PS3.19, annex A), whatever its
    media type. None where it is neither, or has neither sequence of instances."""
    answer = _of_xml(body) if body.lstrip().startswith((b"<", b"\xef\xbb\xbf<")) else _of_json(body)
    if answer.keys().isdisjoint({_FAILED_SOP_SEQUENCE, _REFERENCED_SOP_SEQUENCE}):
        return None
    failed = {_text(item, _INSTANCE): _reason(item) for item in _items(answer, _FAILED_SOP_SEQUENCE)}
    stored = {_text(item, _INSTANCE) for item in _items(answer, _REFERENCED_SOP_SEQUENCE)}
    return StoreResponse(failed, frozenset(stored - failed.keys()))


def _of_json(body: bytes) -> _DataSet:
    document = read_json(body)
    if isinstance(document, list) and document:
        document = document[0]  # some servers return a list of one data set
    return document if isinstance(document, Mapping) else {}


def _of_xml(body: bytes) -> _DataSet:
    """Read the sequences of a data set and the values of their items; leaves out deeper levels."""
    try:
        root = _parsed(body)
    except (expat.ExpatError, ValueError, LookupError):
        return {}
    if _name(root) != "NativeDicomModel":
        return {}
    return {
        tag: {"Value": [_elements(item) for item in sequence if _name(item) == "Item"]}
        for tag, sequence in _attributes(root)
    }


def _parsed(body: bytes) -> Element:
    """Parse an XML document. Refuses a DOCTYPE, which may declare entities that expand or lead elsewhere.

    Raises ExpatError, ValueError, LookupError.
    """

    def refuse(*_: object) -> None:
        raise ValueError("a DOCTYPE")

    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(body, True)
    return builder.close()


def _elements(item: Element) -> _DataSet:
    return {
        tag: {"Value": [value.text or "" for value in attribute if _name(value) == "Value"]}
        for tag, attribute in _attributes(item)
    }


def _attributes(dataset: Element) -> Iterator[tuple[str, Element]]:
    for attribute in dataset:
        if _name(attribute) == "DicomAttribute":
            yield attribute.get("tag", "").upper(), attribute


def _name(element: Element) -> str:
    """Return the element's name without its namespace, which some servers leave out."""
    return element.tag.rpartition("}")[2]


def _items(answer: _DataSet, tag: str) -> list[_DataSet]:
    return [item for item in _values(answer, tag) if isinstance(item, Mapping)]


def _values(dataset: _DataSet, tag: str) -> list[object]:
    element = dataset.get(tag)
    values = element.get("Value") if isinstance(element, Mapping) else None
    return values if isinstance(values, list) else []


def _text(item: _DataSet, tag: str) -> str:
    values = _values(item, tag)
    return str(values[0]).strip("\0 \t\r\n") if values else ""


def _reason(item: _DataSet) -> str:
    try:
        code = int(_text(item, _REASON))
    except ValueError:
        return "no reason given"
    return f"{in_words(code) or 'failure'} (0x{code:04X})"
