# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads Orthanc's change log so that entries which appear late are not missed.

On a database server several transactions write at once: each takes its numbers when it begins to write, and
shows its entries when it commits. Entry 10 may be there while entry 9 is yet to come. A reader that goes on
after 10 never sees 9. So the intake waits for a missing number, until it is certain enough that its
transaction was undone or its resource was deleted (which erases its entries).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from router.clock import Clock
from router.orthanc_api import Change, Changes, OrthancApi

#: Orthanc's transactions take milliseconds; a number that is missing for this long does not come any more.
PATIENCE_SECONDS = 5.0
#: An entry of this age means that all numbers before it are final, whatever this machine's clock says.
_LONG_AGO = timedelta(minutes=2)


class ChangeLog:
    """Orthanc's change log, without the entries that come too early. Used by the intake's thread alone."""

    def __init__(
        self,
        orthanc: OrthancApi,
        on_server: bool,
        clock: Clock,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_server`: whether the database is on a server. Gaps are filled later only there.
        `steady`: a clock in seconds that cannot be set."""
        self._orthanc = orthanc
        self._on_server = on_server
        self._clock = clock
        self._steady = steady
        #: When each missing number was first missed; the first one stands for a series of them.
        self._missed: dict[int, float] = {}

    def after(self, sequence: int, limit: int) -> tuple[Changes, bool]:
        """Return the entries after number `sequence` that are safe to read, and whether others are held back
        because numbers before them may yet come. `done` where nothing more can be read now."""
        changes = self._orthanc.changes(sequence, limit)
        if not self._on_server:
            return changes, False
        now = self._steady()
        missing = dict(self._gaps(sequence, changes.entries))
        self._missed = {number: self._missed.get(number, now) for number in missing.values()}
        for index, number in missing.items():
            if now - self._missed[number] < PATIENCE_SECONDS:
                return replace(changes, entries=changes.entries[:index], done=True), True
        return changes, False

    def _gaps(self, sequence: int, entries: Sequence[Change]) -> list[tuple[int, int]]:
        """Return for each gap the index of the entry after it, and its first number."""
        gaps = []
        expected = sequence + 1
        for index, entry in enumerate(entries):
            if entry.sequence > expected and not self._is_old(entry):
                gaps.append((index, expected))
            expected = entry.sequence + 1
        return gaps

    def _is_old(self, entry: Change) -> bool:
        try:
            date = datetime.strptime(entry.date, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return False
        return self._clock() - date > _LONG_AGO
