# SPDX-License-Identifier: GPL-3.0-or-later
"""When a window opens, as an administrator would read it."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from router.documents.window import Window

# 2024-05-31 is a Friday; Berlin is two hours ahead of UTC then.
FRIDAY_NOON = datetime(2024, 5, 31, 12, tzinfo=UTC)


def window(**fields: object) -> Window:
    return Window.model_validate({"timezone": "UTC", **fields})


@pytest.mark.parametrize(
    ("fields", "now", "opening"),
    [
        pytest.param({}, FRIDAY_NOON, None, id="without hours it is always open"),
        pytest.param({"from": "08:00", "to": "18:00"}, FRIDAY_NOON, None, id="inside the hours"),
        pytest.param(
            {"from": "18:00", "to": "20:00"},
            FRIDAY_NOON,
            datetime(2024, 5, 31, 18, tzinfo=UTC),
            id="later today",
        ),
        pytest.param(
            {"from": "06:00", "to": "12:00"},
            FRIDAY_NOON,
            datetime(2024, 6, 1, 6, tzinfo=UTC),
            id="the end is not inside any more",
        ),
        pytest.param(
            {"from": "22:00", "to": "06:00"},
            datetime(2024, 5, 31, 3, tzinfo=UTC),
            None,
            id="after midnight of a window that crosses it",
        ),
        pytest.param(
            {"from": "22:00", "to": "06:00", "days": ["friday"]},
            datetime(2024, 6, 1, 3, tzinfo=UTC),
            None,
            id="Saturday night belongs to Friday's window",
        ),
        pytest.param(
            {"from": "22:00", "to": "06:00", "days": ["saturday"]},
            datetime(2024, 6, 1, 3, tzinfo=UTC),
            datetime(2024, 6, 1, 22, tzinfo=UTC),
            id="and not to Saturday's",
        ),
        pytest.param(
            {"days": ["thursday"]},
            FRIDAY_NOON,
            datetime(2024, 6, 6, tzinfo=UTC),
            id="almost a week ahead",
        ),
        pytest.param(
            {"from": "13:00", "to": "14:00", "timezone": "Europe/Berlin"},
            datetime(2024, 5, 31, 11, 30, tzinfo=UTC),
            None,
            id="hours are those of the zone",
        ),
        pytest.param(
            {"from": "02:30", "to": "04:00", "timezone": "Europe/Berlin"},
            datetime(2024, 3, 31, 0, 0, tzinfo=UTC),
            datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
            id="in the night that skips an hour",
        ),
    ],
)
def test_next_opening(fields: dict[str, object], now: datetime, opening: datetime | None) -> None:
    assert window(**fields).next_opening(now) == opening


@pytest.mark.parametrize(
    "fields",
    [
        {"timezone": "Berlin"},
        {"timezone": "../etc/passwd"},
        {"days": []},
        {"days": ["holiday"]},
        {"from": "25:00"},
        {"from": "08:00Z"},
        {"until": "08:00"},
    ],
)
def test_what_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        window(**fields)


def test_a_window_survives_json() -> None:
    document = window(**{"from": "22:15", "to": "06:00", "days": ["monday"]}).model_dump(mode="json")
    assert document == {"from": "22:15", "to": "06:00", "days": ["monday"], "timezone": "UTC"}
    assert Window.model_validate(document).model_dump(mode="json") == document
