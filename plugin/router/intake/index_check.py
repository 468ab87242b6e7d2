# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices that an Orthanc database (index) has the name of another one.

Nodes that share a database give it the same name (`Router.Index`). Where they do not share it in truth, each
node would take the other's deliveries without having the images, and read its own change log from the other's
cursor.
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

#: How often a standby node checks that it still has the same database as the others.
_EVERY_SECONDS = 5.0
#: How many entries of the change log are compared.
_ENTRIES = 100
#: Older entries may have expired from the ledger of arrivals.
_RECENT = timedelta(hours=12)


class IndexCheck:
    """Checks whether this node's database is the one that its name stands for. Used by the intake's thread.

    Until this is shown, the node does no work of the index: deliveries of images that it does not have would
    fail.
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
        """`others` returns the other nodes of this index, living and dead. The result goes into `signals`."""
        self._orthanc = orthanc
        self._ledger = ledger
        self._index = index
        self._others = others
        self._clock = clock
        self._look_at = 0.0
        self.signals = signals
        # An unnamed index belongs to its node alone.
        signals.index_is_settled = not index.name
        self._suspected_at: float | None = None

    def stand_by(self, cursor: Cursor | None) -> None:
        """Check as a standby node, from time to time; until the result is certain, at each call.

        Raises StoreUnavailable, OrthancError, OrthancUnreachable.
        """
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
            # The ledger may not yet have what was just planned, so only a lasting difference counts.
            self._suspected_at = time.monotonic()
        elif time.monotonic() >= self._suspected_at + _EVERY_SECONDS:
            self._refuse("another database")

    def replaced(self) -> bool:
        """Whether this node, which does the intake, must assume that the database was replaced. False while
        there are other nodes of the index: they may still have the database, and this node another."""
        if not self._index.name or not self._rightful():
            return True
        if self._orthanc.last_change().entries:
            self._refuse("a database that was not the one which is here now")
        else:
            # All images may have been deleted, or this is another database. The first image will show it.
            self.signals.index_is_empty = True
        return False

    def begun(self) -> None:
        """Note that the intake goes on from the cursor, in the database that it was saved for."""
        self.signals.index_is_settled = True

    def _rightful(self) -> Sequence[Node]:
        """Return the other nodes that may have the database of this name: those without a known problem."""
        return [node for node in self._others() if not node.problem]

    def _has_anchor(self, cursor: Cursor) -> bool | None:
        """Whether the entry at the cursor is the same here; None where this cannot be told."""
        if cursor.sequence == 0 or not cursor.anchor:
            return None
        at_cursor = self._orthanc.changes(cursor.sequence - 1, 1)
        if not at_cursor.entries or at_cursor.entries[0].sequence != cursor.sequence:
            return None
        return anchor_of(at_cursor) == cursor.anchor

    def _has_known(self, cursor: Cursor) -> bool | None:
        """Whether any of the latest images here, with numbers that have been read, was planned under its
        number. None where this cannot be told, because none is recent."""
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
    """Return the nodes of an index except this one, living and dead. Raises StoreUnavailable."""
    return [other for other in store.nodes.all() if other.index == index and other.id != node]
