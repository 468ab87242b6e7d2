"""Which images of a delivery a service has made by itself, and stored before it said so.

A service that calls back (HTTP 202) stores its results in Orthanc and names them afterwards. Between the two,
a result looks like any new image, and a policy may fire for what came of itself. It is noticed here, before
such an image is processed once more; each circle with a service in it passes by here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from router.actions.work import Services
from router.documents.action import model_of
from router.documents.delivery import Delivery, State
from router.documents.lineage import Lineage
from router.store import DeliveryFilter, Store, all_pages

#: The note of a delivery whose service will call back.
AWAITED = "The service has taken it, and is to call back"

#: What the clocks of nodes, and Orthanc's whole seconds, may be apart.
_SLACK = timedelta(seconds=2)
#: Images of another delivery that are asked for who has sent them.
_SENDERS = 20


@dataclass(frozen=True, slots=True)
class _Origin:
    """What an image comes from in the end, as far as is known now."""

    #: The policies on the way.
    policies: set[str] = field(default_factory=set)
    #: What came in from outside, with the study that it is in.
    roots: dict[str, str] = field(default_factory=dict)


def sort_out(
    services: Services, delivery: Delivery, instances: Sequence[str]
) -> tuple[list[str], Delivery | None]:
    """Of the instances, those that the delivery's policy has had made itself; and the delivery whose service
    may have made one of the others, but has not said yet what came of it. None where there is none.

    Raises OrthancError, OrthancUnreachable, StoreUnavailable.
    """
    assert delivery.policy is not None, "by hand, images are only sent"
    own = []
    roots: dict[str, str] = {}
    lineages = services.store.lineages.of_results(instances)
    for instance in instances:
        origin = _origin(services.store, instance, delivery.resource.study, lineages.get(instance))
        if delivery.policy.id in origin.policies:
            own.append(instance)
        else:
            roots |= origin.roots
    return own, _awaited_for(services, delivery, roots)


def _origin(store: Store, instance: str, study: str, lineage: Lineage | None) -> _Origin:
    origin = _Origin()
    if lineage is None:
        origin.roots[instance] = study
        return origin
    ahead, seen = [lineage], {instance}
    while ahead:
        made = ahead.pop()
        origin.policies.update(made.policies)
        sources = (
            [made.source.id] if made.source.level == "instance" else store.deliveries.instances(made.delivery)
        )
        new = [source for source in sources if source not in seen]
        seen.update(new)
        before = store.lineages.of_results(new)
        origin.roots.update((source, made.source.study) for source in new if source not in before)
        ahead += before.values()
    return origin


def _awaited_for(services: Services, delivery: Delivery, roots: dict[str, str]) -> Delivery | None:
    """A delivery that began before, of whose service the roots may be results that it has not named yet."""
    for study in dict.fromkeys(roots.values()):
        for other, mine in _under_way(services.store, delivery, study):
            others = [root for root, of in roots.items() if of == study and root not in set(mine)]
            if others and _may_be_results(services, others, other, mine):
                return other
    return None


def _under_way(store: Store, delivery: Delivery, study: str) -> Iterator[tuple[Delivery, Sequence[str]]]:
    """Deliveries of a study that a service has, or is about to have, with their instances; those that came
    into being before this one: a result is never older than what it was made for, and no two wait for each
    other."""
    wanted = DeliveryFilter(
        states=frozenset({State.HELD, State.RUNNING}), resource=study, index=delivery.index
    )
    for found in all_pages(store.deliveries, wanted):
        other = found.delivery
        is_with_service = other.state == State.RUNNING or (other.note or "").startswith(AWAITED)
        is_before = (other.created_at, other.id) < (delivery.created_at, delivery.id)
        if model_of(other.action.type).uses_service and is_with_service and is_before:
            yield other, found.instances


def _may_be_results(
    services: Services, instances: Sequence[str], other: Delivery, mine: Sequence[str]
) -> bool:
    """Whether some have come in since the other delivery was made, not by DICOM from its sender."""
    since = (other.created_at - _SLACK).strftime("%Y%m%dT%H%M%S")
    contents = services.orthanc.bulk_content([*instances, *mine[:_SENDERS]])
    metadata = {content["ID"]: content["Metadata"] for content in contents}
    senders = {metadata[one].get("RemoteAET") for one in mine[:_SENDERS] if one in metadata}
    return any(
        metadata[one].get("ReceptionDate", "") >= since
        and (metadata[one].get("Origin") != "DicomProtocol" or metadata[one].get("RemoteAET") not in senders)
        for one in instances
        if one in metadata
    )
