"""The comparison that an operator, a tag's value representation and a rule's values make."""

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
from router.rules.span import SPAN_TESTS, Span
from router.rules.tag_path import TagPath, moment_of
from router.rules.text import Text, fold, name_groups, names_equal, pattern_test, text_test, wanted_text

Test = Callable[[Value, Moment], bool]
_Wanted = TypeVar("_Wanted")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A tag's values tested one by one.

    A value that passes `test` has one of `keys` among its own (None: that cannot be said).
    `resolved` tells what relative words stand for; None where there are none.
    """

    operand: Operand
    test: Test
    keys: frozenset[Hashable] | None = None
    resolved: Callable[[Moment], list[str]] | None = None


class UnfitValues(Exception):  # noqa: N818 - it reads as what it says
    """Some of the values to compare with cannot be used: why, by their position."""

    def __init__(self, messages: dict[int, str]) -> None:
        super().__init__("; ".join(messages.values()))
        self.messages = messages


def compare(path: TagPath, operator: Operator, values: Sequence[object], case_sensitive: bool) -> Comparison:
    """The comparison of a tag with the values a rule gives. Raises UnfitValues."""
    if path.vr in {"DA", "TM", "DT"}:
        return _times(path, operator, values)
    if path.vr == "AS":
        return Comparison(span_operand(path), _span_test(operator, _each(values, wanted_age)))
    if path.vr in NUMBER_VRS or (path.vr == UNDECLARED and operator.demand == "order"):
        numbers = _each(values, lambda value: wanted_number(value, path.vr, operator.name))
        keys = frozenset(span.first for span in numbers) if operator.demand == "equality" else None
        return Comparison(span_operand(path), _span_test(operator, numbers), keys)
    if operator.demand == "text":
        return Comparison(text_operand(path), _text_test(path, operator, values, case_sensitive))
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
    if any(dates.is_relative_to_now(value) for value in values):
        path = moment_of(path) or path
    if operator.demand == "order":
        ranges = [position for position, value in enumerate(values) if dates.is_range(value, path.vr)]
        if ranges:
            raise UnfitValues(
                dict.fromkeys(ranges, 'must be one value; for a range use "between" or "equals"')
            )
    wanted = _each(values, dates.WANTED[path.vr])
    if not any(dates.is_relative(value) for value in values):
        return Comparison(span_operand(path), _span_test(operator, wanted))
    return Comparison(
        span_operand(path),
        _span_test(operator, wanted),
        resolved=lambda moment: [dates.show(resolve(value, moment), path.vr) for value in wanted],
    )


def _span_test(operator: Operator, wanted: Sequence[Wanted]) -> Test:
    test = SPAN_TESTS[operator.name]
    if operator.name == "between":
        wanted = [_joined(*wanted)]
    if len(wanted) == 1 and isinstance(wanted[0], Span):
        only = wanted[0]
        return lambda read, moment: test(_span(read, moment), only)
    return lambda read, moment: any(test(_span(read, moment), resolve(value, moment)) for value in wanted)


def _span(read: Value, moment: Moment) -> Span:
    return read.span(moment) if isinstance(read, Instant) else cast(Span, read)


def _joined(first: Wanted, last: Wanted) -> Wanted:
    if not isinstance(first, Span) or not isinstance(last, Span):
        return lambda moment: Span(resolve(first, moment).first, resolve(last, moment).last)
    if last.last < first.first:
        raise UnfitValues({1: "the second end must not come before the first"})
    return Span(first.first, last.last)


def _text_test(path: TagPath, operator: Operator, values: Sequence[object], case_sensitive: bool) -> Test:
    def understand(value: object) -> Callable[[Text], bool]:
        if operator.name == "matches":
            return pattern_test(value, case_sensitive)
        return text_test(operator.name, wanted_text(value, path.vr, operator.name), case_sensitive)

    return _on_text(_each(values, understand)[0])


def _equality(
    path: TagPath, operator: Operator, values: Sequence[object], case_sensitive: bool
) -> Comparison:
    if path.vr == "AT":
        wanted = _each(values, lambda value: tag_number(wanted_text(value, path.vr, operator.name)))
    else:
        wanted = _each(values, lambda value: wanted_text(value, path.vr, operator.name))
    operand = text_operand(path)
    if path.vr == "PN" and any(len(name_groups(name)) > 1 for name in wanted):
        tests = [names_equal(name, case_sensitive) for name in wanted]
        return Comparison(operand, _on_text(lambda read: any(test(read) for test in tests)))
    if path.vr == "PN":
        wanted = [name_groups(name)[0] for name in wanted]
    folded = frozenset(map(fold, wanted))
    if path.vr == UNDECLARED:
        return Comparison(operand, _on_text(_undeclared_equality(wanted, case_sensitive)))
    if case_sensitive and path.vr != "AT":
        exact = frozenset(wanted)
        return Comparison(operand, _on_text(lambda read: not exact.isdisjoint(read.forms)), folded)
    return Comparison(operand, _on_text(lambda read: not folded.isdisjoint(read.folded)), folded)


def _undeclared_equality(wanted: Sequence[str], case_sensitive: bool) -> Callable[[Text], bool]:
    """Equal as text, or as numbers where both are numbers: what VR the device meant is not known."""
    texts = frozenset(wanted if case_sensitive else map(fold, wanted))
    numbers = frozenset(value for text in wanted if (value := _number_or_none(text)) is not None)

    def equal(read: Text) -> bool:
        return not texts.isdisjoint(read.forms if case_sensitive else read.folded) or (
            bool(numbers) and _number_or_none(read.forms[0]) in numbers
        )

    return equal


def _number_or_none(text: str) -> Hashable:
    try:
        return number(text)
    except Unfit:
        return None


def _on_text(test: Callable[[Text], bool]) -> Test:
    return lambda read, _: test(cast(Text, read))
