# SPDX-License-Identifier: GPL-3.0-or-later
"""How a destination keeps up, in numbers that can be told by heart."""

from datetime import UTC, datetime, timedelta

from router.actions.forward import Forward
from router.documents.run import Amount
from router.documents.window import Window
from router.runs.queueing import Predicted, hours, kept_up

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)
NIGHT = Window.model_validate({"from": "20:00", "to": "22:00", "timezone": "UTC"})


def predicted(minutes: float, size: int, window: Window | None = None) -> Predicted:
    at = NOON + timedelta(minutes=minutes)
    action = Forward(type="forward", id="a", destination="d", window=window)
    return Predicted(at, action, Amount(action="a", at=at, deliveries=1, instances=10, bytes=size))


def test_each_waits_for_those_before_it() -> None:
    # At 1,000 bytes a second these take half an hour each.
    three = [predicted(minutes, 1_800_000) for minutes in (0, 1, 2)]
    ended = [one.ended - NOON for one in kept_up(three, 1000, 1)]
    assert ended == [timedelta(minutes=30), timedelta(minutes=60), timedelta(minutes=90)]
    two_at_once = [one.ended - NOON for one in kept_up(three, 1000, 2)]
    assert two_at_once == [timedelta(minutes=30), timedelta(minutes=31), timedelta(minutes=60)]


def test_hours_tell_what_is_made_and_what_waits_at_their_end() -> None:
    kept = kept_up([predicted(minutes, 1_800_000) for minutes in (0, 1, 2)], 1000, 1)
    assert [(hour["at"], hour["deliveries"], hour["bytes"], hour["queue"]) for hour in hours(kept)] == [
        ("2024-05-17T12:00:00Z", 3, 5_400_000, 2)
    ]
    kept = kept_up([predicted(minutes, 3_600_000 * 3) for minutes in (0, 61)], 1000, 1)
    assert [(hour["at"][11:13], hour["deliveries"], hour["queue"]) for hour in hours(kept)] == [  # type: ignore[index]
        ("12", 1, 1),
        ("13", 1, 2),
        ("14", 0, 2),
        ("15", 0, 1),
        ("16", 0, 1),
        ("17", 0, 1),
    ]


def test_a_speed_that_is_not_known_makes_no_queue() -> None:
    [kept] = kept_up([predicted(0, 10**12)], None, 1)
    assert kept.ended == NOON
    assert not kept.is_late


def test_what_does_not_fit_into_its_window_waits_for_the_next_one() -> None:
    # An hour and a half each: two begin in the night's two hours, the third has to wait for the next night.
    kept = kept_up([predicted(minutes, 5_400_000, NIGHT) for minutes in (0, 1, 2)], 1000, 1)
    assert [one.is_late for one in kept] == [False, False, True]
    evening = NOON.replace(hour=20)
    assert [one.ended - evening for one in kept] == [
        timedelta(hours=1.5),
        timedelta(hours=3),
        timedelta(hours=25.5),
    ]


def test_a_window_tells_when_it_closes() -> None:
    assert NIGHT.closing(NOON) is None
    assert NIGHT.closing(NOON.replace(hour=21)) == NOON.replace(hour=22)
    crossing = Window.model_validate({"from": "22:00", "to": "06:00", "timezone": "UTC"})
    assert crossing.closing(NOON.replace(hour=23)) == NOON.replace(day=18, hour=6)
    assert crossing.closing(NOON.replace(hour=5)) == NOON.replace(hour=6)
