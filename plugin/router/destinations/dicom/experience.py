# SPDX-License-Identifier: GPL-3.0-or-later
"""What has been seen of a node lately: what it does not take is not to hold up or draw in the rest."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final

from router.destinations.dicom.association import Context

#: How long it counts; the node may be configured otherwise meanwhile.
_SECONDS: Final = 600.0
#: After an image that could not be sent by Orthanc, all go the way that tells more, at most for so long.
_CAREFUL_SECONDS: Final = 3600.0
#: Images that are remembered.
_MOST: Final = 10_000


class Experience:
    """May be used by several threads at once. It is lost with the process, and then made again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[Context, float] = {}
        self._careful_until = 0.0
        #: Images that were not taken: they come last. Whether it is known to be their own fault.
        self._images: OrderedDict[str, bool] = OrderedDict()
        self._in_doubt = False
        #: Images whose place is taken by another one, for all that is known.
        self._duplicates: OrderedDict[str, None] = OrderedDict()

    def not_taken(self, kind: Context) -> None:
        """The node has accepted no presentation context for this SOP class in this transfer syntax."""
        with self._lock:
            self._kinds[kind] = self._clock() + _SECONDS

    def taken(self, kind: Context) -> None:
        """The node has accepted one."""
        with self._lock:
            self._kinds.pop(kind, None)

    def takes(self, kind: Context) -> bool:
        """Whether nothing is known to the contrary."""
        with self._lock:
            return self._kinds.get(kind, 0.0) <= self._clock()

    def be_careful(self) -> None:
        """Orthanc could not send something, and has not told all that there is to know."""
        with self._lock:
            self._careful_until = self._clock() + _CAREFUL_SECONDS

    def all_well(self) -> None:
        """None but images of kinds that are known for it were refused."""
        with self._lock:
            self._careful_until = 0.0

    @property
    def is_careful(self) -> bool:
        """Whether images had better be sent so that the answer to each is known."""
        with self._lock:
            return self._clock() < self._careful_until

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to be thought of."""
        with self._lock:
            return not self._kinds and not self._images

    def doubt(self, images: Iterable[str]) -> None:
        """These were not taken, and it may be their own fault, or the node's."""
        with self._lock:
            for image in images:
                self._in_doubt |= not self._images.setdefault(image, False)
            _cut(self._images)

    def blame(self, images: Iterable[str]) -> None:
        """These were not taken, while others were."""
        with self._lock:
            for image in images:
                self._images[image] = True
            _cut(self._images)

    def clear(self, image: str) -> None:
        """This one was taken; so others that were in doubt are to be blamed."""
        with self._lock:
            self._images.pop(image, None)
            if self._in_doubt:
                self._images = OrderedDict.fromkeys(self._images, True)
                self._in_doubt = False

    def suspects(self, image: str) -> bool:
        """Whether an image was not taken before."""
        with self._lock:
            return image in self._images

    def blames(self, image: str) -> bool:
        """Whether an image was not taken while others were."""
        with self._lock:
            return self._images.get(image, False)

    def found_duplicate(self, image: str) -> None:
        """The node had an instance of its UID before it was offered."""
        with self._lock:
            self._duplicates[image] = None
            _cut(self._duplicates)

    def is_duplicate(self, image: str) -> bool:
        """Whether that was found."""
        with self._lock:
            return image in self._duplicates


def _cut(remembered: OrderedDict[str, Any]) -> None:
    while len(remembered) > _MOST:
        remembered.popitem(last=False)
