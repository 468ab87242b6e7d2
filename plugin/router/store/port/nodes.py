# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes that share the store."""

from datetime import datetime
from typing import Protocol

from router.documents.node import Node


class Nodes(Protocol):
    """The nodes. Each writes its own record every few seconds; others write only its `draining`."""

    def announce(self, node: Node) -> bool:
        """Replace the node's record, except for `draining`; return `draining`."""
        ...

    def leave(self, identifier: str) -> None:
        """Mark the node as stopped in an orderly way. Do nothing where it is not known."""
        ...

    def all(self) -> list[Node]:
        """Return every node that has ever announced itself and was not removed, by name."""
        ...

    def drain(self, identifier: str, draining: bool) -> Node:
        """Set whether the node is to stop taking new work; return the node. Raises NotFound."""
        ...

    def remove(self, identifier: str) -> None:
        """Delete the node's record; the next `announce` makes a new one. Raises NotFound."""
        ...

    def claim(self, duty: str, owner: str, until: datetime, now: datetime) -> bool:
        """Lease a duty, which one node does for all, or extend the lease. Return False where another node
        holds it."""
        ...

    def give_up(self, duty: str, owner: str) -> None:
        """Give the lease of a duty up at once. Do nothing where the owner does not hold it."""
        ...
