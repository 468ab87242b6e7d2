# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a file and keeps the wanted elements of its header."""

from collections.abc import Container
from typing import Final

from router.intake.header.functional_groups import found_in
from router.intake.header.kept import Header, Kept
from router.intake.header.parser import HAS_LONG_LENGTH, UNDEFINED, Parser
from router.intake.header.source import Odd, Read, Source, inflating
from router.intake.header.wanted import Wanted
from router.rules.item import FUNCTIONAL_GROUPS

_SOP_CLASS: Final = 0x00080016

_IMPLICIT: Final = b"1.2.840.10008.1.2"
_BIG_ENDIAN: Final = b"1.2.840.10008.1.2.2"
_DEFLATED: Final = b"1.2.840.10008.1.2.1.99"

#: SOP classes of single-frame images, which have no functional groups (PS3.3, A.2 to A.8 and A.26).
_SINGLE_FRAME: Final = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{number}".encode() for number in ("1", "1.1", "1.1.1", "2", "4", "7", "128")
)


def read_header(read: Read, asked: Wanted) -> Header:
    """Read the header of a file. Raises Odd, and the errors of `read`."""
    source = Source(read)
    if source.take(132)[128:] != b"DICM":
        raise Odd
    kept: list[Kept] = []
    syntax = b""
    parser = Parser(source, implicit=False, little=True)
    while parser.peek_group() == 2:
        tag, vr, length = parser.head()
        value = parser.value(tag, vr, length)
        if tag == 0x00020010:
            syntax = (value.value or b"").rstrip(b"\0 ")
        if tag in asked.public:
            kept.append(value)
    if not syntax:
        raise Odd
    if syntax == _DEFLATED:
        source = Source(inflating(source.rest))
    parser = Parser(source, implicit=syntax == _IMPLICIT, little=syntax != _BIG_ENDIAN)
    groups = _body(parser, asked, kept)
    return Header(parser.implicit, parser.little, tuple(kept), groups)


def _body(parser: Parser, asked: Wanted, kept: list[Kept]) -> tuple[tuple[int, tuple[Kept, ...]], ...]:
    """Keep the wanted elements of the data set; return those that only its functional groups have."""
    source, public, private, last = parser.source, asked.public, asked.private, asked.last
    may_have_groups = bool(asked.framed)
    groups: list[tuple[int, tuple[Kept, ...]]] = []
    stops = public.union(FUNCTIONAL_GROUPS, {_SOP_CLASS})
    limit = last
    while source.has(8):
        _pass_plain(parser, stops, limit, private)
        if not source.has(8):
            break
        tag, vr, length = parser.head()
        missing: set[int] = set()
        if may_have_groups and (tag > last or tag in FUNCTIONAL_GROUPS):
            known = {one.tag for one in kept}.union(one.tag for _, found in groups for one in found)
            missing = asked.framed - known
        if missing and tag in FUNCTIONAL_GROUPS and tag not in public:
            if found := found_in(parser, length, missing):
                groups.append((tag, found))
            continue
        if tag > last:
            if not missing or tag > FUNCTIONAL_GROUPS[-1]:
                break
            limit = FUNCTIONAL_GROUPS[-1]
        elif tag in public or (tag & 0x10000 and private and asked.has(tag >> 16, tag & 0xFFFF)):
            kept.append(parser.value(tag, vr, length))
            if tag == _SOP_CLASS:
                may_have_groups = may_have_groups and not _is_single_frame(kept[-1].value)
            continue
        if tag == _SOP_CLASS:
            may_have_groups = not _is_single_frame(source.take(length)) and may_have_groups
        elif length == UNDEFINED:
            parser.pass_undefined(tag, vr)
        else:
            source.skip(length)
    return tuple(groups)


def _pass_plain(parser: Parser, stops: Container[int], last: int, private: Container[int]) -> None:
    """Pass over elements that are in the buffer and not wanted. The most frequent step, so it is fast."""
    source = parser.source
    data, at = source.data, source.at
    end, explicit, implicit, long_length = (
        len(data),
        parser.explicit_head,
        parser.implicit_head,
        parser.long_length,
    )
    while at + 12 <= end:
        if parser.implicit:
            group, element, length = implicit(data, at)
            behind = at + 8 + length
        else:
            group, element, vr, length = explicit(data, at)
            long = HAS_LONG_LENGTH.get(vr)
            if long is None:
                break
            behind = at + 12 + long_length(data, at + 8)[0] if long else at + 8 + length
        tag = (group << 16) | element
        if behind > end or tag > last or tag in stops or group in private:
            break
        at = behind
    source.at = at


def _is_single_frame(sop_class: bytes | None) -> bool:
    return (sop_class or b"").rstrip(b"\0 ") in _SINGLE_FRAME
