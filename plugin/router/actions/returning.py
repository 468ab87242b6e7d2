# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognizes images that came from the destination: they are not sent back unless the action says so.

An image comes from a destination if it was sent here under the AE title of the destination, or, by HTTP, from
its address. A node may send and receive under different AE titles, as many analysis programs do. Their
results refer to images of the same study that the destination got before. A reference alone does not prove
that the destination made the image: reports of others refer to images, too. So the address must also be that
of the destination. Where an address cannot tell (all programs on one machine), the image must have come after
the policy had fired, without matching its rule.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import pydicom
from pydicom import Dataset

from router.actions.work import Work
from router.destinations import DestinationUnavailable, Whereabouts
from router.documents.action import Action, ImagesAction, model_of
from router.documents.delivery import Delivery, Sender
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.store import DeliveryFilter, NewDelivery, Store, all_pages
from router.templates import header_of
from router.unreadable import UNREADABLE

#: The beginning of the note of a delivery with images that were not sent back.
_NOT_SENT_BACK = "Not sent back to where it came from"

#: How many references of one image are looked up; one to an image that was sent is enough.
_REFERENCES = 50


class Returning:
    """Finds the images that came from one destination."""

    def __init__(
        self,
        orthanc: OrthancApi,
        store: Store,
        whereabouts: Callable[[], Whereabouts],
        leads_here: Callable[[], bool],
    ) -> None:
        """`whereabouts` returns the place of the destination; `leads_here`, whether it leads to this very
        Orthanc."""
        self._orthanc = orthanc
        self._store = store
        self._whereabouts = whereabouts
        self._leads_here = leads_here

    def of(self, action: Action, delivery: Delivery, instances: Sequence[str]) -> list[str]:
        """Return the instances of a delivery, which may be only planned, that are not sent back.

        Raises OrthancError, OrthancUnreachable, StoreUnavailable.
        """
        if not isinstance(action, ImagesAction) or action.send_back or delivery.by_hand is not None:
            return []
        found = self._found(delivery, instances)
        # An image sent to this very Orthanc is meant to return; the hop limit ends circles.
        return [] if found and self._leads_here() else found

    def _found(self, delivery: Delivery, instances: Sequence[str]) -> list[str]:
        if not delivery.senders:
            return []
        where = self._whereabouts()
        came_from = [sender for sender in delivery.senders if self._is_at(where, sender)]
        doubtful = [
            sender
            for sender in delivery.senders
            if sender not in came_from and _may_be_at(where, sender, delivery)
        ]
        if not came_from and not doubtful:
            return []
        by_sender = self._by_sender(instances)
        found = [one for sender in came_from for one in by_sender.get(sender, ())]
        if doubtful:
            found += self._made_of_what_was_sent(delivery, {one: by_sender.get(one, ()) for one in doubtful})
        return found

    def _is_at(self, where: Whereabouts, sender: Sender) -> bool:
        """Whether a sender is the destination."""
        if not sender.aet:
            return where.is_at(sender.ip) is True
        if sender.aet != where.aet:
            return False
        # Many Orthancs have the same AE title as this one, so the title alone proves nothing.
        return sender.aet != self._orthanc.system().get("DicomAet") or where.is_at(sender.ip) is not False

    def _by_sender(self, instances: Sequence[str]) -> dict[Sender, list[str]]:
        found: dict[Sender, list[str]] = {}
        for content in self._orthanc.bulk_content(instances):
            metadata = content["Metadata"]
            sender = Sender(aet=metadata.get("RemoteAET", ""), ip=metadata.get("RemoteIP", ""))
            found.setdefault(sender, []).append(content["ID"])
        return found

    def _made_of_what_was_sent(self, delivery: Delivery, by_sender: dict[Sender, Sequence[str]]) -> list[str]:
        """Return the instances that refer to images which the destination got before from another sender."""
        before = list(self._before(delivery))
        senders = {sender for one in before for sender in one.delivery.senders}
        sent = {instance for one in before for instance in one.instances}
        return [
            instance
            for sender, instances in by_sender.items()
            if sender not in senders
            for instance in instances
            if sent.intersection(
                one for uid in _references(self._orthanc, instance) for one in self._orthanc.lookup(uid)
            )
        ]

    def _before(self, delivery: Delivery) -> Iterator[NewDelivery]:
        """Yield earlier deliveries of the same study to the same destination."""
        wanted = DeliveryFilter(
            resource=delivery.resource.study, destination=delivery.lane, index=delivery.index
        )
        for found in all_pages(self._store.deliveries, wanted):
            other = found.delivery
            is_before = (other.created_at, other.id) < (delivery.created_at, delivery.id)
            was_sent = other.remaining < other.instances and not (other.note or "").startswith(_NOT_SENT_BACK)
            if is_before and was_sent and issubclass(model_of(other.action.type), ImagesAction):
                yield found


def returning(work: Work) -> dict[str, list[str]]:
    """Return the instances that came from the destination, by delivery.

    Raises DestinationUnavailable where Orthanc is away, StoreUnavailable.
    """
    judged = Returning(work.orthanc, work.services.store, work.whereabouts, work.leads_here)
    try:
        found = {one.delivery.id: judged.of(work.action, one.delivery, one.instances) for one in work.leased}
    except (OrthancError, OrthancUnreachable) as error:
        raise DestinationUnavailable(str(error)) from error
    return {delivery: instances for delivery, instances in found.items() if instances}


def told(count: int) -> str:
    """Return the note on instances that are not sent back."""
    return f"{_NOT_SENT_BACK}: {count} image{'s' if count > 1 else ''}"


def _may_be_at(where: Whereabouts, sender: Sender, delivery: Delivery) -> bool:
    """Whether a sender may be the destination under another AE title."""
    is_at = where.is_at(sender.ip)
    if is_at is None:
        return delivery.late and delivery.unmatched == delivery.instances
    return is_at


def _references(orthanc: OrthancApi, instance: str) -> list[str]:
    """Return the SOP Instance UIDs that an image refers to, anywhere in it (PS3.3, 10.8); none where the
    image is gone or broken."""
    try:
        dataset = pydicom.dcmread(io.BytesIO(header_of(orthanc, instance)), stop_before_pixels=True)
        return list(dict.fromkeys(islice(_referenced(dataset), _REFERENCES)))
    except OrthancError as error:
        if error.status != 404:
            raise
        return []
    except UNREADABLE:
        return []


def _referenced(dataset: Dataset) -> Iterator[str]:
    for element in dataset:
        if element.keyword == "ReferencedSOPInstanceUID" and element.value:
            yield str(element.value)
        elif element.VR == "SQ":
            for item in element.value:
                yield from _referenced(item)
