"""Action `delete`: the instances leave this Orthanc, once all else that was to be done with them is done."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from router.actions.work import Sent, Work
from router.destinations import DestinationUnavailable
from router.documents.delivery import Delivery, State
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.store import DeliveryFilter, Store

_OPEN = frozenset({State.WAITING, State.HELD, State.RUNNING, State.RETRYING})
_ENDED_WITHOUT_SUCCESS = frozenset({State.FAILED, State.CANCELLED})

#: How long until it looks again without being woken: another node may have done what it waits for.
_LOOK_AGAIN = timedelta(seconds=60)
#: After the time at which a series or study is due, for its policies to be looked at.
_AFTER_DUE = timedelta(seconds=1)
_PAGE = 500


def perform(work: Work) -> Sent:
    """Delete what the delivery was planned for, and nothing that came later."""
    [leased] = work.leased
    delivery = leased.delivery
    store = work.site.store
    work.site.awaited.wait(delivery.id, delivery.resource.study)
    instances = store.deliveries.instances(delivery.id)
    growing = _due(store, delivery)
    if growing is not None:
        note = "Waits for the policies that look at the study once no more images come in"
        return Sent(held_until=max(work.now, growing) + _AFTER_DUE, tried=False, note=note)
    blocking = next(_others(store, delivery, instances, _OPEN), None)
    if blocking is not None:
        note = f"Waits for the delivery {_described(blocking)}"
        return Sent(held_until=work.now + _LOOK_AGAIN, tried=False, note=note)
    for failed in _others(store, delivery, instances, _ENDED_WITHOUT_SUCCESS):
        if not _made_up_for(store, failed):
            reason = (
                f"Nothing is deleted, because the delivery {_described(failed)} has {_ending(failed)}: retry"
                " that one first, then this"
            )
            return Sent(refused=dict.fromkeys(leased.instances, reason), lasting=True)
    try:
        work.orthanc.delete_instances(leased.instances)
    except OrthancUnreachable as error:
        raise DestinationUnavailable(str(error)) from error
    except OrthancError as error:
        return Sent(refused=dict.fromkeys(leased.instances, error.message))
    return Sent(arrived=list(leased.instances), note=f"{len(instances)} deleted")


def _due(store: Store, delivery: Delivery) -> datetime | None:
    """When policies fire for the series or study that the instances are in; None where none has yet to."""
    resource = delivery.resource
    levels: tuple[tuple[Literal["series", "study"], str], ...] = (
        ("series", resource.series),
        ("study", resource.study),
    )
    due = []
    for level, identifier in levels:
        if level == "series" and (not identifier or resource.level == "study"):
            # Of all series of the study.
            arrivals = store.intake.arrivals_of("study", resource.study)
            identifiers = sorted({arrival.series for arrival in arrivals})
        else:
            identifiers = [identifier]
        due += [one.due_at for one in store.intake.growing(level, identifiers).values() if one.due_at]
    return min(due, default=None)


def _others(
    store: Store, delivery: Delivery, instances: Sequence[str], states: frozenset[State]
) -> Iterator[Delivery]:
    """All other deliveries of these instances in some states; those that delete are in nobody's way, nor
    are those of the same images in another node's Orthanc."""
    wanted = DeliveryFilter(states=states, resource=delivery.resource.study, index=delivery.index)
    mine = set(instances)
    offset = 0
    while True:
        found, total = store.deliveries.find(wanted, _PAGE, offset)
        for other in found:
            if other.id == delivery.id or other.action.type == "delete":
                continue
            if not mine.isdisjoint(store.deliveries.instances(other.id)):
                yield other
        offset += _PAGE
        if offset >= total:
            return


def _made_up_for(store: Store, failed: Delivery) -> bool:
    """Whether the alternate destination has taken all that this one has not."""
    succeeded = frozenset({State.SUCCEEDED})
    wanted = DeliveryFilter(states=succeeded, resource=failed.resource.study, index=failed.index)
    offset = 0
    while True:
        found, total = store.deliveries.find(wanted, _PAGE, offset)
        if any(one.instead_of == failed.id for one in found):
            return True
        offset += _PAGE
        if offset >= total:
            return False


def _described(delivery: Delivery) -> str:
    to = f" to {delivery.destination.name}" if delivery.destination else ""
    by = f"by the policy {delivery.policy.name}" if delivery.policy else "by hand"
    return f"{delivery.id} ({delivery.action.type}{to}, {by})"


def _ending(delivery: Delivery) -> str:
    return "been cancelled" if delivery.state == State.CANCELLED else "failed"
