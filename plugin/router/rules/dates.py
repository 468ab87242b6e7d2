# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates (DA), times of day (TM) and moments (DT): partial precision, ISO forms, ranges, relative words.

Values have the form of PS3.5 (`20240517`, `143000.25`, `20240517143000+0200`, the older `2024.05.17` and
`14:30:00`) or of ISO 8601 (`2024-05-17T14:30:00+02:00`). A value may be incomplete (`2024`, `2024-05`, `14`).
A range is two values with a hyphen between them as in PS3.4, C.2.2.2.5 (`20240101-20240331`, `-20231231`,
`20240101-`), or with a slash, which also separates ISO forms (`2024-01/2024-03`).

Relative words (`today-7d`) are in `relative`.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from router.rules.moment import DAY, Moment
from router.rules.problem import Unfit, quoted
from router.rules.raw import Raw
from router.rules.relative import is_relative, relative_word
from router.rules.span import NEVER_BEGAN, NEVER_ENDS, Span

_SECOND = 1_000_000
_SECONDS = r"(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,6})\d*)?"
_TIME = rf"(?P<hour>\d{{2}})(?:(?P<colon>:?)(?P<minute>\d{{2}})(?:(?P=colon){_SECONDS})?)?"
_ZONE = r"(?:(?P<utc>Z)|(?P<sign>[+-])(?P<zone_hours>\d{2}):?(?P<zone_minutes>\d{2})?)"
_DA = re.compile(r"(?P<year>\d{4})(?:(?P<dash>[-.]?)(?P<month>\d{2})(?:(?P=dash)(?P<day>\d{2}))?)?", re.ASCII)
_TM = re.compile(_TIME, re.ASCII)
_DT = re.compile(
    r"(?P<year>\d{4})(?:(?P<dash>[-.]?)(?P<month>\d{2})(?:(?P=dash)(?P<day>\d{2})"
    rf"(?:[T ]?{_TIME})?)?)?\s*{_ZONE}?",
    re.ASCII,
)
_OFFSET = re.compile(r"(?P<utc>)(?P<sign>[+-])(?P<zone_hours>\d{2}):?(?P<zone_minutes>\d{2})", re.ASCII)
_LONGEST = 64

#: The span that a rule compares with: known at once, or from the moment of evaluation.
Wanted = Span | Callable[[Moment], Span]


class Instant(NamedTuple):
    """A DT as read: a span in microseconds of local clock time, and the offset of that clock, if known."""

    clock: Span
    #: Minutes east of UTC.
    offset: int | None

    def span(self, moment: Moment) -> Span:
        """The span in UTC. Without an offset, the clock counts as one in the moment's zone."""
        if self.offset is None:
            return Span(moment.utc(int(self.clock.first)), moment.utc(int(self.clock.last)))
        east = self.offset * 60 * _SECOND
        return Span(int(self.clock.first) - east, int(self.clock.last) - east)


def date_span(raw: Raw) -> Span:
    """A DA as a span of days. Raises Unfit for an invalid date."""
    match = _DA.fullmatch(_text(raw))
    if match is None:
        raise Unfit(f"{quoted(raw)} is not a date")
    return _days(match)


def time_span(raw: Raw) -> Span:
    """A TM as a span of microseconds of the day. Raises Unfit for an invalid time."""
    match = _TM.fullmatch(_text(raw))
    if match is None:
        raise Unfit(f"{quoted(raw)} is not a time of day")
    return _clock(match)


def instant(raw: Raw, offset: int | None = None) -> Instant:
    """A DT. `offset` (minutes east of UTC) applies where it has none. Raises Unfit for an invalid one."""
    match = _DT.fullmatch(_text(raw))
    if match is None:
        raise Unfit(f"{quoted(raw)} is not a date and time")
    days = _days(match)
    if match["hour"] is None:
        clock = Span(int(days.first) * DAY, int(days.last) * DAY + DAY - 1)
    else:
        time = _clock(match)
        day = int(days.first) * DAY
        clock = Span(day + int(time.first), day + int(time.last))
    # Day 1 of `date.toordinal` begins at microsecond 0.
    return Instant(Span(int(clock.first) - DAY, int(clock.last) - DAY), _minutes_east(match, offset))


def utc_offset(raw: Raw) -> int | None:
    """TimezoneOffsetFromUTC (0008,0201) in minutes; None for an unusable value."""
    match = _OFFSET.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if match is None:
        return None
    try:
        return _minutes_east(match, None)
    except Unfit:
        return None


def wanted_date(written: object) -> Wanted:
    """The day or days to compare with. Raises Unfit."""
    text = _written(written, "must be a date such as 2024-05-17, 20240517, 2024-05, 2024 or today-7d")
    if relative := relative_word(text):
        if relative.word == "now":
            raise Unfit('this tag has no time of day; write "today" instead of "now"')
        return relative.days
    return _span_or_range(text, date_span, _DA)


def wanted_time(written: object) -> Wanted:
    """The time of day to compare with. Raises Unfit."""
    text = _written(written, "must be a time of day such as 14:30, 143000 or 14")
    if relative_word(text):
        raise Unfit("a time of day alone cannot be compared with a day; write a time such as 14:30")
    return _span_or_range(text, time_span, _TM)


