# SPDX-License-Identifier: GPL-3.0-or-later
"""How a comparison reads the values of a tag, by its value representation."""

import re
from collections.abc import Callable, Hashable, Set
from dataclasses import dataclass, field
from typing import cast

from router.rules.dates import Instant, date_span, instant, time_span
from router.rules.dictionary import number_of, unknown_keyword, written
from router.rules.operators import NUMBER_VRS
from router.rules.problem import Unfit, quoted
from router.rules.quantities import age_span, number_span
from router.rules.raw import Raw
from router.rules.span import Span
from router.rules.tag_path import TagPath
from router.rules.text import Text, pieces, read_name, read_text

#: A value in the form in which it is compared.
Value = Text | Span | Instant

_TAG_NUMBER = re.compile(r"\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Operand:
    """A tag and the way to read its values. Operands with the same `key` are equal.

    `read` raises Unfit for a value that cannot be compared. Its second argument is the image's offset from
    UTC in minutes; only `zoned` operands use it. `keys` gives the keys for finding a value: two equal
    values share one, and a text has those of all its pieces.
    """

    key: str
    path: TagPath = field(compare=False)
    read: Callable[[Raw, int | None], Value] = field(compare=False)
    keys: Callable[[Value], Set[Hashable]] = field(compare=False, default=lambda _: frozenset())
    zoned: bool = field(compare=False, default=False)


def text_operand(path: TagPath) -> Operand:
    """The operand that reads text, and a person name by its component groups."""
    read = {"PN": read_name, "AT": _read_tag_number}.get(path.vr, read_text)
    return Operand(f"{path.text}|text", path, lambda raw, _: read(raw), _text_keys)


def span_operand(path: TagPath) -> Operand:
    """The operand that reads values with an order: number, age, date, time or moment."""
    if path.vr == "DT":
        return Operand(f"{path.text}|DT", path, instant, zoned=True)
    if path.vr in {"DA", "TM", "AS"}:
        read = {"DA": date_span, "TM": time_span, "AS": age_span}[path.vr]
        return Operand(f"{path.text}|{path.vr}", path, lambda raw, _: read(raw))
    vr = path.vr if path.vr in NUMBER_VRS else "DS"
    return Operand(f"{path.text}|number", path, lambda raw, _: number_span(raw, vr), _number_keys)


def tag_number(text: str) -> str:
    """A tag as a value (AT): the number or keyword `text` in the form `0008,1030`. Raises Unfit."""
    match = _TAG_NUMBER.fullmatch(text.strip())
    if match is not None:
        return f"{match[1]},{match[2]}".upper()
    number = number_of(text.strip())
    if number is None:
        raise Unfit(f"{unknown_keyword(text)}; write a tag such as 0008,1030 or a keyword")
    return written(number >> 16, number & 0xFFFF)


def _read_tag_number(raw: Raw) -> Text:
    if not isinstance(raw, str):
        raise Unfit(f"{quoted(raw)} is not a tag")
    return read_text(tag_number(raw))


def _text_keys(value: Value) -> Set[Hashable]:
    folded = cast(Text, value).folded
    return {*folded, *(piece for form in folded for piece in pieces(form))}


def _number_keys(value: Value) -> Set[Hashable]:
    return {cast(Span, value).first}
