"""Action `modify`: a changed copy of each instance is stored in this Orthanc."""

from router.actions.remarks import Remarks
from router.actions.work import SendResult, Work
from router.documents.action import Modify
from router.documents.delivery import ActionReference, Delivery, State
from router.documents.transform import Transform
from router.lineage import ResultRefused
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.store import NewDelivery
from router.transforms import Untransformable, Withheld


def perform(work: Work) -> SendResult:
    """Store the copies, each with where it comes from; the originals are then deleted where not kept."""
    assert isinstance(work.action, Modify)
    [leased] = work.leased
    transformer = work.transformer(with_new_uids(work.action.transform))
    sent = SendResult()
    remarks = Remarks()
    hopeless = True
    for instance in leased.instances:
        try:
            file = work.orthanc.file(instance)
            result = transformer.change(file, is_released=leased.delivery.released)
            remarks.add(instance, result.remarks)
            work.services.results.store(leased.delivery, [instance], result.file)
        except OrthancUnreachable as error:
            sent.unavailable = str(error)
            break
        except OrthancError as error:
            hopeless = hopeless and error.status == 404
            sent.refused[instance] = "not in Orthanc any more" if error.status == 404 else error.message
        except (Untransformable, ResultRefused) as error:
            sent.refused[instance] = str(error)
            if isinstance(error, Withheld):
                sent.withheld.add(instance)
        else:
            sent.arrived.append(instance)
    sent.note = remarks.note(sent.arrived)
    sent.lasting = bool(sent.refused) and hopeless and sent.unavailable is None
    if not work.action.keep_original:
        instances = work.services.store.deliveries.instances(leased.delivery.id)
        sent.successor = NewDelivery(_deleting(leased.delivery, len(instances)), instances)
    return sent


def with_new_uids(transform: Transform) -> Transform:
    """The transform of a `modify` action, with what it leaves to the action."""
    if transform.anonymize or transform.uids is not None:
        return transform
    return transform.model_copy(update={"uids": "regenerate"})


def _deleting(delivery: Delivery, instances: int) -> Delivery:
    """What deletes the originals; recorded only once all copies are stored."""
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
