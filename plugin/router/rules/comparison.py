# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison that follows from an operator, a tag's value representation and a rule's values."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from router.rules import dates
from router.rules.dates import Instant, Wanted, resolve
from router.rules.moment import Moment
from router.rules.operand import Operand, Value, span_operand, tag_number, text_operand
from router.rules.operators import NUMBER_VRS, UNDECLARED, Operator
from router.rules.problem import Unfit
from router.rules.quantities import number, wanted_age, wanted_number
from router.rules.relative import is_relative, is_relative_to_now
from router.rules.span import Span, span_test
from router.rules.tag_path import TagPath, moment_of
from router.rules.text import (
    Text,
    TextTest,
    fold,
    name_equality,
    name_groups,
    pattern_test,
    pieces,
    text_equality,
    text_test,
    wanted_text,
)

Test = Callable[[Value, Moment], bool]
_Wanted = TypeVar("_Wanted")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A test of a tag's values, one by one.

    A value that passes `test` shares a key with each of the sets in `keys` (see Operand).
    `resolved` gives the meaning of relative words at a moment; None where there are none. `wanted` has the
    values to compare with (texts folded unless case counts; for `between` the one span), for code that
    reasons about conditions. It is empty where the values depend on the moment or do not say everything.
    """

    operand: Operand
    test: Test
    keys: Sequence[frozenset[Hashable]] = ()
    resolved: Callable[[Moment], list[str]] | None = None
    wanted: Sequence[Span | str] = ()


class UnfitValues(Exception):  # noqa: N818 - it reads as what it says
    """Some values to compare with are not usable; `messages` says why, by position."""

    def __init__(self, messages: dict[int, str]) -> None:
        super().__init__("; ".join(messages.values()))
        self.messages = messages


def compare(path: TagPath, operator: Operator, values: Sequence[object], case_sensitive: bool) -> Comparison:
    """Return the comparison of a tag with the values of a rule. Raises UnfitValues."""
    if path.vr in {"DA", "TM", "DT"}:
        return _times(path, operator, values)
    if path.vr == "AS":
        ages = _each(values, wanted_age)
        return Comparison(span_operand(path), _span_test(operator, ages), wanted=_spans(operator, ages))
    if path.vr in NUMBER_VRS or (path.vr == UNDECLARED and operator.demand == "order"):
        numbers = _each(values, lambda value: wanted_number(value, path.vr, operator.name))
        keys = [frozenset(span.first for span in numbers)] if operator.demand == "equality" else []
        wanted = () if path.vr == UNDECLARED else _spans(operator, numbers)
        return Comparison(span_operand(path), _span_test(operator, numbers), keys, wanted=wanted)
    if operator.demand == "text":
        return _text_test(path, operator, values, case_sensitive)
    return _equality(path, operator, values, case_sensitive)


def _each(values: Sequence[object], understand: Callable[[object], _Wanted]) -> list[_Wanted]:
    understood: list[_Wanted] = []
    messages: dict[int, str] = {}
    for position, value in enumerate(values):
        try:
            understood.append(understand(value))
        except Unfit as unfit:
            messages[position] = str(unfit)
    if messages:
        raise UnfitValues(messages)
    return understood


def _times(path: TagPath, operator: Operator, values: Sequence[object]) -> Comparison:
    if any(is_relative_to_now(value) for value in values):
        path = moment_of(path) or path
    if operator.demand == "order":
        ranges = [position for position, value in enumerate(values) if dates.is_range(value, path.vr)]
        if ranges:
            raise UnfitValues(
                dict.fromkeys(ranges, 'must be one value; for a range use "between" or "equals"')
            )
    wanted = _each(values, dates.WANTED[path.vr])
    test = _instant_test(operator, wanted) if path.vr == "DT" else _span_test(operator, wanted)
    if not any(is_relative(value) for value in values):
        return Comparison(
            span_operand(path), test, wanted=() if path.vr == "DT" else _spans(operator, wanted)
        )
    return Comparison(
        span_operand(path),
        test,
        resolved=lambda moment: [dates.show(resolve(value, moment), path.vr) for value in wanted],
    )


def _span_test(operator: Operator, wanted: Sequence[Wanted]) -> Test:
    if operator.name == "between":
        wanted = [_joined(*wanted)]
    if len(wanted) == 1 and isinstance(wanted[0], Span):
        return cast(Test, span_test(operator.name, wanted[0]))

    def one_of(read: Span, moment: Moment) -> bool:
        return any(span_test(operator.name, resolve(value, moment))(read, moment) for value in wanted)

    return cast(Test, one_of)


def _spans(operator: Operator, wanted: Sequence[Wanted]) -> Sequence[Span]:
    """The values to compare with that are known before the moment of evaluation."""
    if operator.name == "between":
        wanted = [_joined(*wanted)]
    return [span for span in wanted if isinstance(span, Span)]


def _instant_test(operator: Operator, wanted: Sequence[Wanted]) -> Test:
    test = _span_test(operator, wanted)

    def zoned(read: Instant, moment: Moment) -> bool:
        return test(read.span(moment), moment)

    return cast(Test, zoned)


def _joined(first: Wanted, last: Wanted) -> Wanted:
    if not isinstance(first, Span) or not isinstance(last, Span):
        return lambda moment: Span(resolve(first, moment).first, resolve(last, moment).last)
    if last.last < first.first:
        raise UnfitValues({1: "the second end must not come before the first"})
    return Span(first.first, last.last)


def _text_test(
    path: TagPath, operator: Operator, values: Sequence[object], case_sensitive: bool
) -> Comparison:
    if operator.name == "matches":
        pattern = _each(values, lambda value: pattern_test(value, case_sensitive))[0]
        return Comparison(text_operand(path), cast(Test, pattern))
    wanted = _each(values, lambda value: wanted_text(value, path.vr, operator.name))[0]
    test = cast(Test, text_test(operator.name, wanted, case_sensitive))
    if case_sensitive:
        return Comparison(text_operand(path), test, wanted=_texts(path, [wanted], case_sensitive))
    keys = [frozenset({piece}) for piece in pieces(fold(wanted))]
    return Comparison(text_operand(path), test, keys, wanted=_texts(path, [wanted], case_sensitive))


def _equality(
    path: TagPath, operator: Operator, values: Sequence[object], case_sensitive: bool
) -> Comparison:
    wanted = _each(values, lambda value: wanted_text(value, path.vr, operator.name))
    operand = text_operand(path)
    if path.vr == UNDECLARED:
        return Comparison(operand, cast(Test, _undeclared_equality(wanted, case_sensitive)))
    if path.vr == "AT":
        wanted, case_sensitive = _each(values, lambda value: tag_number(str(value))), False
    elif path.vr == "PN":
        wanted = ["=".join(name_groups(name)) for name in wanted]
        if any("=" in name for name in wanted):
            return Comparison(operand, cast(Test, name_equality(wanted, case_sensitive)))
    return Comparison(
        operand,
        cast(Test, text_equality(wanted, case_sensitive)),
        [frozenset(map(fold, wanted))],
        wanted=_texts(path, wanted, case_sensitive),
    )


def _texts(path: TagPath, wanted: Sequence[str], case_sensitive: bool) -> Sequence[str]:
    """The texts to compare with; none for a tag with an undeclared VR, which compares numbers as well."""
    if path.vr == UNDECLARED:
        return ()
    return wanted if case_sensitive else list(map(fold, wanted))


def _undeclared_equality(wanted: Sequence[str], case_sensitive: bool) -> TextTest:
    """Compare as text, and as numbers if both are numbers: the VR that the device meant is unknown."""
    same_text = text_equality(wanted, case_sensitive)
    numbers = frozenset(value for text in wanted if (value := _number_or_none(text)) is not None)

    def equal(read: Text, _: object) -> bool:
        return same_text(read, None) or (bool(numbers) and _number_or_none(read.forms[0]) in numbers)

    return equal


def _number_or_none(text: str) -> Hashable:
    try:
        return number(text)
    except Unfit:
        return None