def wanted_instant(written: object) -> Wanted:
    """The moment to compare with. Raises Unfit."""
    text = _written(written, "must be a date and time such as 2024-05-17T14:30, 20240517143000 or now-2h")
    if relative := relative_word(text):
        return relative.microseconds
    ends = _ends(text, _DT)
    if ends is None:
        return instant(text).span
    first, last = (instant(end) if end else None for end in ends)

    def span(moment: Moment) -> Span:
        return _join(first.span(moment) if first else NEVER_BEGAN, last.span(moment) if last else NEVER_ENDS)

    if (
        first
        and last
        and first.offset is None
        and last.offset is None
        and last.clock.last < first.clock.first
    ):
        raise Unfit("the range ends before it begins")
    return span


def is_range(written: object, vr: str) -> bool:
    """Whether the value is a range; one of its ends may be open."""
    form = {"DA": _DA, "TM": _TM}.get(vr, _DT)
    return isinstance(written, str) and not is_relative(written) and _ends(written.strip(), form) is not None


def resolve(wanted: Wanted, moment: Moment) -> Span:
    """The span at this moment."""
    return wanted if isinstance(wanted, Span) else wanted(moment)


def show(span: Span, vr: str) -> str:
    """A span of days (DA) or of microseconds in UTC (DT) in ISO 8601 form, to the second."""
    form = _iso_day if vr == "DA" else _iso_second
    first, last = form(int(span.first)), form(int(span.last))
    return first if first == last else f"{first}/{last}"


#: The function that reads a rule's value, by VR.
WANTED: dict[str, Callable[[object], Wanted]] = {"DA": wanted_date, "TM": wanted_time, "DT": wanted_instant}


def _text(raw: Raw) -> str:
    if not isinstance(raw, str) or len(raw) > _LONGEST:
        raise Unfit(f"{quoted(raw)} is not a date or time")
    return raw.strip()


def _written(written: object, message: str) -> str:
    if isinstance(written, int) and not isinstance(written, bool):
        written = str(written)
    if not isinstance(written, str) or not written.strip():
        raise Unfit(message)
    return written.strip()


def _days(match: re.Match[str]) -> Span:
    year, month, day = match["year"], match["month"], match["day"]
    try:
        first = date(int(year), int(month or 1), int(day or 1))
        if day is not None:
            return Span(first.toordinal(), first.toordinal())
        last_month = int(month or 12)
        last = date(first.year, last_month, monthrange(first.year, last_month)[1])
    except ValueError:
        raise Unfit(f"{quoted(match.string)} is not a day of the calendar") from None
    return Span(first.toordinal(), last.toordinal())


def _clock(match: re.Match[str]) -> Span:
    hour, minute, second, fraction = match["hour"], match["minute"], match["second"], match["fraction"]
    # The second 60 is a leap second (PS3.5, table 6.2-1).
    if int(hour) > 23 or int(minute or 0) > 59 or int(second or 0) > 60:
        raise Unfit(f"{quoted(match.string)} is not a time of a clock")
    first = ((int(hour) * 60 + int(minute or 0)) * 60 + int(second or 0)) * _SECOND
    if fraction is not None:
        precision = 10 ** (6 - len(fraction))
        first += int(fraction) * precision
    elif second is not None:
        precision = _SECOND
    else:
        precision = (60 if minute is not None else 3600) * _SECOND
    return Span(first, first + precision - 1)


def _minutes_east(match: re.Match[str], otherwise: int | None) -> int | None:
    if match["utc"]:
        return 0
    if match["sign"] is None:
        return otherwise
    minutes = int(match["zone_hours"]) * 60 + int(match["zone_minutes"] or 0)
    # PS3.5, 6.2: from -1200 to +1400.
    if minutes > 14 * 60:
        raise Unfit(f"{quoted(match.string)} has a zone that does not exist")
    return -minutes if match["sign"] == "-" else minutes


def _ends(text: str, form: re.Pattern[str]) -> tuple[str, str] | None:
    """The two ends of a range; None where the text is a single value."""
    if form.fullmatch(text):
        return None
    if text.count("/") == 1:
        first, last = text.split("/")
    elif text.startswith("-"):
        first, last = "", text[1:]
    elif text.endswith("-"):
        first, last = text[:-1], ""
    elif text.count("-") == 1:
        first, last = text.split("-")
    else:
        return None
    return (first.strip(), last.strip()) if first or last else None


def _span_or_range(text: str, parse: Callable[[Raw], Span], form: re.Pattern[str]) -> Span:
    ends = _ends(text, form)
    if ends is None:
        return parse(text)
    first, last = ends
    joined = _join(parse(first) if first else NEVER_BEGAN, parse(last) if last else NEVER_ENDS)
    if joined.last < joined.first:
        raise Unfit("the range ends before it begins")
    return joined


def _join(first: Span, last: Span) -> Span:
    return Span(first.first, last.last)


def _iso_day(ordinal: int) -> str:
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal())).isoformat()


def _iso_second(microseconds: int) -> str:
    day, rest = divmod(microseconds, DAY)
    seconds = rest // _SECOND
    return f"{_iso_day(day + 1)}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"
