# SPDX-License-Identifier: GPL-3.0-or-later
"""Hours in which deliveries may be made."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, Field, field_serializer, field_validator

from router.clock import MACHINE_ZONE
from router.documents.document import Document

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_DAYS: tuple[Day, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Window(Document):
    """Deliver only between `from` and `to` on these days. If `from` is after `to`, the window crosses
    midnight and `days` name the day on which it opens. If both are equal, it lasts the whole day."""

    model_config = ConfigDict(populate_by_name=True)

    #: The days on which it opens.
    days: list[Day] = Field(default=list(_DAYS), min_length=1)
    #: The time of day at which it opens.
    opens: time = Field(default=time(0), alias="from")
    #: The time of day at which it closes.
    closes: time = Field(default=time(0), alias="to")
    #: A name of the IANA time zone database; None means the zone of the machine.
    timezone: str | None = None

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, timezone: str | None) -> str | None:
        if timezone is not None:
            try:
                ZoneInfo(timezone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError("is not a time zone; use a name such as Europe/Berlin") from None
        return timezone

    @field_validator("opens", "closes")
    @classmethod
    def _has_no_zone(cls, moment: time) -> time:
        if moment.tzinfo is not None:
            raise ValueError("is a time of day without a zone; the zone goes into timezone")
        return moment

    @field_serializer("opens", "closes")
    def _hours_and_minutes(self, moment: time) -> str:
        return moment.isoformat("seconds" if moment.second else "minutes")

    def next_opening(self, now: datetime) -> datetime | None:
        """The time (UTC) at which the window opens next; None where it is open at `now` (aware)."""
        openings = []
        for opening, closing in self._around(now):
            if opening <= now < closing:
                return None
            if opening > now:
                openings.append(opening.astimezone(UTC))
        return min(openings)

    def closing(self, now: datetime) -> datetime | None:
        """The time (UTC) at which the window open at `now` (aware) closes; None where it is closed."""
        closings = [closing for opening, closing in self._around(now) if opening <= now < closing]
        return max(closings).astimezone(UTC) if closings else None

    def _around(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the opening and closing times from yesterday to a week ahead."""
        zone = ZoneInfo(self.timezone) if self.timezone else MACHINE_ZONE
        today = now.astimezone(zone).date()
        for offset in range(-1, 8):
            day = today + timedelta(days=offset)
            if _DAYS[day.weekday()] in self.days:
                last_day = day + timedelta(days=1) if self.closes <= self.opens else day
                yield datetime.combine(day, self.opens, zone), datetime.combine(last_day, self.closes, zone)
