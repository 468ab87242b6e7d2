"""One level of tags, a data set or an item of a sequence, whatever it was read from."""

from collections.abc import Sequence
from typing import Protocol

from router.rules.raw import Element
from router.rules.tag_path import Step


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
