# SPDX-License-Identifier: GPL-3.0-or-later
"""The moment of an evaluation: relative words (`today-7d`, `now-2h`) count from it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: Microseconds of a day.
DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rule is evaluated. Dates and times without a zone count as in the zone of `now`."""

    now: datetime

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("now must have a time zone")

    @property
    def microseconds(self) -> int:
        """Microseconds from the beginning of year 1, UTC."""
        return (self.now - _EPOCH) // _MICROSECOND

    @property
    def local_microseconds(self) -> int:
        """The local clock time, in microseconds from the beginning of year 1."""
        return (self.now.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND

    @property
    def local_day(self) -> int:
        """The local calendar day, counted as `date.toordinal` does."""
        return self.now.toordinal()

    def utc(self, local_microseconds: int) -> int:
        """Convert a local clock time, in microseconds from the beginning of year 1, to UTC."""
        zone = self.now.tzinfo
        offset = _offset(zone, local_microseconds) if zone is not None else timedelta()
        return local_microseconds - offset // _MICROSECOND


def _offset(zone: tzinfo, local_microseconds: int) -> timedelta:
    """The zone's offset from UTC; zero at the ends of the calendar, where it is unknown."""
    try:
        local = datetime.min + timedelta(microseconds=local_microseconds)
        return local.replace(tzinfo=zone).utcoffset() or timedelta()
    except OverflowError:
        return timedelta()
