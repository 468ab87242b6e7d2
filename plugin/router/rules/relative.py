# SPDX-License-Identifier: GPL-3.0-or-later
"""Relative words: `today` and `now`, alone or with a distance (`today-7d`, `now - 2h`).

A distance is a sign, a number and a unit: `s`, `min`, `h` (with `now` only), `d`, `w`, `mo` (calendar months;
the last day of a month that is too short) or `y`. `today` is the day in the zone of the moment, `now` an
instant.
"""

import re
from calendar import monthrange
from datetime import date
from typing import NamedTuple

from router.rules.moment import DAY, Moment
from router.rules.problem import Unfit, quoted
from router.rules.span import Span

_RELATIVE = re.compile(
    r"(?P<word>today|now)(?:\s*(?P<sign>[+-])\s*(?P<count>\d{1,9})\s*(?P<unit>[a-z]*))?", re.ASCII
)

_CLOCK_UNITS = {"s": 1_000_000, "min": 60 * 1_000_000, "h": 3600 * 1_000_000}
_DAY_UNITS = {"d": 1, "w": 7}
_MONTH_UNITS = {"mo": 1, "y": 12}
_FARTHEST_YEARS = 1000


class Relative(NamedTuple):
    """A relative word with its distance."""

    word: str
    distance: int
    unit: str

    def days(self, moment: Moment) -> Span:
        """The day, in the moment's zone."""
        day = moment.local_day
        day = (
            _shift_months(day, self.distance * _MONTH_UNITS[self.unit])
            if self.unit in _MONTH_UNITS
            else (day + self.distance * _DAY_UNITS.get(self.unit, 0))
        )
        return Span(day, day)

    def microseconds(self, moment: Moment) -> Span:
        """The day or the instant, in UTC."""
        if self.word == "today":
            day = int(self.days(moment).first) - 1
            return Span(moment.utc(day * DAY), moment.utc(day * DAY + DAY - 1))
        if self.unit in _CLOCK_UNITS:
            instant = moment.microseconds + self.distance * _CLOCK_UNITS[self.unit]
        else:
            time_of_day = moment.local_microseconds % DAY
            instant = moment.utc((int(self.days(moment).first) - 1) * DAY + time_of_day)
        return Span(instant, instant)


def relative_word(text: str) -> Relative | None:
    """The relative word that a text is; None for other texts. Raises Unfit for an invalid one."""
    match = _RELATIVE.fullmatch(text.casefold())
    if match is None:
        if is_relative(text):
            raise Unfit(f"{quoted(text)} is not understood; write for example today-7d or now-2h")
        return None
    word, unit = match["word"], match["unit"] or ""
    count = int(match["count"] or 0) * (-1 if match["sign"] == "-" else 1)
    if match["count"] and unit not in {*_CLOCK_UNITS, *_DAY_UNITS, *_MONTH_UNITS}:
        hint = "; write min for minutes or mo for months" if unit == "m" else ""
        raise Unfit(f"{quoted(text)} needs a unit: s, min, h, d, w, mo or y{hint}")
    if word == "today" and unit in _CLOCK_UNITS:
        raise Unfit(f'a day is counted in d, w, mo or y; write "now" to count in {unit}')
    days = _DAY_UNITS.get(unit, 0) + 30 * _MONTH_UNITS.get(unit, 0) + _CLOCK_UNITS.get(unit, 0) / DAY
    if abs(count) * days > _FARTHEST_YEARS * 366:
        raise Unfit(f"{quoted(text)} is more than {_FARTHEST_YEARS} years away")
    return Relative(word, count, unit)


def is_relative_to_now(written: object) -> bool:
    """Whether the value counts from the present time, not from the present day."""
    return isinstance(written, str) and written.strip().casefold().startswith("now")


def is_relative(written: object) -> bool:
    """Whether the value counts from the moment of evaluation."""
    return isinstance(written, str) and written.strip().casefold().startswith(("now", "today"))


def _shift_months(ordinal: int, months: int) -> int:
    """The same day of another month, or that month's last day."""
    start = date.fromordinal(ordinal)
    index = start.year * 12 + start.month - 1 + months
    year, month = min(max(index // 12, 1), 9999), index % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1])).toordinal()
