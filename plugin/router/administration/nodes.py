# SPDX-License-Identifier: GPL-3.0-or-later
"""Drains nodes for maintenance, and removes nodes that are gone for good."""

from router.audit import Audit
from router.clock import Clock
from router.documents.audit import Actor, ObjectReference
from router.documents.node import Node, NodeState
from router.intake import others_of_index
from router.store import NotFound, Store


class NodeAlive(Exception):  # noqa: N818 - it reads as what it says
    """The node is not gone, so it cannot be removed."""


class NodeAdministration:
    """Drains, resumes and removes nodes."""

    def __init__(self, store: Store, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    def drain(self, identifier: str, draining: bool, actor: Actor) -> Node:
        """Set whether a node takes no new work, and return the node. The node obeys with its next heartbeat.

        Raises NotFound.
        """
        self._record("node.drained" if draining else "node.resumed", actor, self._node(identifier))
        return self._store.nodes.drain(identifier, draining)

    def remove(self, identifier: str, actor: Actor) -> int:
        """Remove a node that is gone for good, and return how many deliveries failed by it.

        After the last node of an index, no node has the images of its open deliveries: they fail. Raises
        NotFound, NodeAlive.
        """
        now = self._clock()
        node = self._node(identifier)
        if node.state(now) != NodeState.GONE:
            raise NodeAlive(f"The node {node.name} is there still.")
        self._record("node.removed", actor, node)
        failed = 0
        if not others_of_index(self._store, node.index, node.id):
            reason = f"The node {node.name}, whose Orthanc had the images, was removed"
            act = self._audit.act("delivery.failed", actor, reason, "failure")
            failed = self._store.deliveries.abandon(node.index, reason, now, act)
        self._store.nodes.remove(identifier)
        return failed

    def _node(self, identifier: str) -> Node:
        for node in self._store.nodes.all():
            if node.id == identifier:
                return node
        raise NotFound(identifier)

    def _record(self, event: str, actor: Actor, node: Node) -> None:
        self._audit.record(event, actor, object=ObjectReference(type="node", id=node.id, name=node.name))
