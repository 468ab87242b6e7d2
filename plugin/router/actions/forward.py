"""Action `forward`: the images go to the destination."""

from functools import partial

from router.actions.isolation import send_isolating
from router.actions.work import Sent, Work
from router.destinations import Outgoing


def perform(work: Work) -> Sent:
    """Send all instances, as they are stored."""
    images = [Outgoing(instance, partial(work.orthanc.file, instance)) for instance in work.instances]
    return send_isolating(work.sender, images)
