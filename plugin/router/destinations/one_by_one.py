# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends images one by one, to destinations that answer for each image."""

from collections.abc import Callable, Sequence
from typing import Final

from router.destinations.kind import DestinationUnavailable, InstancesRefused
from router.destinations.outgoing import ImageGone, ImageRefused, NotEnoughMemory, Outgoing
from router.destinations.spreading import Spread, Spreading
from router.orthanc_api import OrthancError, OrthancUnreachable

#: With fewer images than this, more than one connection is not worth it.
_SEVERAL: Final = 5


def contents(image: Outgoing) -> bytes:
    """Return the file of an image. Raises ImageRefused, or DestinationUnavailable where Orthanc is away."""
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

    With `spreading`, several threads put images at the same time where the destination is far away. Raises
    InstancesRefused with the reason of each image, or DestinationUnavailable with the instances that had
    arrived.
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
    """The results for the images. May be used by several threads at once."""

    def __init__(self, put: Callable[[Outgoing, bytes], None]) -> None:
        self._put = put
        self.arrived: list[str] = []
        self.reasons: dict[str, str] = {}
        self.gone: list[str] = []
        self.unavailable: DestinationUnavailable | None = None

    def put_some(self, spread: Spread[Outgoing]) -> None:
        """Put images while there are some, and the destination takes them."""
        while self.unavailable is None and (image := spread.take()) is not None:
            spread.done(self.put_one(image))
        if self.unavailable is not None:
            spread.stop()

    def put_one(self, image: Outgoing) -> int:
        """Put one image; return its size in bytes."""
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
            # Several threads may find out at once: one error carries what each knows to have arrived.
            if self.unavailable is not None:
                error.arrived += self.unavailable.arrived
            self.unavailable = error
        else:
            self.arrived.append(image.instance)
        return size
