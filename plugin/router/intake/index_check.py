"""Notices that an Orthanc database (index) has the name of another one.

Nodes say by a name that they share a database (`Router.Index`). Where they do not, each would take the
other's deliveries without having the images, and read its own change log from the other's cursor.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from router.clock import Clock
from router.documents.node import Node
from router.intake.database_check import anchor_of
from router.orthanc_api import Change, OrthancApi
from router.settings import Index
from router.store import Cursor, IntakeLedger

#: How often a node that stands by looks whether it still has the database that the others have.
_EVERY_SECONDS = 5.0
#: What is read of the change log to compare it.
_ENTRIES = 100
#: Older entries may have expired from the ledger of arrivals.
_RECENT = timedelta(hours=12)


class IndexCheck:
    """Whether this node's database is the one that its name stands for. Used by the intake's thread."""

    def __init__(
        self,
        orthanc: OrthancApi,
        ledger: IntakeLedger,
        index: Index,
        others: Callable[[], Sequence[Node]],
        clock: Clock,
    ) -> None:
        """`others` tells the other nodes of this index, the living and the dead."""
        self._orthanc = orthanc
        self._ledger = ledger
        self._index = index
        self._others = others
        self._clock = clock
        self._look_at = 0.0
        #: Whether this node may work on what belongs to the index. An index without a name is its node's own.
        self.is_settled = not index.name
        #: What is wrong, in words; empty where nothing is known to be.
        self.problem = ""
        self._suspected = False

    def stand_by(self, cursor: Cursor | None) -> None:
        """Look, as a node that leaves the intake to another, from time to time. Raises StoreUnavailable,
        OrthancError, OrthancUnreachable."""
        if not self._index.name or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _EVERY_SECONDS
        if self.problem:
            if not self._others():
                self.problem = ""
            return
        if cursor is not None and self._is_of_another(cursor):
            self._refuse("another database")
            return
        # What has just been planned may not be in the ledger yet: that counts if it is so twice.
        suspected, self._suspected = self._suspected, cursor is not None and self._has_unknown(cursor)
        if self._suspected and suspected:
            self._refuse("another database")
        elif not self._suspected:
            self.is_settled = True

    def replaced(self) -> bool:
        """Whether this node, which does the intake, is to take it that the database was replaced. It is not
        while there are other nodes of the index: the database may be theirs still, and this one another.
        Where nothing is in it, nothing can be taken for something else."""
        if self._index.name and self._orthanc.last_change().entries and self._others():
            self._refuse("a database that was not the one which is here now")
            return False
        return True

    def begun(self) -> None:
        """The intake goes on from the cursor, in the database that it was saved for."""
        self.is_settled = True

    def _is_of_another(self, cursor: Cursor) -> bool:
        """Whether the entry at the cursor is another one here."""
        if cursor.sequence == 0 or not cursor.anchor:
            return False
        at_cursor = self._orthanc.changes(cursor.sequence - 1, 1)
        same_number = at_cursor.entries and at_cursor.entries[0].sequence == cursor.sequence
        return bool(same_number and anchor_of(at_cursor) != cursor.anchor)

    def _has_unknown(self, cursor: Cursor) -> bool:
        """Whether images have come in here lately under numbers that have been read, and none of them has
        ever been planned under its number."""
        newest = self._orthanc.last_change().last
        tail = self._orthanc.changes(max(0, min(newest, cursor.sequence) - _ENTRIES), _ENTRIES)
        recent = {
            entry.resource: entry.sequence
            for entry in tail.entries
            if entry.kind == "NewInstance" and entry.sequence <= cursor.sequence and self._is_recent(entry)
        }
        known = self._ledger.arrivals(list(recent))
        return bool(recent) and not any(
            arrival.sequence == recent[arrival.instance] for arrival in known.values()
        )

    def _is_recent(self, entry: Change) -> bool:
        return (
            abs(self._clock() - datetime.strptime(entry.date, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)) < _RECENT
        )

    def _refuse(self, what: str) -> None:
        names = ", ".join(repr(node.name) for node in self._others())
        self.is_settled = False
        self.problem = (
            f"This Orthanc takes no part: {names} had {what} under the name of its index"
            f" ({self._index.name}). Give each database a Router.Index of its own; where the database was"
            " replaced on purpose, forget those nodes (Nodes)"
        )
