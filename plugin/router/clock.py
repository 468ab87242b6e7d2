# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of day. It is passed to the parts that need it, so that a test can pass another."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

Clock = Callable[[], datetime]


class _MachineZone(tzinfo):
    """The time zone that this machine is set to, with its daylight saving.

    `datetime.astimezone()` gives the distance from UTC of one moment alone, which is wrong for the days after
    the clocks change.
    """

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        if moment is None:
            return None
        # `astimezone` shows a time that the clock passes over as another one, with its offset (Python 3.14).
        shown = moment.replace(tzinfo=None, microsecond=0)
        return shown.replace(tzinfo=UTC) - datetime.fromtimestamp(shown.timestamp(), UTC)

    def dst(self, moment: datetime | None) -> timedelta | None:  # noqa: ARG002 - the system does not say
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, moment: datetime) -> datetime:
        there = moment.replace(tzinfo=UTC).astimezone()
        local = there.replace(tzinfo=self)
        # The second of two hours that the clock shows twice.
        return local if local.utcoffset() == there.utcoffset() else local.replace(fold=1)


MACHINE_ZONE: Final[tzinfo] = _MachineZone()


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)
