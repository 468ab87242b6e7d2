"""Action `forward`: the images go to the destination, changed on the way where the action says so."""

from functools import partial

from router.actions.isolation import send_isolating
from router.actions.work import Sent, Work
from router.destinations import ImageRefused, Outgoing
from router.documents.action import Forward
from router.orthanc_api import OrthancApi
from router.transforms import Transformer, Untransformable


def perform(work: Work) -> Sent:
    """Send all instances: as they are stored, or as the transform makes them of that, stored nowhere."""
    assert isinstance(work.action, Forward)
    if work.action.transform is None:
        images = [Outgoing(instance, partial(work.orthanc.file, instance)) for instance in work.instances]
    else:
        transformer = work.transformer(work.action.transform)
        images = [
            Outgoing(instance, partial(_changed, work.orthanc, transformer, instance), is_stored=False)
            for instance in work.instances
        ]
    return send_isolating(work.sender, images)


def _changed(orthanc: OrthancApi, transformer: Transformer, instance: str) -> bytes:
    """Raises OrthancError, OrthancUnreachable or ImageRefused."""
    try:
        return transformer(orthanc.file(instance))
    except Untransformable as error:
        raise ImageRefused(str(error)) from error
