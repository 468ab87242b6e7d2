# SPDX-License-Identifier: GPL-3.0-or-later
"""Action `modify`: a changed copy of each instance is stored in this Orthanc."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from router.actions.action_type import ActionType
from router.actions.changing import Remarks, problems_of_transform, with_new_uids
from router.actions.work import SendResult, Work
from router.documents.action import Access, BaseAction
from router.documents.delivery import ActionReference, Delivery, State
from router.documents.transform import Transform
from router.lineage import ResultRefused
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.store import NewDelivery
from router.transforms import Unlisted, Untransformable, Withheld

#: The tags that tell one stored instance from another (Orthanc Book, "Orthanc identifiers").
_IDENTITY = frozenset({"PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"})


class Modify(BaseAction):
    """Store a changed copy of each instance in this Orthanc."""

    in_parts: ClassVar[bool] = True
    stores_images: ClassVar[bool] = True
    accesses: ClassVar[Access] = "create"

    type: Literal["modify"]
    #: What is changed in the copy.
    transform: Transform
    #: False deletes the original once the copy is stored and all other deliveries of it have succeeded.
    keep_original: bool = True

    @property
    def changes(self) -> Transform:
        return with_new_uids(self.transform)


def problems(action: Modify) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the transform, or with a copy that cannot be stored beside its original."""
    transform = action.transform
    yield from problems_of_transform(transform)
    if transform.uids == "keep" and not _IDENTITY & {*transform.replace, *transform.insert}:
        yield (
            "transform.uids",
            "The copy would have the identity of its original, and cannot be stored beside it: regenerate the"
            " UIDs",
        )


def perform(work: Work) -> SendResult:
    """Store the copies, each with its lineage. If the originals are not kept, a delivery that deletes them
    follows."""
    assert isinstance(work.action, Modify)
    [leased] = work.leased
    transformer = work.transformer(work.action.changes)
    result = SendResult()
    remarks = Remarks()
    hopeless = True
    for instance in leased.instances:
        try:
            file = work.orthanc.file(instance)
            transformed = transformer.change(file, is_released=leased.delivery.released)
            remarks.add(instance, transformed.remarks)
            work.services.results.store(leased.delivery, [instance], transformed.file)
        except OrthancUnreachable as error:
            result.unavailable = str(error)
            break
        except OrthancError as error:
            hopeless = hopeless and error.status == 404
            result.refused[instance] = "not in Orthanc any more" if error.status == 404 else error.message
        except (Untransformable, ResultRefused) as error:
            result.refused[instance] = str(error)
            if isinstance(error, Withheld):
                result.withheld.add(instance)
            if isinstance(error, Unlisted):
                result.unlisted.add(instance)
        else:
            result.arrived.append(instance)
    result.note = remarks.note(result.arrived)
    result.lasting = bool(result.refused) and hopeless and result.unavailable is None
    if not work.action.keep_original:
        instances = work.services.store.deliveries.instances(leased.delivery.id)
        result.successor = NewDelivery(_deleting(leased.delivery, len(instances)), instances)
    return result


def _deleting(delivery: Delivery, instances: int) -> Delivery:
    """Return the delivery that deletes the originals. It is recorded once all copies are stored."""
    return delivery.model_copy(
        update={
            "id": f"{delivery.id}-delete",
            "state": State.WAITING,
            "action": ActionReference(id=delivery.action.id, type="delete"),
            "instances": instances,
            "remaining": instances,
            "attempts": [],
            "attempt_count": 0,
            "note": None,
            "next_attempt_at": None,
        }
    )


ACTION = ActionType(
    model=Modify,
    perform=perform,
    label="Store a changed copy",
    hint="With other tags, de-identified, or with areas blacked out",
    summary="stores a changed copy",
    problems=problems,
)
