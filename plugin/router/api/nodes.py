# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of nodes: the Orthancs that share the store."""

from pydantic import Field

from router.administration.nodes import NodeAdministration, NodeAlive
from router.api.http import ApiError, Request, Response, Route, about_no_patient
from router.api.listing import Listed, listed
from router.clock import Clock
from router.documents.document import Document
from router.documents.node import Node, NodeState
from router.nodes import Membership, waiting_for
from router.store import Store


class ShownNode(Node):
    """A node as the API shows it."""

    draining: bool = Field(default=False, exclude=True)
    left: bool = Field(default=False, exclude=True)
    state_now: NodeState = Field(serialization_alias="state")
    #: Whether this node answers the request.
    this: bool
    #: Deliveries that wait until the node is back.
    waiting: int


class Removed(Document):
    """The result of removing a node."""

    #: How many open deliveries failed because no node has their images any more.
    failed_deliveries: int


class NodeRoutes:
    """Answers `/nodes`."""

    def __init__(
        self, store: Store, administration: NodeAdministration, membership: Membership, clock: Clock
    ) -> None:
        self._store = store
        self._administration = administration
        self._membership = membership
        self._clock = clock

    def routes(self) -> list[Route]:
        """The table."""
        one = "/nodes/{id}"
        return [
            Route(
                "GET",
                "/nodes",
                self._list,
                "The nodes that share the store",
                query=("limit", "offset"),
                about=about_no_patient,
                answer=Listed[ShownNode],
            ),
            Route(
                "POST",
                f"{one}/drain",
                self._drain,
                "Have a node take up no more work",
                "operate",
                answer=ShownNode,
            ),
            Route(
                "POST",
                f"{one}/resume",
                self._resume,
                "Have a drained node work again",
                "operate",
                answer=ShownNode,
            ),
            Route(
                "DELETE",
                one,
                self._remove,
                "Forget a node that is gone for good",
                "operate",
                answer=Removed,
                errors=[409],
            ),
        ]

    def _list(self, request: Request) -> Response:
        nodes = self._store.nodes.all()
        waiting = waiting_for(self._store, nodes, self._clock())
        return listed(request, [self._shown(node, waiting.get(node.id, 0)) for node in nodes])

    def _drain(self, request: Request, id: str) -> Response:
        return self._change(request, id, draining=True)

    def _resume(self, request: Request, id: str) -> Response:
        return self._change(request, id, draining=False)

    def _change(self, request: Request, identifier: str, draining: bool) -> Response:
        node = self._administration.drain(identifier, draining, request.actor)
        if identifier == self._membership.identifier:
            self._membership.look_now()
        return Response.of(self._shown(node, 0))

    def _remove(self, request: Request, id: str) -> Response:
        try:
            failed = self._administration.remove(id, request.actor)
        except NodeAlive as error:
            raise ApiError(409, "node_alive", str(error)) from None
        return Response.of(Removed(failed_deliveries=failed))

    def _shown(self, node: Node, waiting: int) -> ShownNode:
        return ShownNode(
            **dict(node),
            state_now=node.state(self._clock()),
            this=node.id == self._membership.identifier,
            waiting=waiting,
        )
