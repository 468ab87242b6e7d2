"""Sending images one after the other, for destinations that answer for each of them."""

from collections.abc import Callable, Sequence

from router.destinations.kind import DestinationUnavailable, InstancesRefused
from router.destinations.outgoing import ImageGone, ImageRefused, NotEnoughMemory, Outgoing
from router.orthanc_api import OrthancError, OrthancUnreachable


def contents(image: Outgoing) -> bytes:
    """The file of an image. Raises ImageRefused, or DestinationUnavailable where Orthanc is away."""
    try:
        return image.read()
    except MemoryError as error:
        raise NotEnoughMemory from error
    except OrthancUnreachable as error:
        raise DestinationUnavailable(str(error)) from error
    except OrthancError as error:
        if error.status == 404:
            raise ImageGone from error
        raise ImageRefused(f"Orthanc cannot read it: {error.message}") from error


def one_by_one(images: Sequence[Outgoing], put: Callable[[Outgoing, bytes], None]) -> None:
    """Give each image and its file to `put`, which raises ImageRefused or DestinationUnavailable.

    Raises InstancesRefused, with the reason of each, or DestinationUnavailable, with what had arrived.
    """
    arrived: list[str] = []
    reasons: dict[str, str] = {}
    gone: list[str] = []
    for image in images:
        try:
            put(image, contents(image))
        except ImageRefused as error:
            reasons[image.instance] = str(error)
            if isinstance(error, ImageGone):
                gone.append(image.instance)
        except MemoryError:
            reasons[image.instance] = str(NotEnoughMemory())
        except DestinationUnavailable as error:
            error.arrived[:0] = arrived
            raise
        else:
            arrived.append(image.instance)
    if reasons:
        raise InstancesRefused(f"{len(reasons)} of {len(images)} refused", reasons, arrived, gone)
