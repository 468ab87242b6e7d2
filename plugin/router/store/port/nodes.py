# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes that share the store."""

from datetime import datetime
from typing import Protocol

from router.documents.node import Node


class Nodes(Protocol):
    """Who is there. A node says so itself every few seconds; only `draining` is for others to say."""

    def announce(self, node: Node) -> bool:
        """Replace what is known of the node, except for `draining`: which is returned."""
        ...

    def leave(self, identifier: str) -> None:
        """The node ends by order. Nothing happens where it is not known."""
        ...

    def all(self) -> list[Node]:
        """Every node that has ever announced itself and was not removed, by name."""
        ...

    def drain(self, identifier: str, draining: bool) -> Node:
        """Say whether the node is to take up no more work; the node. Raises NotFound."""
        ...

    def remove(self, identifier: str) -> None:
        """Forget the node; should it announce itself again, it is there again. Raises NotFound."""
        ...

    def claim(self, duty: str, owner: str, until: datetime, now: datetime) -> bool:
        """Take on what one node does for all, or go on with it; False where another one has it still."""
        ...

    def give_up(self, duty: str, owner: str) -> None:
        """Leave a duty to others at once. Nothing happens where the owner has not got it."""
        ...
