# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates (DA), moments (DT) and times of day (TM): recognize them, and shift them by whole days in the form in
which they are written (PS3.5, 6.2)."""

import re
from datetime import date, timedelta

#: A date, then a time and its zone. Month and day may be missing (PS3.5, 6.2, DT), or zeros where they are
#: unknown. The form with dots is ACR-NEMA's, that with hyphens ISO 8601's.
_MOMENT = re.compile(
    r"""
    (?P<year> \d{4} )
    (?: (?P<sign> [.-]? ) (?P<month> \d{2} )
      (?: (?P=sign) (?P<day> \d{2} )
        (?P<time> \d{2} (?: \d{2} (?: \d{2} (?: \.\d{1,6} )? )? )? )?
      )?
    )?
    (?P<zone> [+-] (?: 0\d | 1[0-4] ) [0-5]\d )?
    """,
    re.VERBOSE | re.ASCII,
)
_TIME = re.compile(r"\d{2}(?::?\d{2}(?::?\d{2}(?:\.\d+)?)?)?", re.ASCII)

#: A missing month or day counts as the middle, so that the error of the result is as small as possible.
_MIDDLE_MONTH, _MIDDLE_DAY = 7, 15


class NotMovable(ValueError):  # noqa: N818 - it reads as what it says
    """The text has no date that can be shifted, or more than a date."""


def moved(text: str, days: int) -> str:
    """Return the date or moment, or both ends of a range, shifted back by `days`.

    An incomplete date (`202402`, `19500000`) stays incomplete. An empty text stays empty. Raises
    NotMovable where the text is no date, or holds anything else as well.
    """
    value = text.strip(" \0")
    if not value:
        return ""
    whole = _MOMENT.fullmatch(value)
    if whole is not None:
        return _moved(whole, days)
    for hyphen in re.finditer("-", value):
        ends = value[: hyphen.start()], value[hyphen.end() :]
        found = [_MOMENT.fullmatch(end) for end in ends]
        if all(match or not end for match, end in zip(found, ends, strict=True)) and any(found):
            return "-".join(_moved(match, days) if match else "" for match in found)
    raise NotMovable


def is_time(text: str) -> bool:
    """Whether the text is a time of day, a range of them, or empty."""
    value = text.strip(" \0")
    return not value or all(not end or _TIME.fullmatch(end) for end in value.split("-", 1))


def has_letters(text: str) -> bool:
    """Whether the text has letters, which dates and times never have: perhaps a name."""
    return any(letter.isalpha() for letter in text)


def _moved(match: re.Match[str], days: int) -> str:
    month, day = match["month"], match["day"]
    known_month, known_day = month not in {None, "00"}, day not in {None, "00"}
    try:
        earlier = date(
            int(match["year"]),
            int(month) if known_month else _MIDDLE_MONTH,
            int(day) if known_day else _MIDDLE_DAY,
        ) - timedelta(days=days)
    except (ValueError, OverflowError):
        raise NotMovable from None
    parts = [f"{earlier.year:04}"]
    if month is not None:
        parts.append(f"{earlier.month:02}" if known_month else month)
    if day is not None:
        parts.append(f"{earlier.day:02}" if known_day else day)
    return (match["sign"] or "").join(parts) + (match["time"] or "") + (match["zone"] or "")
