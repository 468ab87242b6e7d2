# SPDX-License-Identifier: GPL-3.0-or-later
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


#: Tests a span; the second argument is the moment, which only relative words depend on.
SpanTest = Callable[[Span, object], bool]


def span_test(operator: str, wanted: Span) -> SpanTest:
    """What an operator does; `between` compares with the span that its two ends make."""
    first, last = wanted
    return {
        "equals": lambda read, _: first <= read[0] and read[1] <= last,
        "in": lambda read, _: first <= read[0] and read[1] <= last,
        "between": lambda read, _: first <= read[0] and read[1] <= last,
        "less_than": lambda read, _: read[1] < first,
        "less_or_equal": lambda read, _: read[1] <= last,
        "greater_than": lambda read, _: read[0] > last,
        "greater_or_equal": lambda read, _: read[0] >= first,
    }[operator]
