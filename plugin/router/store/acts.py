# SPDX-License-Identifier: GPL-3.0-or-later
"""Acts on documents and deliveries, and the ends of deliveries, as every store queues them for the audit
trail.

A queued act is signed by the node that queues it: `Sign` returns the text with its signature in a second
line. An intruder who can only write to the store cannot forge one. The signed text names the act and its
delivery: a copy is recognised, and cannot be used for another delivery. It also holds a digest of the
delivery's patient, policy and destination: an act whose delivery was changed afterwards does not get into
the trail as signed.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError

from router.documents.audit import Act, Actor, AuditRecord, ObjectReference, Patient, signature
from router.documents.delivery import Delivery, State
from router.documents.destination import Destination
from router.documents.document import Document, new_id, rfc3339
from router.documents.policy import Policy
from router.store.port import Outcome
from router.store.reading import fields_of, read

#: Stands for the policy or person that wanted the delivery; the delivery itself names them.
_POLICY = Actor(type="policy")


Sign = Callable[[str], str]


def as_it_is(text: str) -> str:
    """Return the text unsigned, for a store without a key."""
    return text


def identified(record: AuditRecord) -> AuditRecord:
    """Return the record with a new identifier, to be queued."""
    return record.model_copy(update={"act_id": new_id()})


@dataclass(frozen=True, slots=True)
class PutDownAct:
    """A queued act, and whether its signature is valid."""

    #: It has an `act_id` only where `is_signed`.
    record: AuditRecord
    #: Whether a router with the key of the trail has queued it, and for this delivery.
    is_signed: bool


def put_down_act(
    text: str,
    key: bytes | None,
    delivery: Delivery | None = None,
    planned: str = "",
    owner: str | None = None,
) -> PutDownAct:
    """Read a queued act, and check its signature with this key. An unreadable act gives an unsigned record
    `audit.unreadable`.

    `delivery` is the one that it was queued with, `planned` the JSON of its plan, and `owner` the node that
    leased it last.
    """
    content, _, found = text.partition("\n")
    is_signed = key is not None and hmac.compare_digest(found, signature(key, "act", content))
    try:
        if delivery is None:
            record = read(AuditRecord, content)
        else:
            act = read(DeliveryAct, content)
            is_signed = is_signed and act.delivery == delivery.id and _is_about(act, delivery, planned)
            record = record_of_delivery(act, delivery, owner)
    except ValidationError:
        detail = "Something that the router cannot read was put down for the audit trail"
        return PutDownAct(_by_the_router("audit.unreadable", detail), is_signed=False)
    is_signed = is_signed and record.act_id is not None
    return PutDownAct(record if is_signed else record.model_copy(update={"act_id": None}), is_signed)


def repeated_act(record: AuditRecord) -> AuditRecord:
    """Return the record of an act that is in the trail already and was queued once more."""
    return _by_the_router(
        "audit.repeated",
        f"{record.event}, done at {rfc3339(record.at)}, is in the audit trail already. It was put down again,"
        " and is not counted twice: somebody has copied it in the database",
        record.object,
    )


def _by_the_router(event: str, detail: str, object: ObjectReference | None = None) -> AuditRecord:
    return AuditRecord(
        event=event,
        at=datetime.now(UTC),
        node="",
        actor=Actor(type="router"),
        outcome="failure",
        detail=detail,
        object=object,
    )


class DeliveryAct(Document):
    """An act on a delivery, as it is queued with it; the delivery has the rest."""

    #: Unique together with the delivery's id.
    key: str
    #: The id of the delivery; empty in an act queued by an older router.
    delivery: str = ""
    act: Act
    #: The digest of the delivery at that time (see `about`); empty in an act queued by an older router.
    about: str = ""
    #: How many instances had not arrived at that time; None: as many as the delivery says.
    remaining: int | None = None


#: The fields that an entry of the trail takes from the delivery.
_ABOUT: Final = (
    ("action", "type"),
    *(("policy", name) for name in ("id", "name", "revision")),
    ("by_hand", "user"),
    *(("destination", name) for name in ("id", "name", "kind")),
    *(
        ("resource", name)
        for name in ("patient_id", "patient_name", "accession_number", "study_instance_uid", "study")
    ),
)


def about(fields: Mapping[str, Any]) -> str:
    """Return the digest of what the trail says of a delivery with these fields: SHA-256, in hexadecimal
    digits.

    A missing field counts as an empty one: a plan of an older router, which lacks some fields, has the same
    digest as the model read from it.
    """
    parts = [(fields.get(part) or {}).get(name) or "" for part, name in _ABOUT]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _about_delivery(delivery: Delivery) -> str:
    return about(delivery.model_dump(include={part for part, _ in _ABOUT}))


def _is_about(act: DeliveryAct, delivery: Delivery, planned: str) -> bool:
    """Whether the delivery still is what it was when the act was queued. For a delivery that this router
    cannot read, the digest was made of its plan, or of the delivery shown in its place."""
    return act.about in ("", _about_delivery(delivery)) or act.about == about(fields_of(planned))


def delivery_act(act: Act, delivery: str, planned: str) -> DeliveryAct:
    """Return an act on the delivery of this id, to be queued; `planned` is its plan as JSON."""
    return DeliveryAct(key=new_id(), delivery=delivery, about=about(fields_of(planned)), act=act)


def end_by(outcome: Outcome, delivery: Delivery) -> DeliveryAct:
    """Return the act by which an outcome ends a delivery."""
    error = outcome.attempt.error if outcome.attempt else None
    return _end(delivery, outcome.state, ended_at(outcome), len(outcome.remaining), error or outcome.note)


def stillborn(delivery: Delivery) -> DeliveryAct:
    """Return the end of a delivery that was finished from the start, because it was planned as failed."""
    at = delivery.finished_at or delivery.created_at
    return _end(delivery, delivery.state, at, delivery.remaining, delivery.note)


def _end(delivery: Delivery, state: State, at: datetime, remaining: int, detail: str | None) -> DeliveryAct:
    act = Act(
        event=f"delivery.{state}",
        at=at,
        node="",
        actor=_POLICY,
        outcome="failure" if state == State.FAILED else "success",
        detail=detail or "",
    )
    return DeliveryAct(
        key=new_id(), delivery=delivery.id, about=_about_delivery(delivery), act=act, remaining=remaining
    )


def interruptions_kept(outcome: Outcome) -> int | None:
    """Return how many interruptions of a delivery count after this outcome; None: as many as before."""
    return 0 if outcome.attempt is not None else outcome.interruptions


def ended_at(outcome: Outcome) -> datetime:
    """Return when the attempt ended; without an attempt, the outcome's `ended_at`, or now."""
    if outcome.attempt is None:
        return outcome.ended_at or datetime.now(UTC)
    return outcome.attempt.at + timedelta(seconds=outcome.attempt.seconds)


