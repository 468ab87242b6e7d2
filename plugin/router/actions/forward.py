# SPDX-License-Identifier: GPL-3.0-or-later
"""Action `forward`: images are sent to the destination, changed on the way if the action asks for it."""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import ClassVar, Literal

from router.actions.action_type import ActionType
from router.actions.changing import Remarks, problems_of_transform
from router.actions.isolation import send_isolating
from router.actions.returning import returning, told
from router.actions.work import SendResult, Work
from router.destinations import ImageGone, ImageRefused, Outgoing
from router.documents.action import SendingAction
from router.documents.delivery import Delivery
from router.documents.lineage import Lineage
from router.documents.transform import Transform
from router.lineage import ResultRefused
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.transforms import Unlisted, Untransformable, Withheld


class Forward(SendingAction):
    """Send the matched instances to a destination."""

    in_parts: ClassVar[bool] = True

    type: Literal["forward"]


def problems(action: Forward) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the transform."""
    if action.transform is not None:
        yield from problems_of_transform(action.transform)


def perform(work: Work) -> SendResult:
    """Send all instances as they are stored, or changed by the transform. Changed images are not stored."""
    assert isinstance(work.action, Forward)
    returned = returning(work)
    left_out = {instance for instances in returned.values() for instance in instances}
    deliveries = {
        instance: delivery
        for instance, delivery in work.deliveries_by_instance.items()
        if instance not in left_out
    }
    if not deliveries:
        result = SendResult(tried=False)
    elif work.action.transform is not None:
        result = _send_changed(work, work.action.transform, deliveries)
    else:
        receipts = work.receipts
        images = [
            Outgoing(
                instance,
                partial(work.orthanc.file, instance),
                may_be_there=delivery.was_tried,
                receipt=receipts.get(instance, ""),
            )
            for instance, delivery in deliveries.items()
        ]
        result = _without_what_is_gone(send_isolating(work.sender, images), work)
    result.arrived += left_out
    result.notes = {
        delivery: told(len(of_delivery)) + (f". {result.note}" if result.note else "")
        for delivery, of_delivery in returned.items()
    }
    return result


def _send_changed(work: Work, transform: Transform, deliveries: Mapping[str, Delivery]) -> SendResult:
    transformer = work.transformer(transform)
    unchangeable: set[str] = set()
    withheld: set[str] = set()
    unlisted: set[str] = set()
    # An image that returns to this Orthanc is announced: otherwise the policy would fire for it without end.
    comes_back = work.leads_here()
    announced: dict[str, Lineage] = {}
    remarks = Remarks()

    def changed(instance: str) -> bytes:
        try:
            is_released = deliveries[instance].released
            transformed = transformer.change(work.orthanc.file(instance), is_released=is_released)
            file = transformed.file
            remarks.add(instance, transformed.remarks)
            if comes_back:
                announced[instance] = work.services.results.announce(
                    work.delivery_of(instance), [instance], file
                )
        except (Untransformable, ResultRefused) as error:
            match error:
                case Withheld():
                    withheld.add(instance)
                case Unlisted():
                    unlisted.add(instance)
                case _:
                    unchangeable.add(instance)
            raise ImageRefused(str(error)) from error
        return file

    receipts = work.receipts
    images = [
        Outgoing(
            instance,
            partial(changed, instance),
            is_stored=False,
            may_be_there=delivery.was_tried,
            receipt=receipts.get(instance, ""),
        )
        for instance, delivery in deliveries.items()
    ]
    result = _without_what_is_gone(send_isolating(work.sender, images), work)
    work.services.results.label(announced[instance] for instance in result.arrived if instance in announced)
    result.note = " ".join(filter(None, (remarks.note(result.arrived), result.note))) or None
    # A retry helps only images that the destination refused.
    result.hopeless |= unchangeable & result.refused.keys()
    result.withheld, result.unlisted = withheld, unlisted
    return result


def _without_what_is_gone(result: SendResult, work: Work) -> SendResult:
    """Add the images that are not in Orthanc any more to the result. They are given up only when they are
    missing a second time: Orthanc overwrites an image by deleting it first."""
    result.gone |= _missing(work, result.refused.keys() - result.gone)
    for instance in result.gone:
        result.refused[instance] = str(ImageGone())
    deliveries = work.deliveries_by_instance
    result.hopeless |= {instance for instance in result.gone if deliveries[instance].was_tried}
    return result


def _missing(work: Work, instances: Collection[str]) -> set[str]:
    """Return the instances that Orthanc does not store any more. Looks them up, because Orthanc's error for
    such an instance depends on its version and on the kind of destination."""
    try:
        found = work.orthanc.bulk_content(list(instances))
    except (OrthancError, OrthancUnreachable):
        return set()
    return set(instances) - {content["ID"] for content in found}


ACTION = ActionType(
    model=Forward,
    perform=perform,
    label="Send on",
    hint="To another node, archive, server or folder, as they are or changed",
    summary="sends to",
    needs="images",
    problems=problems,
)
