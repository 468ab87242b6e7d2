# SPDX-License-Identifier: GPL-3.0-or-later
"""What an act was done to, and how a delivery ended, as every store tells the audit.

What is put down for the trail is signed where that is done: `Sign` gives the text with its signature in a
line below. Nobody who can only write to the store can then put something among it. What is signed says also
which act it is, and to which delivery it was done: a copy of it is known as one, and says nothing of another
delivery. It says of whom the delivery was then, and where it went: what is changed in the delivery afterwards
does not get into the trail as something that was signed.
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

#: Stands for who wanted the delivery (the policy that made it, or a person), who is in the delivery itself.
_POLICY = Actor(type="policy")


Sign = Callable[[str], str]


def as_it_is(text: str) -> str:
    """Signs nothing: what nobody has a key for."""
    return text


def identified(record: AuditRecord) -> AuditRecord:
    """A record to be put down, with an identifier of its own."""
    return record.model_copy(update={"act_id": new_id()})


@dataclass(frozen=True, slots=True)
class PutDownAct:
    """An act that was put down, as far as it is believed."""

    #: Has an `act_id` only where it is signed.
    record: AuditRecord
    #: Whether a router with the key of the trail has put it down, and here.
    is_signed: bool


def put_down_act(
    text: str,
    key: bytes | None,
    delivery: Delivery | None = None,
    planned: str = "",
    owner: str | None = None,
) -> PutDownAct:
    """What was put down, and whether it is signed with this key; what cannot be read says so.

    `delivery` is the one that it was put down with, `planned` the JSON of its plan, and `owner` the node that
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
    """Tells of an act that is in the trail already, and was put down once more."""
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
    """An act upon a delivery, as it is put down with it; the rest is in the delivery."""

    #: Together with the delivery's id the same for no two acts.
    key: str
    #: The id of the delivery; empty in what a router before has put down.
    delivery: str = ""
    act: Act
    #: What it was about then (see `about`); empty in what a router before has put down.
    about: str = ""
    #: How many instances had not arrived then; None: as many as the delivery says.
    remaining: int | None = None


#: What an entry of the trail takes from the delivery.
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
    """A digest of what the trail says of a delivery, given by its fields: SHA-256, in hexadecimal digits.

    The same whether the fields are those of the model or of a plan that an earlier router has written, and
    that lacks some.
    """
    parts = [(fields.get(part) or {}).get(name) or "" for part, name in _ABOUT]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _about_delivery(delivery: Delivery) -> str:
    return about(delivery.model_dump(include={part for part, _ in _ABOUT}))


def _is_about(act: DeliveryAct, delivery: Delivery, planned: str) -> bool:
    """Whether the delivery still is what it was when the act was put down. Of a delivery that this router
    cannot read it is the plan that was looked at, or what is shown in its place."""
    return act.about in ("", _about_delivery(delivery)) or act.about == about(fields_of(planned))


def delivery_act(act: Act, delivery: str, planned: str) -> DeliveryAct:
    """What somebody does to the delivery of this id, whose plan is given as JSON."""
    return DeliveryAct(key=new_id(), delivery=delivery, about=about(fields_of(planned)), act=act)


def end_by(outcome: Outcome, delivery: Delivery) -> DeliveryAct:
    """The end that an outcome has brought a delivery."""
    error = outcome.attempt.error if outcome.attempt else None
    return _end(delivery, outcome.state, ended_at(outcome), len(outcome.remaining), error or outcome.note)


def stillborn(delivery: Delivery) -> DeliveryAct:
    """The end of a delivery that was planned as one that has failed."""
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
    """How many interruptions of a delivery count once its outcome is recorded; None: as many as before."""
    return 0 if outcome.attempt is not None else outcome.interruptions


def ended_at(outcome: Outcome) -> datetime:
    """When the attempt was over."""
    if outcome.attempt is None:
        return outcome.ended_at or datetime.now(UTC)
    return outcome.attempt.at + timedelta(seconds=outcome.attempt.seconds)


def record_of_delivery(put_down: DeliveryAct, delivery: Delivery, owner: str | None) -> AuditRecord:
    """The whole of it. `owner` is the node that leased the delivery last, where one has."""
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
    """An act upon a policy or a destination, as it is after that."""
    return _record_of_document(act, type(document), document.id, document.name, document.revision)


def record_of_stored(
    act: Act, model: type[Policy] | type[Destination], identifier: str, text: str
) -> AuditRecord:
    """An act upon a policy or a destination, given by its JSON, which need not be readable."""
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