def record_of_delivery(put_down: DeliveryAct, delivery: Delivery, owner: str | None) -> AuditRecord:
    """Return the whole record of an act on a delivery. `owner` is the node that leased it last, or None."""
    act, resource = put_down.act, delivery.resource
    remaining = delivery.remaining if put_down.remaining is None else put_down.remaining
    return AuditRecord(
        **{
            **dict(act),
            "actor": _wanted_by(delivery) if act.actor == _POLICY else act.actor,
            "node": act.node or owner or "",
        },
        object=ObjectReference(
            type="delivery",
            id=delivery.id,
            name=delivery.action.type,
            revision=delivery.policy.revision if delivery.policy else None,
        ),
        patient=Patient(
            patient_id=resource.patient_id,
            patient_name=resource.patient_name,
            accession_number=resource.accession_number,
            study_instance_uid=resource.study_instance_uid,
            study=resource.study,
        ),
        destination=delivery.destination,
        instances=delivery.instances - remaining,
        act_id=f"{put_down.delivery}/{put_down.key}" if put_down.delivery else None,
    )


def _wanted_by(delivery: Delivery) -> Actor:
    if delivery.policy is not None:
        return Actor(type="policy", id=delivery.policy.id, name=delivery.policy.name)
    return Actor(type="user", name=delivery.by_hand.user if delivery.by_hand else "")


def record_of_document(act: Act, document: Policy | Destination) -> AuditRecord:
    """Return the record of an act on a policy or a destination, given as it is after the act."""
    return _record_of_document(act, type(document), document.id, document.name, document.revision)


def record_of_stored(
    act: Act, model: type[Policy] | type[Destination], identifier: str, text: str
) -> AuditRecord:
    """Return the record of an act on a policy or a destination, given by its JSON, which may be
    unreadable."""
    fields = fields_of(text)
    revision = fields.get("revision")
    name = str(fields.get("name", ""))
    return _record_of_document(act, model, identifier, name, revision if isinstance(revision, int) else None)


def _record_of_document(
    act: Act, model: type[Policy] | type[Destination], identifier: str, name: str, revision: int | None
) -> AuditRecord:
    kind = "policy" if issubclass(model, Policy) else "destination"
    reference = ObjectReference(type=kind, id=identifier, name=name, revision=revision)
    return AuditRecord(**dict(act), object=reference)
