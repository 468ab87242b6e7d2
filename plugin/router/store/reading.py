# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads stored documents, also those that another version of the router wrote.

One unreadable document must not stop anything else. Documents that only report (a node, a run, a lineage) are
read without the fields that this version does not know. Documents that order work (a policy, a destination)
are not read then: the unknown field may forbid the work.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from router.documents.delivery import ActionReference, Delivery, Resource
from router.store.port import DocumentType, Unreadable, UnreadableDocument

_log = logging.getLogger(__name__)

Model = TypeVar("Model", bound=BaseModel)

#: The action of deliveries that cannot be read.
UNREADABLE_ACTION = "unreadable"


def readable(model: type[Model], stored: Iterable[str | Mapping[str, Any]]) -> Iterator[Model]:
    """Yield the readable documents, each given as JSON or as its fields; log why each other one is left
    out."""
    for one in stored:
        try:
            yield read(model, one)
        except ValidationError as error:
            _log.error("A stored %s is left out: %s", model.__name__.lower(), reason(error))


def read(model: type[Model], stored: str | Mapping[str, Any]) -> Model:
    """Return a document, given as JSON or as its fields. Raises ValidationError."""
    if isinstance(stored, str):
        return model.model_validate_json(stored, extra="ignore")
    return model.model_validate(stored, extra="ignore")


def document_of(model: type[DocumentType], text: str) -> DocumentType:
    """Return a policy or a destination, given as JSON. Raises Unreadable."""
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise Unreadable(reason(error)) from error


def readable_documents(model: type[DocumentType], texts: Iterable[str]) -> list[DocumentType]:
    """Return the readable ones of policies or destinations, given as JSON."""
    found = []
    for text in texts:
        try:
            found.append(document_of(model, text))
        except Unreadable:
            continue
    return found


def unreadable_documents(
    model: type[DocumentType], stored: Iterable[tuple[str, str, str]]
) -> Iterator[UnreadableDocument]:
    """Yield the unreadable ones of documents, given by id, name and JSON."""
    for identifier, name, text in stored:
        try:
            document_of(model, text)
        except Unreadable as error:
            yield UnreadableDocument(identifier, name_of(text, name), str(error))


def digest_of(text: object) -> str:
    """Return the digest that tells whether a document is as it was written: SHA-256, in hexadecimal digits.
    A value that is no text any more (changed in the database) has a digest too."""
    return hashlib.sha256(str(text).encode("utf-8", "replace")).hexdigest()


def name_of(text: str, otherwise: str) -> str:
    """Return the name in a document's JSON, even if the rest is unreadable; else `otherwise`."""
    return str(fields_of(text).get("name", otherwise))


def fields_of(text: str) -> dict[str, Any]:
    """Return the fields of a document's JSON, unchecked; none where it is no JSON object."""
    try:
        fields = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return fields if isinstance(fields, dict) else {}


def delivery_of_fields(fields: Mapping[str, Any], identifier: str, lane: str) -> Delivery:
    """Return a delivery, given by the fields of its plan and of its present state. An unreadable delivery is
    shown with its known fields and the action `UNREADABLE_ACTION`; it fails when it is carried out."""
    try:
        return Delivery.model_validate({name: fields[name] for name in fields.keys() & Delivery.model_fields})
    except ValidationError as error:
        problem = reason(error)
    known = {
        name: fields[name]
        for name in ("index", "state", "remaining", "next_attempt_at", "finished_at")
        if name in fields
    }
    try:
        created_at = datetime.fromisoformat(str(fields.get("created_at")))
    except ValueError:
        created_at = datetime.fromtimestamp(0, UTC)
    return Delivery(
        id=identifier,
        lane=lane,
        policy=None,
        action=ActionReference(id="", type=UNREADABLE_ACTION),
        resource=Resource(level="instance", id=""),
        instances=known["remaining"],
        created_at=created_at,
        note=f"This router cannot read it: {problem}",
        **known,
    )


def reason(error: ValidationError) -> str:
    """Return what is wrong and where, without the values: they may be patient data or secrets."""
    problems = [
        f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)
    ]
    more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
    return f"written by another version of the router, or damaged ({'; '.join(problems[:3])}{more})"
