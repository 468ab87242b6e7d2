# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what is stored, also where it makes no sense to this version of the router.

One document that cannot be read must stop nothing else. What tells of something (a node, a run, where a
result comes from) is read without the fields that this version does not know. What says what is to be done (a
policy, a destination) is not: a field that is not known may be the one that forbids it.
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
    """Those of the documents, each as JSON or as its fields, that can be read; the log names the others."""
    for one in stored:
        try:
            yield read(model, one)
        except ValidationError as error:
            _log.error("A stored %s is left out: %s", model.__name__.lower(), reason(error))


def read(model: type[Model], stored: str | Mapping[str, Any]) -> Model:
    """One document, as JSON or as its fields. Raises ValidationError."""
    if isinstance(stored, str):
        return model.model_validate_json(stored, extra="ignore")
    return model.model_validate(stored, extra="ignore")


def document_of(model: type[DocumentType], text: str) -> DocumentType:
    """A policy or a destination. Raises Unreadable."""
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise Unreadable(reason(error)) from error


def readable_documents(model: type[DocumentType], texts: Iterable[str]) -> list[DocumentType]:
    """Those policies or destinations that can be read."""
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
    """Those that cannot be read, of documents given by id, name and JSON."""
    for identifier, name, text in stored:
        try:
            document_of(model, text)
        except Unreadable as error:
            yield UnreadableDocument(identifier, name_of(text, name), str(error))


def digest_of(text: object) -> str:
    """By which it is known whether a document is as it was written: SHA-256, in hexadecimal digits. What is
    no text any more has one too."""
    return hashlib.sha256(str(text).encode("utf-8", "replace")).hexdigest()


def name_of(text: str, otherwise: str) -> str:
    """The name in a document's JSON, also where the rest of it makes no sense."""
    return str(fields_of(text).get("name", otherwise))


def fields_of(text: str) -> dict[str, Any]:
    """The fields of a document as they are written; none where it is no JSON object."""
    try:
        fields = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return fields if isinstance(fields, dict) else {}


def delivery_of_fields(fields: Mapping[str, Any], identifier: str, lane: str) -> Delivery:
    """A delivery, given by the fields of its plan and of what has become of it since. One that cannot be read
    is shown with what is known of it, and fails for that reason when it is carried out."""
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
    """What is wrong, with where it is, and without the values."""
    problems = [
        f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)
    ]
    more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
    return f"written by another version of the router, or damaged ({'; '.join(problems[:3])}{more})"
