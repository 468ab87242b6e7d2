"""Moving dates (DA) and moments (DT) by whole days, in the form that they are written in."""

import re
from datetime import date, timedelta

#: PS3.5, 6.2; the form with dots is ACR-NEMA's, and still met.
_DATE = re.compile(r"(\d{4})(\.?)(\d{2})\2(\d{2})", re.ASCII)


class NotMovable(ValueError):  # noqa: N818 - it reads as what it says
    """No whole date, so that there is nothing that could be moved by days."""


def moved(text: str, days: int) -> str:
    """The date at the beginning of `text` goes back by `days`; what follows it stays. An empty text stays
    empty. Raises NotMovable."""
    value = text.strip(" \0")
    if not value:
        return ""
    found = _DATE.match(value)
    if found is None:
        raise NotMovable
    year, dot, month, day = found.groups()
    try:
        earlier = date(int(year), int(month), int(day)) - timedelta(days=days)
    except (ValueError, OverflowError):
        raise NotMovable from None
    return f"{earlier.year:04}{dot}{earlier.month:02}{dot}{earlier.day:02}{value[found.end() :]}"
