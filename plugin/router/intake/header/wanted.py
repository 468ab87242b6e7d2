# SPDX-License-Identifier: GPL-3.0-or-later
"""The elements of a header to keep, by the tags in rules."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from router.rules.tag_path import parse_tag

_CHARACTER_SET: Final = 0x00080005
_SIGN: Final = 0x00280103


class Wanted:
    """The elements of a header to keep."""

    def __init__(self, tags: Iterable[str]) -> None:
        """`tags`: as rules write them. Ignores facts."""
        public = {_CHARACTER_SET}
        #: The last two digits of private tags, by group.
        self.private: defaultdict[int, set[int]] = defaultdict(set)
        #: Elements that an enhanced multi-frame object may have in its functional groups instead.
        self.framed: set[int] = set()
        for tag in tags:
            path = parse_tag(tag)
            if path.fact:
                continue
            step = path.steps[0]
            if step.creator:
                self.private[step.group].add(step.element)
                continue
            public.add(step.number)
            if path.vr == "US or SS":
                public.add(_SIGN)
            if len(path.steps) == 1 and step.group not in {0x0002, 0x5200}:
                self.framed.add(step.number)
        self.public = frozenset(public)
        self.last = max(*public, *((group << 16) | 0xFFFF for group in self.private), 0)

    def has(self, group: int, element: int) -> bool:
        """Whether to keep the element. True also for the creators of private blocks."""
        if (group << 16) | element in self.public:
            return True
        offsets = self.private.get(group)
        return offsets is not None and (element <= 0xFF or (element & 0xFF) in offsets)


@lru_cache(maxsize=64)
def wanted(tags: frozenset[str]) -> Wanted:
    """Return the elements to keep where rules ask for these tags."""
    return Wanted(tags)
