# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending images one by one, for destinations that answer for each of them."""

from collections.abc import Callable, Sequence
from typing import Final

from router.destinations.kind import DestinationUnavailable, InstancesRefused
from router.destinations.outgoing import ImageGone, ImageRefused, NotEnoughMemory, Outgoing
from router.destinations.spreading import Spread, Spreading
from router.orthanc_api import OrthancError, OrthancUnreachable

#: Fewer images than these are not worth more than one connection.
_SEVERAL: Final = 5


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


def one_by_one(
    images: Sequence[Outgoing],
    put: Callable[[Outgoing, bytes], None],
    spreading: Spreading | None = None,
) -> None:
    """Give each image and its file to `put`, which raises ImageRefused or DestinationUnavailable.

    With `spreading`, several images are put at the same time, each in a thread of its own, where the
    destination is far away. Raises InstancesRefused, with the reason of each, or DestinationUnavailable, with
    what had arrived.
    """
    outcome = _Outcome(put)
    if spreading is not None and spreading.is_worth_it and len(images) >= _SEVERAL:
        images = Spread(spreading, images, outcome.put_some).run()
    for image in images:
        if outcome.unavailable is not None:
            break
        outcome.put_one(image)
    if outcome.unavailable is not None:
        outcome.unavailable.arrived[:0] = outcome.arrived
        raise outcome.unavailable
    if outcome.reasons:
        count = len(outcome.reasons) + len(outcome.arrived)
        raise InstancesRefused(
            f"{len(outcome.reasons)} of {count} refused", outcome.reasons, outcome.arrived, outcome.gone
        )


class _Outcome:
    """What has become of images. May be used by several threads at once."""

    def __init__(self, put: Callable[[Outgoing, bytes], None]) -> None:
        self._put = put
        self.arrived: list[str] = []
        self.reasons: dict[str, str] = {}
        self.gone: list[str] = []
        self.unavailable: DestinationUnavailable | None = None

    def put_some(self, spread: Spread[Outgoing]) -> None:
        """Put images for as long as there are some, and the destination takes them."""
        while self.unavailable is None and (image := spread.take()) is not None:
            spread.done(self.put_one(image))
        if self.unavailable is not None:
            spread.stop()

    def put_one(self, image: Outgoing) -> int:
        """Put one; how many bytes it has."""
        size = 0
        try:
            file = contents(image)
            size = len(file)
            self._put(image, file)
        except ImageRefused as error:
            self.reasons[image.instance] = str(error)
            if isinstance(error, ImageGone):
                self.gone.append(image.instance)
        except MemoryError:
            self.reasons[image.instance] = str(NotEnoughMemory())
        except DestinationUnavailable as error:
            # Several may find out at once; one says it for all, with what each of them knows to have arrived.
            if self.unavailable is not None:
                error.arrived += self.unavailable.arrived
            self.unavailable = error
        else:
            self.arrived.append(image.instance)
        return size
