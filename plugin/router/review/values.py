# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that conditions are satisfied by, as far as something can be concluded from them.

Everything here errs on one side: what is said is certain, and what is not certain is not said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from router.rules.condition import Condition
from router.rules.span import Number, Span
from router.rules.text import fold

#: VRs whose values are points; the others are as long as their precision.
_POINTS = "number", "AS"


@dataclass(frozen=True, slots=True)
class Interval:
    """Values from `low` to `high`; an end that is open does not belong to it."""

    low: Number
    high: Number
    low_open: bool = False
    high_open: bool = False

    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def has(self, other: "Interval") -> bool:
        """Whether all of the other, which is not empty, lies in it."""
        begins = self.low < other.low or (self.low == other.low and (other.low_open or not self.low_open))
        ends = self.high > other.high or (self.high == other.high and (other.high_open or not self.high_open))
        return begins and ends

    def common(self, other: "Interval") -> "Interval":
        """Return the interval of values in both; it may be empty."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not high_closed)

    def without(self, other: "Interval") -> list["Interval"]:
        """Return the intervals of values in this one and not in the other."""
        rest = [
            self.common(Interval(-inf, other.low, False, not other.low_open)),
            self.common(Interval(other.high, inf, not other.high_open, False)),
        ]
        return [one for one in rest if not one.is_empty()]


@dataclass(frozen=True, slots=True)
class Spans:
    """A condition on something that has an order: a value satisfies it within one of the intervals."""

    intervals: Sequence[Interval]
    are_points: bool

    def is_within(self, others: Sequence["Spans"]) -> bool:
        """Whether each value that satisfies this satisfies one of the others."""
        covering = [interval for other in others for interval in other.intervals]
        if not self.are_points:
            return all(any(one.has(own) for one in covering) for own in self.intervals)
        left = list(self.intervals)
        for one in covering:
            left = [rest for interval in left for rest in interval.without(one)]
        return not left

    def and_also(self, other: "Spans") -> "Spans":
        """One value that satisfies both lies in these."""
        common = [one.common(two) for one in self.intervals for two in other.intervals]
        return Spans([interval for interval in common if not interval.is_empty()], self.are_points)

    def is_empty(self) -> bool:
        return not self.intervals


@dataclass(frozen=True, slots=True)
class Texts:
    """A condition on a text."""

    operator: str
    texts: Sequence[str]
    case_sensitive: bool

    def is_within(self, others: Sequence["Texts"]) -> bool:
        """Whether each text that satisfies this satisfies one of the others."""
        if self.operator in {"equals", "in"}:
            return all(any(other.takes(text, self.case_sensitive) for other in others) for text in self.texts)
        return any(self._implies(other) for other in others)

    def and_also(self, other: "Texts") -> "Texts":
        """One text that satisfies both satisfies this."""
        if self.operator not in {"equals", "in"}:
            if other.operator in {"equals", "in"}:
                return other.and_also(self)
            return Texts("in", (), self.case_sensitive) if self._excludes(other) else self
        return Texts(
            "in",
            [text for text in self.texts if other.may_take(text, self.case_sensitive)],
            self.case_sensitive,
        )

    def is_empty(self) -> bool:
        return not self.texts

    def takes(self, text: str, case_sensitive: bool) -> bool:
        """Whether it is certainly satisfied by the text, of which the case is known or not."""
        if self.case_sensitive and not case_sensitive:
            return False
        return self._test(text if self.case_sensitive or not case_sensitive else fold(text))

    def may_take(self, text: str, case_sensitive: bool) -> bool:
        """Whether it could be satisfied by the text, of which the case is known or not."""
        return (self.case_sensitive and not case_sensitive) or self.takes(text, case_sensitive)

    def _test(self, text: str) -> bool:
        [first, *_] = self.texts
        return {
            "contains": lambda: first in text,
            "starts_with": lambda: text.startswith(first),
            "ends_with": lambda: text.endswith(first),
        }.get(self.operator, lambda: text in self.texts)()

    def _implies(self, other: "Texts") -> bool:
        """Of two that look at a part of the text."""
        if other.operator not in {self.operator, "contains"} or self.case_sensitive != other.case_sensitive:
            return False
        return other._test(self.texts[0])

    def _excludes(self, other: "Texts") -> bool:
        """Of two that look at a part of the text: whether no text satisfies both."""
        if self.operator != other.operator or self.case_sensitive != other.case_sensitive:
            return False
        return self.operator != "contains" and not (self._implies(other) or other._implies(self))


Values = Spans | Texts


def values_of(condition: Condition) -> Values | None:
    """Return the values that satisfy the condition's positive operator; None where none can be concluded."""
    comparison = condition.comparison
    if comparison is None or not comparison.wanted:
        return None
    name = condition.operator.name
    texts = [one for one in comparison.wanted if isinstance(one, str)]
    if texts:
        return Texts(name, texts, bool(condition.document.get("case_sensitive", False)))
    intervals = [_interval(name, one) for one in comparison.wanted if isinstance(one, Span)]
    return Spans(intervals, comparison.operand.key.rpartition("|")[2] in _POINTS)


def _interval(operator: str, span: Span) -> Interval:
    match operator:
        case "less_than":
            return Interval(-inf, span.first, False, True)
        case "less_or_equal":
            return Interval(-inf, span.last)
        case "greater_than":
            return Interval(span.last, inf, True, False)
        case "greater_or_equal":
            return Interval(span.first, inf)
        case _:
            return Interval(span.first, span.last)
