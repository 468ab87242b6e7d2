# SPDX-License-Identifier: GPL-3.0-or-later
"""What a receiving node does that refuses, is full, breaks off and warns, as drawn."""

import random
from collections import Counter
from collections.abc import Collection

from pydicom import Dataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.dimse_primitives import C_STORE

from servers.node import OUT_OF_RESOURCES, SUCCESS, abort

#: Warnings, after which the node has the image (PS3.4, table B.2-1; PS3.7, annex C), and some of nobody's.
_WARNINGS = (0xB000, 0xB006, 0xB007, 0x0001, 0x0107, 0x0116, 0xB123)
_REFUSALS = (0xA700, 0xA900, 0xC000, 0x0110, 0x0122, 0x0124)


class Moody:
    """A node's behaviour: it refuses some images and kinds for good, is full now and then, ends associations
    before or after it has stored an image, warns, and says of what it has that it has it. What it does with
    an image is drawn from the seed and the image's UID."""

    def __init__(self, seed: object, classes: Collection[UID], *, refused: float = 0.03) -> None:
        """`classes`: the SOP classes that may come; `refused`: the share of images that it refuses."""
        self._seed = seed
        self._chance = random.Random(str(seed))
        self._refused = refused if self._chance.random() < 0.7 else 0.0
        self.refused_classes = {one for one in sorted(classes) if self._chance.random() < 0.25}
        self._deadly = self._chance.choice((0.0, 0.0, 0.01))
        self._loss = self._chance.choice((0.0, 0.05, 0.15))
        self._full = self._chance.choice((0.0, 0.0, 0.05))
        self._keeps_first = self._chance.random() < 0.5
        self._full_for = 0
        #: How often it has stored each image, by SOP Instance UID.
        self.kept: Counter[str] = Counter()
        #: How often it has done what.
        self.done: Counter[str] = Counter()

    def takes(self, image: Dataset) -> bool:
        """Whether it takes an image in the end."""
        refusal, is_deadly = self._own_fault(str(image.SOPInstanceUID))
        return image.SOPClassUID not in self.refused_classes and not refusal and not is_deadly

    def __call__(self, event: evt.Event, request: C_STORE) -> int:
        uid = str(request.AffectedSOPInstanceUID)
        refusal, is_deadly = self._own_fault(uid)
        if is_deadly:
            self.done["aborted for an image"] += 1
            return abort(event, request)
        if refusal:
            self.done[f"refused {refusal:04X}"] += 1
            return refusal
        if self._full_for or self._chance.random() < self._full:
            self._full_for = (self._full_for or self._chance.randrange(1, 10)) - 1
            self.done["full A700"] += 1
            return OUT_OF_RESOURCES
        if self._keeps_first and uid in self.kept:
            self.done["duplicate 0111"] += 1
            return 0x0111
        if self._chance.random() < self._loss / 2:
            self.done["aborted before"] += 1
            return abort(event, request)
        self.kept[uid] += 1
        if self._chance.random() < self._loss / 2:
            self.done["aborted after"] += 1
            return abort(event, request)
        status = self._chance.choice(_WARNINGS) if self._chance.random() < 0.3 else SUCCESS
        self.done["warned" if status else "stored"] += 1
        return status

    def _own_fault(self, uid: str) -> tuple[int, bool]:
        """With what status it refuses an image always (0: it does not), and whether it breaks off for it."""
        chance = random.Random(f"{self._seed} {uid}")
        refusal = chance.choice(_REFUSALS) if chance.random() < self._refused else 0
        return refusal, chance.random() < self._deadly
