# SPDX-License-Identifier: GPL-3.0-or-later
"""One level of tags: a data set or an item of a sequence, from any source."""

from collections.abc import Sequence
from typing import Protocol

from router.rules.raw import Element
from router.rules.tag_path import Step

#: The functional groups of an enhanced multi-frame object (PS3.3, C.7.6.16), those of all frames and those of
#: each frame: SharedFunctionalGroupsSequence and PerFrameFunctionalGroupsSequence.
FUNCTIONAL_GROUPS = (0x52009229, 0x52009230)


class NotRead(Exception):  # noqa: N818 - it reads as what it says
    """The tag was not read: its presence and value are unknown."""


class Item(Protocol):
    """A source of tags for a reading. Methods raise NotRead; the first two return None for an absent tag."""

    def element(self, step: Step, vr: str) -> Element | None:
        """The values of a tag; `vr` is its VR in the dictionary."""
        ...

    def items(self, step: Step) -> "Sequence[Item] | None":
        """The items of a sequence; none if the tag is no sequence."""
        ...

    def elements_in_groups(self, step: Step, vr: str, sequence: int) -> Sequence[Element]:
        """The values of a tag in the functional groups of this sequence: in its items, and in the items of
        sequences in these. Empty where no such groups are known."""
        ...
