# SPDX-License-Identifier: GPL-3.0-or-later
"""The moment of an evaluation, which relative words (`today-7d`, `now-2h`) are counted from."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: Microseconds of a day.
DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rule is evaluated. Dates and times without a zone are taken to be in that of `now`."""

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
        """What a clock in the local zone shows, in microseconds from the beginning of year 1."""
        return (self.now.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND

    @property
    def local_day(self) -> int:
        """The calendar day in the local zone, counted as `date.toordinal` does."""
        return self.now.toordinal()

    def utc(self, local_microseconds: int) -> int:
        """A clock time of the local zone, in microseconds from the beginning of year 1, as UTC."""
        zone = self.now.tzinfo
        offset = _offset(zone, local_microseconds) if zone is not None else timedelta()
        return local_microseconds - offset // _MICROSECOND


def _offset(zone: tzinfo, local_microseconds: int) -> timedelta:
    """The zone's distance from UTC; at the ends of the calendar, where it cannot be told, none."""
    try:
        local = datetime.min + timedelta(microseconds=local_microseconds)
        return local.replace(tzinfo=zone).utcoffset() or timedelta()
    except OverflowError:
        return timedelta()
