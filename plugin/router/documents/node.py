# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes: Orthancs with the router that share one store."""

from datetime import datetime, timedelta
from enum import StrEnum

from router.documents.document import Document, Instant

#: A node that sends no heartbeat for so long counts as gone.
SILENCE = timedelta(seconds=10)


class NodeState(StrEnum):
    """The state of a node."""

    ACTIVE = "active"
    #: The node takes no new deliveries; those under way, or the intake, have not ended yet.
    DRAINING = "draining"
    DRAINED = "drained"
    #: The node has ended, or sends no heartbeats.
    GONE = "gone"


class Node(Document):
    """What a node says of itself with each heartbeat, and what people ask of it (`draining`)."""

    id: str
    #: Orthanc's `Name`.
    name: str
    version: str
    orthanc_version: str
    aet: str
    #: The address where people reach it; empty where its configuration has none.
    url: str
    #: The Orthanc database of the node: its own, or one that it shares with other nodes.
    index: str
    started_at: Instant
    seen_at: Instant
    #: Whether this node does the intake of its index.
    reads_changes: bool = False
    #: How far the intake of its index is behind; None where unknown.
    lag_changes: int | None = None
    lag_seconds: float | None = None
    #: Deliveries under way.
    running: int = 0
    #: Why the node takes no part; empty where it takes part.
    problem: str = ""
    draining: bool = False
    #: Whether the node has ended in an orderly way.
    left: bool = False

    def state(self, now: datetime) -> NodeState:
        """The state at `now`, by the same clock as `seen_at`."""
        if self.left or now - self.seen_at > SILENCE:
            return NodeState.GONE
        if not self.draining:
            return NodeState.ACTIVE
        return NodeState.DRAINING if self.running or self.reads_changes else NodeState.DRAINED
