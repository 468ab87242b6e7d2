# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognizes results that a service stored before it named them, so that they are not processed again.

A service that calls back (HTTP 202) stores its results in Orthanc and names them afterwards. Between the two,
a result looks like any new image, and a policy may fire for its own result. This check sees each circle of
policies with a service in it.
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

#: How far the clocks of nodes may differ; Orthanc's times are whole seconds.
_SLACK = timedelta(seconds=2)
#: How many images of another delivery are asked for their sender.
_SENDERS = 20


@dataclass(frozen=True, slots=True)
class _Origin:
    """The origin of an image, as far as it is known now."""

    #: The policies that took part in making it.
    policies: set[str] = field(default_factory=set)
    #: The images from outside that it was made of, each with its study.
    roots: dict[str, str] = field(default_factory=dict)


def sort_out(
    services: Services, delivery: Delivery, instances: Sequence[str]
) -> tuple[list[str], Delivery | None]:
    """Return the instances that were made for the delivery's own policy, and another delivery.

    The service of that other delivery may have made one of the remaining instances, and has not named its
    results yet. None where there is no such delivery.

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
    """Return an earlier delivery whose service may have made a root, and has not named its results yet."""
    for study in dict.fromkeys(roots.values()):
        for other, mine in _under_way(services.store, delivery, study):
            others = [root for root, of in roots.items() if of == study and root not in set(mine)]
            if others and _may_be_results(services, others, other, mine):
                return other
    return None


def _under_way(store: Store, delivery: Delivery, study: str) -> Iterator[tuple[Delivery, Sequence[str]]]:
    """Yield earlier deliveries of a study that a service has, or is about to get, with their instances.

    Earlier ones suffice: a result is never older than its delivery. So no two deliveries wait for each other.
    """
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
    """Whether an instance came in after the other delivery was made, and not by DICOM from its sender."""
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
