# SPDX-License-Identifier: GPL-3.0-or-later
"""Times without a zone are those of this machine, whose clocks change twice a year."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from router.clock import MACHINE_ZONE
from router.documents.window import Window
from router.rules import Moment, Reading, compile_rule

BERLIN = ZoneInfo("Europe/Berlin")
#: Before the clocks go forward, and before they go back.
SPRING, AUTUMN = datetime(2027, 3, 27, 18, tzinfo=BERLIN), datetime(2027, 10, 30, 18, tzinfo=BERLIN)


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
    assert os.environ.get("TZ") != "Europe/Berlin"


@pytest.mark.parametrize("start", [SPRING, AUTUMN])
def test_the_clock_shows_what_the_named_zone_shows(start: datetime) -> None:
    for minutes in range(0, 30 * 60, 15):
        moment = start.astimezone(UTC) + timedelta(minutes=minutes)
        here, there = moment.astimezone(MACHINE_ZONE), moment.astimezone(BERLIN)
        assert (here.isoformat(), here.fold) == (there.isoformat(), there.fold)
        assert here.tzname() == there.tzname()
        assert here.astimezone(UTC) == moment


@pytest.mark.parametrize("start", [SPRING, AUTUMN])
@pytest.mark.parametrize(
    "hours",
    [("06:00", "20:00"), ("22:00", "06:00"), ("02:00", "03:00"), ("02:30", "05:00"), ("01:00", "02:30")],
)
def test_windows_open_and_close_as_in_the_named_zone(start: datetime, hours: tuple[str, str]) -> None:
    fields = dict(zip(("from", "to"), hours, strict=True))
    here = Window.model_validate(fields)
    there = Window.model_validate({**fields, "timezone": "Europe/Berlin"})
    for minutes in range(0, 30 * 60, 15):
        moment = start.astimezone(UTC) + timedelta(minutes=minutes)
        assert here.next_opening(moment) == there.next_opening(moment), moment
        assert here.closing(moment) == there.closing(moment), moment


def test_days_and_times_before_the_change_are_in_the_time_of_then() -> None:
    rule = compile_rule({"tag": "AcquisitionDateTime", "operator": "between", "value": ["now-3h", "now"]})
    # Half past four in summer time: three hours ago the clock showed half past twelve.
    moment = Moment(datetime(2027, 3, 28, 2, 30, tzinfo=UTC).astimezone(MACHINE_ZONE))
    for taken, recent in (("20270328002900", False), ("20270328003100", True), ("20270328043100", False)):
        assert rule.evaluate(Reading.of_document({"AcquisitionDateTime": taken}), moment) is recent
