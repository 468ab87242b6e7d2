# SPDX-License-Identifier: GPL-3.0-or-later
"""Recent experience with a node: what it does not take must neither delay nor fail the rest."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final

from router.destinations.dicom.association import Context

#: How long experience counts; the node's configuration may change.
_SECONDS: Final = 600.0
#: How long all images are sent by the way that tells more, after Orthanc could not send one.
_CAREFUL_SECONDS: Final = 3600.0
#: How many images are remembered.
_MOST: Final = 10_000


class Experience:
    """Recent experience with one node. Lost with the process. May be used by several threads at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[Context, float] = {}
        self._careful_until = 0.0
        #: Images that were not taken, which come last; and whether they themselves are known to be at fault.
        self._images: OrderedDict[str, bool] = OrderedDict()
        self._in_doubt = False
        #: Images whose UID another image seems to have at the node.
        self._duplicates: OrderedDict[str, None] = OrderedDict()

    def not_taken(self, kind: Context) -> None:
        """Note that the node accepted no presentation context for this SOP class in this transfer syntax."""
        with self._lock:
            self._kinds[kind] = self._clock() + _SECONDS

    def taken(self, kind: Context) -> None:
        """Note that the node accepted a presentation context for this kind."""
        with self._lock:
            self._kinds.pop(kind, None)

    def takes(self, kind: Context) -> bool:
        """Whether the node may take this kind: it has not lately refused it."""
        with self._lock:
            return self._kinds.get(kind, 0.0) <= self._clock()

    def be_careful(self) -> None:
        """Note that Orthanc could not send something, and did not report each image."""
        with self._lock:
            self._careful_until = self._clock() + _CAREFUL_SECONDS

    def all_well(self) -> None:
        """Note that only images of kinds known to be refused were refused."""
        with self._lock:
            self._careful_until = 0.0

    @property
    def is_careful(self) -> bool:
        """Whether images should be sent so that the answer to each is known."""
        with self._lock:
            return self._clock() < self._careful_until

    @property
    def is_blank(self) -> bool:
        """Whether no kind and no image was refused."""
        with self._lock:
            return not self._kinds and not self._images

    def doubt(self, images: Iterable[str]) -> None:
        """Note that these images were not taken, by their own fault or the node's."""
        with self._lock:
            for image in images:
                self._in_doubt |= not self._images.setdefault(image, False)
            _cut(self._images)

    def blame(self, images: Iterable[str]) -> None:
        """Note that these images were not taken, while others were."""
        with self._lock:
            for image in images:
                self._images[image] = True
            _cut(self._images)

    def clear(self, image: str) -> None:
        """Note that this image was taken. Others in doubt are then at fault themselves."""
        with self._lock:
            self._images.pop(image, None)
            if self._in_doubt:
                self._images = OrderedDict.fromkeys(self._images, True)
                self._in_doubt = False

    def suspects(self, image: str) -> bool:
        """Whether the image was not taken before."""
        with self._lock:
            return image in self._images

    def blames(self, image: str) -> bool:
        """Whether the image was not taken while others were."""
        with self._lock:
            return self._images.get(image, False)

    def found_duplicate(self, image: str) -> None:
        """Note that the node had an instance with the image's UID before the image was sent."""
        with self._lock:
            self._duplicates[image] = None
            _cut(self._duplicates)

    def is_duplicate(self, image: str) -> bool:
        """Whether `found_duplicate` was noted for the image."""
        with self._lock:
            return image in self._duplicates


def _cut(remembered: OrderedDict[str, Any]) -> None:
    while len(remembered) > _MOST:
        remembered.popitem(last=False)
