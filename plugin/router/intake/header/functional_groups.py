# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the functional groups of an enhanced multi-frame object (PS3.3, C.7.6.16)."""

from router.intake.header.kept import Kept
from router.intake.header.parser import ITEM, ITEM_END, SEQUENCE_END, UNDEFINED, Parser, is_sequence
from router.intake.header.source import Odd
from router.rules.raw import MOST_READ


def found_in(parser: Parser, length: int, missing: set[int]) -> tuple[Kept, ...]:
    """Return the elements with these tags in functional groups, each different element once."""
    found: dict[Kept, None] = {}
    _look_into(parser, length, missing, found, within_group=False)
    return tuple(found)


def _look_into(
    parser: Parser, length: int, missing: set[int], found: dict[Kept, None], *, within_group: bool
) -> None:
    """Look into the items of a sequence: the functional groups shared by all frames or of each frame, or one
    group (PS3.3, C.7.6.16). Sequences within a group do not describe the frame, so they are passed over."""
    source = parser.source
    end = source.position + length if length != UNDEFINED else None
    while end is None or source.position < end:
        tag, _, size = parser.head()
        if tag == SEQUENCE_END and end is None:
            return
        if tag != ITEM:
            raise Odd
        _look_into_item(parser, size, missing, found, within_group=within_group)


def _look_into_item(
    parser: Parser, length: int, missing: set[int], found: dict[Kept, None], *, within_group: bool
) -> None:
    source = parser.source
    end = source.position + length if length != UNDEFINED else None
    while end is None or source.position < end:
        tag, vr, size = parser.head()
        if tag == ITEM_END and end is None:
            return
        if tag in missing:
            one = parser.value(tag, vr, size)
            if len(found) < MOST_READ:
                found[one] = None
        elif not within_group and (vr == b"SQ" or (vr is None and is_sequence(tag))):
            _look_into(parser, size, missing, found, within_group=True)
        elif size == UNDEFINED:
            parser.pass_undefined(tag, vr)
        else:
            source.skip(size)
