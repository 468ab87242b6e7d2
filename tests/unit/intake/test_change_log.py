# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of the change log that come late, as on a database server."""

from datetime import datetime, timedelta
from typing import cast

import pytest

from router.intake.change_log import PATIENCE_SECONDS, ChangeLog
from router.orthanc_api import Change, Changes, OrthancApi
from unit.store.stored_samples import NOON


class Log:
    """Orthanc's change log, and the time."""

    def __init__(self) -> None:
        self.entries: dict[int, Change] = {}
        self.seconds = 0.0
        self.log = ChangeLog(cast(OrthancApi, self), True, self.clock, lambda: self.seconds)

    def clock(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def commit(self, *numbers: int, at: datetime | None = None) -> None:
        date = (at or self.clock()).strftime("%Y%m%dT%H%M%S")
        self.entries |= {number: Change(number, "NewInstance", f"image-{number}", date) for number in numbers}

    def changes(self, since: int, limit: int) -> Changes:
        found = [self.entries[number] for number in sorted(self.entries) if number > since]
        return Changes(found[:limit], max(self.entries), len(found) <= limit)

    def read(self, since: int, limit: int = 100) -> tuple[list[int], bool]:
        changes, held_back = self.log.after(since, limit)
        return [entry.sequence for entry in changes.entries], held_back


@pytest.fixture
def log() -> Log:
    return Log()


def test_what_is_missing_is_waited_for(log: Log) -> None:
    log.commit(1, 2, 4)
    assert log.read(0) == ([1, 2], True)
    assert log.read(2) == ([], True)
    log.commit(3)
    assert log.read(2) == ([3, 4], False)


def test_what_does_not_come_is_passed_over(log: Log) -> None:
    log.commit(1, 3)
    assert log.read(1) == ([], True)
    log.seconds = PATIENCE_SECONDS - 1
    assert log.read(1) == ([], True)
    log.commit(6)
    log.seconds = PATIENCE_SECONDS
    assert log.read(1) == ([3], True)
    log.seconds *= 2
    assert log.read(3) == ([6], False)


def test_gaps_that_are_read_together_are_waited_for_together(log: Log) -> None:
    log.commit(*range(2, 100, 2))
    assert log.read(0) == ([], True)
    log.seconds = PATIENCE_SECONDS
    assert log.read(0) == (list(range(2, 100, 2)), False)


def test_what_was_deleted_long_ago_is_not_waited_for(log: Log) -> None:
    log.commit(50, 100, at=NOON - timedelta(hours=1))
    assert log.read(0) == ([50, 100], False)


def test_orthancs_own_database_has_no_gaps_to_wait_for(log: Log) -> None:
    log.log = ChangeLog(cast(OrthancApi, log), False, log.clock, lambda: log.seconds)
    log.commit(5, 7)
    assert log.read(0) == ([5, 7], False)
