# SPDX-License-Identifier: GPL-3.0-or-later
"""One level of tags, a data set or an item of a sequence, whatever it was read from."""

from collections.abc import Sequence
from typing import Protocol

from router.rules.raw import Element
from router.rules.tag_path import Step

#: Where an enhanced multi-frame object says what is the same for all frames, and what each says for itself
#: (PS3.3, C.7.6.16): SharedFunctionalGroupsSequence and PerFrameFunctionalGroupsSequence.
FUNCTIONAL_GROUPS = (0x52009229, 0x52009230)


class NotRead(Exception):  # noqa: N818 - it reads as what it says
    """Whether the tag is there, and with what value, is not known from what has been read."""


class Item(Protocol):
    """What a reading asks for tags. Both methods return None where the tag is absent; raise NotRead."""

    def element(self, step: Step, vr: str) -> Element | None:
        """The values of a tag, of which the dictionary gives the VR."""
        ...

    def items(self, step: Step) -> "Sequence[Item] | None":
        """The items of a sequence; none of a tag that is no sequence."""
        ...

    def elements_in_groups(self, step: Step, vr: str, sequence: int) -> Sequence[Element]:
        """The values of a tag in the functional groups of this sequence: in its items, and in the items of
        sequences in these. Empty where nothing is known of such groups."""
        ...
