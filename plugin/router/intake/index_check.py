# SPDX-License-Identifier: GPL-3.0-or-later
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
from router.signals import Signals
from router.store import Cursor, IntakeLedger, Store

#: How often a node that stands by looks whether it still has the database that the others have.
_EVERY_SECONDS = 5.0
#: What is read of the change log to compare it.
_ENTRIES = 100
#: Older entries may have expired from the ledger of arrivals.
_RECENT = timedelta(hours=12)


class IndexCheck:
    """Whether this node's database is the one that its name stands for. Used by the intake's thread.

    Until something has shown that it is, the node works on nothing that belongs to the index: deliveries
    whose images it does not have would fail.
    """

    def __init__(
        self,
        orthanc: OrthancApi,
        ledger: IntakeLedger,
        index: Index,
        others: Callable[[], Sequence[Node]],
        clock: Clock,
        signals: Signals,
    ) -> None:
        """`others` tells the other nodes of this index, the living and the dead. What is found is raised in
        `signals`."""
        self._orthanc = orthanc
        self._ledger = ledger
        self._index = index
        self._others = others
        self._clock = clock
        self._look_at = 0.0
        self.signals = signals
        # An index without a name is its node's own.
        signals.index_is_settled = not index.name
        self._suspected_at: float | None = None

    def stand_by(self, cursor: Cursor | None) -> None:
        """Look, as a node that leaves the intake to another, from time to time; often until it is decided.
        Raises StoreUnavailable, OrthancError, OrthancUnreachable."""
        is_decided = self.signals.index_is_settled or bool(self.signals.index_problem)
        if not self._index.name or (is_decided and time.monotonic() < self._look_at):
            return
        self._look_at = time.monotonic() + _EVERY_SECONDS
        if self.signals.index_problem:
            if not self._rightful():
                self.signals.index_problem = ""
            return
        if self.signals.index_is_empty:
            self.signals.index_is_empty = not self._orthanc.last_change().entries
        if cursor is None:
            return
        same = self._has_anchor(cursor)
        if same is False:
            self._refuse("another database")
            return
        same = same or self._has_known(cursor)
        if same:
            self.signals.index_is_settled = True
        if same is not False:
            self._suspected_at = None
        elif self._suspected_at is None:
            # What has just been planned may not be in the ledger yet: it counts if it is still so later.
            self._suspected_at = time.monotonic()
        elif time.monotonic() >= self._suspected_at + _EVERY_SECONDS:
            self._refuse("another database")

    def replaced(self) -> bool:
        """Whether this node, which does the intake, is to take it that the database was replaced. It is not
        while there are other nodes of the index: the database may be theirs still, and this one another."""
        if not self._index.name or not self._rightful():
            return True
        if self._orthanc.last_change().entries:
            self._refuse("a database that was not the one which is here now")
        else:
            # All images may have been deleted, or it is another one. The first image will tell.
            self.signals.index_is_empty = True
        return False

    def begun(self) -> None:
        """The intake goes on from the cursor, in the database that it was saved for."""
        self.signals.index_is_settled = True

    def _rightful(self) -> Sequence[Node]:
        """The other nodes that may have the database of that name: not those that are known to have not."""
        return [node for node in self._others() if not node.problem]

    def _has_anchor(self, cursor: Cursor) -> bool | None:
        """Whether the entry at the cursor is the same here; None where that cannot be told."""
        if cursor.sequence == 0 or not cursor.anchor:
            return None
        at_cursor = self._orthanc.changes(cursor.sequence - 1, 1)
        if not at_cursor.entries or at_cursor.entries[0].sequence != cursor.sequence:
            return None
        return anchor_of(at_cursor) == cursor.anchor

    def _has_known(self, cursor: Cursor) -> bool | None:
        """Whether some of the images that came in here last, under numbers that have been read, have been
        planned under their number; None where that cannot be told, as none is recent."""
        newest = self._orthanc.last_change().last
        tail = self._orthanc.changes(max(0, min(newest, cursor.sequence) - _ENTRIES), _ENTRIES)
        images = {
            entry.resource: entry
            for entry in tail.entries
            if entry.kind == "NewInstance" and entry.sequence <= cursor.sequence
        }
        if not images:
            return None
        known = self._ledger.arrivals(list(images))
        if any(arrival.sequence == images[arrival.instance].sequence for arrival in known.values()):
            return True
        return False if any(map(self._is_recent, images.values())) else None

    def _is_recent(self, entry: Change) -> bool:
        return (
            abs(self._clock() - datetime.strptime(entry.date, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)) < _RECENT
        )

    def _refuse(self, what: str) -> None:
        names = ", ".join(repr(node.name) for node in self._rightful())
        self.signals.index_is_settled = False
        self.signals.index_problem = (
            f"This Orthanc takes no part: {names} had {what} under the name of its index"
            f" ({self._index.name}). Give each database a Router.Index of its own; where the database was"
            " replaced on purpose, forget those nodes (Nodes)"
        )


def others_of_index(store: Store, index: str, node: str) -> list[Node]:
    """The nodes of an index beside this one, the living and the dead. Raises StoreUnavailable."""
    return [other for other in store.nodes.all() if other.index == index and other.id != node]
