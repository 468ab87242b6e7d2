# SPDX-License-Identifier: GPL-3.0-or-later
"""Values with an order, compared as spans from first to last.

The span of a number or an age is one point. The span of a date or time is as long as its precision: `2024`
is from the first to the last day of that year. So partial dates have the same meaning everywhere:

- `equals 2024`: lies within 2024;
- `less_than 2024-05`: ends before May 2024 begins;
- `less_or_equal 2024-05`: ends no later than May 2024;
- `greater_than`, `greater_or_equal`: the same in the other direction;
- `between 2024-01 and 2024-03`: begins in January or later, and ends no later than March.

A value in an image that is less precise than the comparison needs (a DT of `2024` for
`equals 2024-05`) does not match.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

Number = int | float | Decimal


class Span(NamedTuple):
    """A range from `first` to `last`, both included."""

    first: Number
    last: Number


#: Open ends of a range.
NEVER_BEGAN = Span(float("-inf"), float("-inf"))
NEVER_ENDS = Span(float("inf"), float("inf"))


#: A test of a span; the second argument is the moment, which only relative words need.
SpanTest = Callable[[Span, object], bool]


def span_test(operator: str, wanted: Span) -> SpanTest:
    """The test of an operator; for `between`, `wanted` is the span from its first to its last end."""
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
