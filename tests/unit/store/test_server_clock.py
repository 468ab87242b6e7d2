# SPDX-License-Identifier: GPL-3.0-or-later
"""The time by a MongoDB's clock, of which the answer may be long under way."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from router.store.mongodb.server_clock import ServerClock
from unit.store.stored_samples import NOON


class Server:
    """Tells its time, and takes some for that: the seconds before and after it looks at its clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.elapsed = 0.0
        self.ahead = 0.0
        self.delays = [(0.001, 0.001)]
        monkeypatch.setattr(time, "clock_gettime", lambda _clock: self.elapsed)

    def time(self) -> datetime:
        before, after = self.delays.pop(0) if len(self.delays) > 1 else self.delays[0]
        self.elapsed += before
        told = NOON + timedelta(seconds=self.elapsed + self.ahead)
        self.elapsed += after
        return told.replace(tzinfo=None)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    return Server(monkeypatch)


def error(clock: ServerClock, server: Server) -> float:
    """By how many seconds the clock differs from the server's."""
    return (clock.now() - NOON).total_seconds() - server.elapsed - server.ahead


def test_at_the_start_the_quickest_answer_counts(server: Any) -> None:
    server.delays = [(4, 0), (0.002, 0), (0, 3), (1, 1)]
    assert abs(error(ServerClock(server), server)) < 0.01


def test_a_late_answer_does_not_put_it_wrong(server: Any) -> None:
    clock = ServerClock(server)
    server.delays = [(0, 5)]
    clock.measure()
    assert abs(error(clock, server)) < 0.01


def test_it_follows_a_server_whose_clock_is_put_right(server: Any) -> None:
    clock = ServerClock(server)
    server.ahead = 30
    clock.measure()
    assert abs(error(clock, server)) < 0.01


def test_it_recovers_from_a_start_with_late_answers_only(server: Any) -> None:
    server.delays = [(0, 6), (0, 6), (0, 6), (0.001, 0.001)]
    clock = ServerClock(server)
    assert abs(error(clock, server)) > 1
    clock.measure()
    assert abs(error(clock, server)) < 0.01
