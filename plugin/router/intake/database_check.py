"""Notices that Orthanc's database is another one than the cursor was saved for.

The numbers of the change log begin at 1 in every database. A cursor that is not true any more would
either wait for numbers that come much later, or pass over what came before.
"""

from router.orthanc_api import Changes, OrthancApi
from router.store import Cursor, IntakeLedger

_BEGINNING = Cursor(0, 1)


def anchor_of(changes: Changes) -> str:
    """The identity of the last entry; empty where there is none."""
    return changes.entries[-1].anchor if changes.entries else ""


class DatabaseCheck:
    """Finds where reading goes on, at the start (a database is replaced while Orthanc stands still)."""

    def __init__(self, orthanc: OrthancApi, ledger: IntakeLedger) -> None:
        self._orthanc = orthanc
        self._ledger = ledger

    def begin(self, cursor: Cursor) -> Cursor:
        """`cursor` itself where the database is the same; else where to begin in this one."""
        newest = self._orthanc.last_change()
        if newest.last < cursor.sequence:
            if self._is_older_state(newest):
                return Cursor(newest.last, cursor.version + 1, anchor_of(newest))
            return _BEGINNING
        if cursor.sequence == 0 or not cursor.anchor:
            return cursor
        at_cursor = self._orthanc.changes(cursor.sequence - 1, 1)
        # The entry may be gone with its resource; then nothing speaks against the database.
        same_number = at_cursor.entries and at_cursor.entries[0].sequence == cursor.sequence
        if same_number and anchor_of(at_cursor) != cursor.anchor:
            return _BEGINNING
        return cursor

    def _is_older_state(self, newest: Changes) -> bool:
        """Whether a backup of the same database was put back: its last instance is in the ledger under
        the same number, so that all of it has been seen."""
        tail = self._orthanc.changes(max(0, newest.last - 100), 100)
        instances = {entry.resource: entry.sequence for entry in tail.entries if entry.kind == "NewInstance"}
        known = self._ledger.arrivals(list(instances))
        return any(arrival.sequence == instances[arrival.instance] for arrival in known.values())
