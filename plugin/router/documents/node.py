# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes: Orthancs with the router that share one store."""

from datetime import datetime, timedelta
from enum import StrEnum

from router.documents.document import Document, Instant

#: A node that has not been heard of for so long is taken for gone.
SILENCE = timedelta(seconds=10)


class NodeState(StrEnum):
    """Where a node stands."""

    ACTIVE = "active"
    #: It takes up no new deliveries, and has not ended those under way yet.
    DRAINING = "draining"
    DRAINED = "drained"
    #: It has ended, or is not heard of any more.
    GONE = "gone"


class Node(Document):
    """What a node says of itself with each heartbeat, and what people want of it (`draining`)."""

    id: str
    #: Orthanc's `Name`.
    name: str
    version: str
    orthanc_version: str
    aet: str
    #: Where people reach it; empty where its configuration does not say.
    url: str
    #: The Orthanc database that it works on: its own, or one that it shares with others.
    index: str
    started_at: Instant
    seen_at: Instant
    #: Whether it is the one that does the intake of its index.
    reads_changes: bool = False
    #: How far the intake of its index is behind; None where that is not known.
    lag_changes: int | None = None
    lag_seconds: float | None = None
    #: Deliveries under way.
    running: int = 0
    #: Why it takes no part; empty where nothing speaks against it.
    problem: str = ""
    draining: bool = False
    #: That it has ended by order.
    left: bool = False

    def state(self, now: datetime) -> NodeState:
        """Where it stands `now`, by the same clock as `seen_at`."""
        if self.left or now - self.seen_at > SILENCE:
            return NodeState.GONE
        if not self.draining:
            return NodeState.ACTIVE
        return NodeState.DRAINING if self.running or self.reads_changes else NodeState.DRAINED
