# SPDX-License-Identifier: GPL-3.0-or-later
"""Action `delete`: instances are deleted from this Orthanc once all other deliveries of them have
succeeded."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from router.actions.action_type import ActionType
from router.actions.work import SendResult, Work
from router.destinations import DestinationUnavailable
from router.documents.action import Access, BaseAction
from router.documents.delivery import FINISHED, Delivery, State
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.store import LeasedDelivery, LeaseLost, Store

#: Time until the delivery looks again without being woken: the other one may end on another node.
_LOOK_AGAIN = timedelta(seconds=60)
#: Time that policies have to fire once a series or study is due.
_AFTER_DUE = timedelta(seconds=1)


class Delete(BaseAction):
    """Delete the instances from this Orthanc, once all other deliveries of them have succeeded."""

    accesses: ClassVar[Access] = "delete"

    type: Literal["delete"]


def perform(work: Work) -> SendResult:
    """Delete the instances that the delivery was planned for, and none that came later."""
    [leased] = work.leased
    work.services.awaited.look(leased.delivery.id)
    try:
        return _put_off(work, leased) or _deleted(work, leased)
    except LeaseLost:
        # A person has cancelled the delivery: this result is not recorded any more.
        return SendResult(held_until=work.now, tried=False)


def _put_off(work: Work, leased: LeasedDelivery) -> SendResult | None:
    """Return the result that puts off or refuses the deletion, with the reason; None where it may go on."""
    deliveries = work.services.store.deliveries
    obstacle = deliveries.obstacle(leased)
    if obstacle is None:
        growing = _due(work.services.store, leased.delivery)
        if growing is not None:
            note = "Waits for the policies that look at the study once no more images come in"
            return SendResult(held_until=max(work.now, growing) + _AFTER_DUE, tried=False, note=note)
        # Look again: the policies may have made deliveries since the first look.
        obstacle = deliveries.obstacle(leased)
    if obstacle is None:
        return None
    if obstacle.state not in FINISHED:
        work.services.awaited.wait(leased.delivery.id, obstacle.id)
        note = f"Waits for the delivery {_described(obstacle)}"
        return SendResult(held_until=work.now + _LOOK_AGAIN, tried=False, note=note)
    reason = (
        f"Nothing is deleted, because the delivery {_described(obstacle)} has {_ending(obstacle)}: retry"
        " that one first, then this"
    )
    return SendResult(refused=dict.fromkeys(leased.instances, reason), lasting=True)


def _deleted(work: Work, leased: LeasedDelivery) -> SendResult:
    try:
        work.orthanc.delete_instances(leased.instances)
    except OrthancUnreachable as error:
        raise DestinationUnavailable(str(error)) from error
    except OrthancError as error:
        return SendResult(refused=dict.fromkeys(leased.instances, error.message))
    return SendResult(arrived=list(leased.instances), note=f"{leased.delivery.instances} deleted")


def _due(store: Store, delivery: Delivery) -> datetime | None:
    """Return when policies next fire for the series or study of the instances; None where all have."""
    resource = delivery.resource
    levels: tuple[tuple[Literal["series", "study"], str], ...] = (
        ("series", resource.series),
        ("study", resource.study),
    )
    due = []
    for level, identifier in levels:
        if level == "series" and (not identifier or resource.level == "study"):
            # All series of the study.
            arrivals = store.intake.arrivals_of("study", resource.study)
            identifiers = sorted({arrival.series for arrival in arrivals})
        else:
            identifiers = [identifier]
        due += [one.due_at for one in store.intake.growing(level, identifiers).values() if one.due_at]
    return min(due, default=None)


def _described(delivery: Delivery) -> str:
    to = f" to {delivery.destination.name}" if delivery.destination else ""
    by = f"by the policy {delivery.policy.name}" if delivery.policy else "by hand"
    return f"{delivery.id} ({delivery.action.type}{to}, {by})"


def _ending(delivery: Delivery) -> str:
    return "been cancelled" if delivery.state == State.CANCELLED else "failed"


ACTION = ActionType(
    model=Delete,
    perform=perform,
    label="Delete",
    hint="From this Orthanc, after everything else has been done",
    summary="deletes",
)
