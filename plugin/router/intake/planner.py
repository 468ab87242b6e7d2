# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes deliveries from matches: groups instances, cuts them into parts, and addresses them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from router.catalog import Snapshot
from router.documents.action import Action, DestinationAction
from router.documents.delivery import (
    CLOSED,
    ActionReference,
    Delivery,
    DestinationReference,
    PolicyReference,
    State,
)
from router.documents.destination import THIS_ORTHANC
from router.documents.document import new_id
from router.documents.policy import Level, Policy
from router.intake.stored_instances import StoredInstance
from router.store import NewDelivery

#: How many senders a delivery names at most; it leaves out the others.
_SENDERS = 10


@dataclass(frozen=True, slots=True)
class Match:
    """A policy that fires for these instances of one study (in the order they came in)."""

    policy: Policy
    level: Level
    instances: Sequence[StoredInstance]
    #: The identifiers of those that match the rule themselves. Complete where the instances are late or an
    #: action selects matching ones; otherwise some of them.
    matching: frozenset[str]
    #: Whether the policy has fired for the rest of the series or study before.
    late: bool = False
    #: Why the deliveries must fail; None where they are to be carried out.
    refusal: str | None = None


def hop_refusal(limit: int) -> str:
    """Return why results of results of results, and so on, are not processed further."""
    return f"The hop limit is reached: {limit} results have been made of each other, one after the other"


def group_by_study(
    matched: Iterable[tuple[Policy, StoredInstance, str | None]],
) -> Iterator[Match]:
    """Group instance-level matches of one batch, each with its refusal, by policy, study and refusal."""
    groups: dict[tuple[str, str, str | None], tuple[Policy, list[StoredInstance]]] = {}
    for policy, stored, refusal in matched:
        groups.setdefault((policy.id, stored.study, refusal), (policy, []))[1].append(stored)
    for (_, _, refusal), (policy, instances) in groups.items():
        matching = frozenset(stored.id for stored in instances)
        yield Match(policy, "instance", instances, matching, refusal=refusal)


def deliveries_of(match: Match, snapshot: Snapshot, now: datetime) -> Iterator[NewDelivery]:
    """Yield the deliveries that the policy's actions make of a match."""
    for action in match.policy.actions:
        instances = [
            stored for stored in match.instances if action.select == "all" or stored.id in match.matching
        ]
        yield from _parts(match, action, instances, snapshot, now)


def _parts(
    match: Match, action: Action, instances: Sequence[StoredInstance], snapshot: Snapshot, now: datetime
) -> Iterator[NewDelivery]:
    target = action.destination if isinstance(action, DestinationAction) else THIS_ORTHANC.id
    destination = snapshot.destinations.get(target)
    # Deliveries to a destination that cannot be read now wait until it can.
    unreadable = {one.id: one.name for one in snapshot.unreadable_destinations}
    size = destination.batch if destination and action.in_parts else max(1, len(instances))
    for start in range(0, len(instances), size):
        part = instances[start : start + size]
        # For example, the destination was deleted. The delivery is kept and shown as failed, so that a person
        # sees that something matched and was not done.
        refusal = match.refusal if destination or target in unreadable else "The destination has been deleted"
        opening = action.window.next_opening(now) if action.window else None
        delivery = Delivery(
            id=new_id(),
            state=State.FAILED if refusal else State.HELD if opening else State.WAITING,
            lane=target,
            priority=action.priority,
            window=action.window,
            policy=PolicyReference(
                id=match.policy.id, name=match.policy.name, revision=match.policy.revision
            ),
            action=ActionReference(id=action.id or "", type=action.type),
            destination=DestinationReference(id=target, name=unreadable.get(target, ""), kind="")
            if destination is None
            else DestinationReference(id=destination.id, name=destination.name, kind=destination.kind),
            resource=match.instances[0].resource(match.level),
            late=match.late,
            unmatched=sum(stored.id not in match.matching for stored in part) if match.late else 0,
            senders=list(dict.fromkeys(stored.sender for stored in part))[:_SENDERS],
            instances=len(part),
            remaining=len(part),
            bytes=sum(stored.size for stored in part),
            note=refusal or (CLOSED if opening else None),
            next_attempt_at=None if refusal else opening,
            created_at=now,
            finished_at=now if refusal else None,
        )
        yield NewDelivery(delivery, [stored.id for stored in part])
