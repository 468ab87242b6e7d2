"""Values that have an order, compared as spans from first to last.

A number or an age is a span of one point. A date or time is as long as its precision: `2024` lasts
from the first to the last day of that year. That gives partial dates one meaning everywhere:

- `equals 2024`: lies within 2024;
- `less_than 2024-05`: is over before May 2024 begins;
- `less_or_equal 2024-05`: is over when May 2024 is;
- `greater_than`, `greater_or_equal`: the same, the other way round;
- `between 2024-01 and 2024-03`: begins in or after January, is over when March is.

A value in an image that is less precise than the comparison needs (a DT of `2024` asked for
`equals 2024-05`) does not satisfy it.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

Number = int | float | Decimal


class Span(NamedTuple):
    """From `first` to `last`, both included."""

    first: Number
    last: Number


#: An end that is open.
NEVER_BEGAN = Span(float("-inf"), float("-inf"))
NEVER_ENDS = Span(float("inf"), float("inf"))


def _within(read: Span, wanted: Span) -> bool:
    return wanted[0] <= read[0] and read[1] <= wanted[1]


def _less(read: Span, wanted: Span) -> bool:
    return read[1] < wanted[0]


def _less_or_equal(read: Span, wanted: Span) -> bool:
    return read[1] <= wanted[1]


def _greater(read: Span, wanted: Span) -> bool:
    return read[0] > wanted[1]


def _greater_or_equal(read: Span, wanted: Span) -> bool:
    return read[0] >= wanted[0]


#: By operator; `between` compares with the span that its two ends make.
SPAN_TESTS: dict[str, Callable[[Span, Span], bool]] = {
    "equals": _within,
    "in": _within,
    "between": _within,
    "less_than": _less,
    "less_or_equal": _less_or_equal,
    "greater_than": _greater,
    "greater_or_equal": _greater_or_equal,
}
