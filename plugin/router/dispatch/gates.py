# SPDX-License-Identifier: GPL-3.0-or-later
"""The gates of all lanes of a node."""

import logging
import threading

from router.clock import Clock
from router.dispatch.gate import Gate, OwnGate, SharedGate
from router.documents.destination import THIS_ORTHANC, Destination
from router.documents.document import new_id
from router.documents.lane import LaneState
from router.store import Lanes, StoreUnavailable

_log = logging.getLogger(__name__)


class Gates:
    """Makes gates, and synchronises those shared with other nodes. May be used from any thread."""

    def __init__(self, lanes: Lanes | None, owner: str, clock: Clock) -> None:
        """`owner` identifies this node; its earlier runs had the same."""
        self._lanes = lanes
        self._owner = owner
        self._clock = clock
        self._lock = threading.Lock()
        self._own: dict[str, OwnGate] = {}
        self._shared: list[tuple[str, SharedGate]] = []

    def of(self, destination: Destination) -> Gate:
        """Return the gate for a lane.

        A node without a group has one gate for each destination, for all its revisions: deliveries that an
        earlier revision has under way count. The same holds for work in the node's own Orthanc. In a group,
        each lane gets a new gate, which shares the destination's slots in the store.
        """
        if self._lanes is None or destination.id == THIS_ORTHANC.id:
            with self._lock:
                own = self._own.setdefault(destination.id, OwnGate())
            own.become(destination.concurrency or 1)
            return own
        holder = f"{self._owner}/{new_id()}"
        gate = SharedGate(self._lanes, destination.id, holder, destination.concurrency or 1, self._clock)
        with self._lock:
            self._shared.append((destination.id, gate))
        return gate

    def release(self) -> None:
        """Give back the slots that an earlier run of this node held when it died. Raises StoreUnavailable."""
        if self._lanes is None:
            return
        for lane in self._lanes.all():
            while True:
                state, version = self._lanes.get(lane)
                left = state.without_shares_of(f"{self._owner}/")
                if left == state or self._lanes.put(lane, left, version):
                    break

    def keep(self) -> None:
        """Synchronise the gates with the other nodes of the group. To be called every second.

        Raises StoreUnavailable.
        """
        if self._lanes is None:
            return
        asked_at = self._clock()
        states = self._lanes.all()
        with self._lock:
            shared = list(self._shared)
        for lane, gate in shared:
            gate.keep(states.get(lane, LaneState()), asked_at)

    def close(self, gate: Gate) -> None:
        """Give the slots of a gate that no worker passes any more to the other nodes."""
        with self._lock:
            self._shared = [(lane, one) for lane, one in self._shared if one is not gate]
        if isinstance(gate, SharedGate):
            try:
                gate.close()
            except StoreUnavailable as error:
                _log.info("Slots are given back only by their end: %s", error)
