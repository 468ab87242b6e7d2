# SPDX-License-Identifier: GPL-3.0-or-later
"""The heartbeat: announces this node to the others, and reads whether it is to drain."""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from router.clock import Clock
from router.documents.node import Node, NodeState
from router.health import Health, Problem
from router.nodes.description import NodeDescription
from router.rounds import Rounds
from router.signals import Signals
from router.store import DeliveryFilter, Store, StoreUnavailable
from router.store.keys import OPEN

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 2.0
#: How long a node that falls silent keeps the intake of its index.
INTAKE_LEASE = timedelta(seconds=8)


class Membership(Rounds):
    """Announces this node and extends its lease of the intake.

    A thread that uses `Signals.reads_changes` or `draining` may be late by a heartbeat, or frozen for hours.
    So the store checks every write that depends on them: a plan by the cursor that it is based on, a
    delivery's outcome by the token of its lease.
    """

    def __init__(self, store: Store, clock: Clock, signals: Signals, description: NodeDescription) -> None:
        super().__init__("router-heartbeat")
        self.identifier = description.identifier
        self._store = store
        self._clock = clock
        self._signals = signals
        self._description = description
        #: Whether the last announcement succeeded; None before the first one.
        self._announced: bool | None = None

    def stop(self) -> None:
        """End, and tell the other nodes, so that they need not wait."""
        super().stop()
        # If the thread still waits for the store, the store is away: do not wait for it a second time.
        if not self._announced or not self.has_ended:
            return
        try:
            self._store.intake.release(self.identifier)
            self._store.nodes.leave(self.identifier)
        except StoreUnavailable as error:
            _log.info("The other nodes are not told of the end: %s", error)

    def look_now(self) -> None:
        """Send a heartbeat at once, because something has been changed for this node."""
        self._beat()

    def health(self, *, store_answers: bool) -> Health:
        """Return the health of all nodes that share the store."""
        try:
            if store_answers:
                now = self._clock()
                nodes = self._store.nodes.all()
                return _health_of(nodes, waiting_for(self._store, nodes, now), now)
        except StoreUnavailable as error:
            return Health([Problem.of_store(error)], answer={"nodes": []})
        return Health(answer={"nodes": []})

    def _round(self) -> float:
        try:
            self._beat()
            self._announced = True
        except StoreUnavailable as error:
            if self._announced is not False:
                _log.warning("This node cannot announce itself: %s", error)
            self._announced = False
        return _EVERY_SECONDS

    def _beat(self) -> None:
        stands_aside = self._signals.stands_aside
        if not (self._signals.draining or stands_aside):
            self._claim()
        self._signals.draining = self._store.nodes.announce(self._description.now())
        if self._signals.draining or stands_aside:
            self._signals.leave_intake()
            self._store.intake.release(self.identifier)

    def _claim(self) -> None:
        # The lease counts from before the request: it ends here before it ends for the others.
        now, began = self._clock(), time.monotonic()
        if self._store.intake.lease(self.identifier, now + INTAKE_LEASE, now):
            self._signals.claim_intake(began + INTAKE_LEASE.total_seconds())
        else:
            self._signals.leave_intake()


def waiting_for(store: Store, nodes: Sequence[Node], now: datetime) -> Mapping[str, int]:
    """Return how many open deliveries wait for each node that is gone, by node id, where no node of its index
    is left to send their images. Nodes without such deliveries are left out. Raises StoreUnavailable."""
    alive = {node.index for node in nodes if node.state(now) != NodeState.GONE}
    waiting = {}
    for node in nodes:
        if node.index not in alive:
            _, count = store.deliveries.find(DeliveryFilter(index=node.index, states=frozenset(OPEN)), 0)
            if count:
                waiting[node.id] = count
    return waiting


def _health_of(nodes: Sequence[Node], waiting: Mapping[str, int], now: datetime) -> Health:
    problems = []
    for node in nodes:
        if node.state(now) == NodeState.GONE and not node.left:
            since = f"{node.seen_at:%Y-%m-%d %H:%M:%S} UTC"
            left = f"; {waiting[node.id]} deliveries wait for it" if node.id in waiting else ""
            problems.append(
                Problem("node", f"The node {node.name!r} has not been heard of since {since}{left}")
            )
        elif node.problem:
            problems.append(Problem("index", f"The node {node.name!r}: {node.problem}"))
    told = [
        {
            "id": node.id,
            "name": node.name,
            "state": node.state(now),
            "lag_seconds": node.lag_seconds,
            "waiting": waiting.get(node.id, 0),
        }
        for node in nodes
    ]
    return Health(problems, answer={"nodes": told})
