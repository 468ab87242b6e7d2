# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps one lane for each enabled destination, and follows changes of the destinations."""

import logging
import threading
import time
from collections.abc import Iterable, Mapping

from router.actions import Services
from router.catalog import Catalog
from router.clock import Clock
from router.destinations import Opening
from router.dispatch.connections import cut_outgoing_connections
from router.dispatch.gates import Gates
from router.dispatch.health import lane_health, nothing_known
from router.dispatch.lane import LEASE, Lane, LaneContext
from router.dispatch.lane_status import LaneStatus
from router.dispatch.lease_keeper import LeaseKeeper
from router.dispatch.performer import Performer
from router.dispatch.suspects import Suspects
from router.documents.action import model_of
from router.documents.delivery import FINISHED, Delivery, State
from router.documents.destination import THIS_ORTHANC
from router.health import Health, Problem
from router.rounds import Rounds
from router.signals import Signals
from router.store import Outcome, Store, StoreUnavailable

_log = logging.getLogger(__name__)

#: How often to look whether another node of the same store has changed a destination: a change must take
#: effect within a second.
_LOOK_SECONDS = 0.5
#: How often to synchronise the gates with other nodes.
_KEEP_SECONDS = 1.0
#: How long a replaced lane with nothing to do may take to end.
_IDLE_END_SECONDS = 0.1
#: How long stopping waits for deliveries that are under way.
_STOP_SECONDS = 3.0
#: How long stopping then waits for deliveries whose connections were cut.
_CUT_SECONDS = 2.0


class Dispatcher(Rounds):
    """Makes and ends the lanes."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        services: Services,
        opening: Opening,
        owner: str,
        clock: Clock,
        signals: Signals,
    ) -> None:
        super().__init__("router-dispatcher", _STOP_SECONDS)
        self._store = store
        self._catalog = catalog
        self._services = services
        self._opening = opening
        self._owner = owner
        self._clock = clock
        self._signals = signals
        signals.on_new_deliveries(self.wake_lanes)
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}
        self._leaving: list[Lane] = []
        self._keeper = LeaseKeeper(store, clock, LEASE)
        self._suspects = Suspects()
        self._context = LaneContext(store, owner, clock, self._keeper.hold, self.recorded, self._suspects)
        self._gates = Gates(store.lanes, owner, clock)
        #: Whether the leases and slots that an earlier run of this node left have been given back.
        self._released = False
        self._keep_at = 0.0
        #: The generation of the destinations that the lanes follow, and whether the lanes take work.
        self._arranged: tuple[int, bool] | None = None

    def start(self) -> None:
        """Begin to carry out deliveries."""
        self._keeper.start()
        super().start()

    def wake_lanes(self, lanes: Iterable[str]) -> None:
        """Tell these lanes that there may be new deliveries."""
        with self._lock:
            # Threads that wake for nothing delay threads with work; attempts that will fail delay the others.
            woken = [lane for lane in map(self._lanes.get, lanes) if lane is not None and not lane.is_down]
            for lane in sorted(woken, key=lambda lane: lane.gate.failures):
                lane.wake()

    def try_now(self, lane: str | None) -> None:
        """Try the deliveries of a lane (None: of all) at once, even where a destination was down.

        For a person who asks for it.
        """
        with self._lock:
            for identifier, one in self._lanes.items():
                if lane in {None, identifier}:
                    one.try_now()

    def running(self) -> int:
        """Return how many deliveries are under way."""
        return self._keeper.held()

    def failures(self) -> list[str]:
        """Return the unforeseen faults of this thread and of the lanes, and the deliveries that may have
        ended the process."""
        with self._lock:
            of_lanes = [lane.failure for lane in self._lanes.values() if lane.failure]
        return [*super().failures(), *self._keeper.failures(), *of_lanes, *self._suspects.problems()]

    def health(self, *, store_answers: bool) -> Health:
        """Return the state of deliveries and lanes."""
        if not store_answers:
            return nothing_known()
        try:
            counts = self._store.deliveries.counts()
            destinations = self._catalog.current().destinations.values()
        except StoreUnavailable as error:
            return Health([Problem.of_store(error)], answer=nothing_known().answer)
        return lane_health(counts, destinations, self.statuses())

    def statuses(self) -> Mapping[str, LaneStatus]:
        """Return the status of each lane, by destination identifier."""
        with self._lock:
            return {identifier: lane.status() for identifier, lane in self._lanes.items()}

    def arrived(self) -> Mapping[str, int]:
        """Return how many instances arrived at each destination since its lane was made. Leaves out Orthanc
        itself."""
        return {
            identifier: status.instances
            for identifier, status in self.statuses().items()
            if identifier != THIS_ORTHANC.id
        }

    def stop(self) -> None:
        """End all threads. Deliveries under way get a few seconds to end by themselves."""
        deadline = time.monotonic() + _STOP_SECONDS
        # First, so that no resting worker begins to wait for a store that is away; later, new lanes.
        self._stop_lanes()
        super().stop()
        lanes = self._stop_lanes()
        hanging = [lane for lane in lanes if not lane.join(deadline)]
        if hanging:
            names = ", ".join(lane.destination.name for lane in hanging)
            _log.warning("Deliveries that do not end are broken off: %s", names)
            # In this order: a call that is cut off must not be repeated.
            self._services.orthanc.close()
            cut_outgoing_connections()
        for lane in hanging:
            if not lane.join(deadline + _CUT_SECONDS):
                _log.warning("A delivery to %s is still under way", lane.destination.name)
        for lane in lanes:
            if lane not in hanging:
                self._gates.close(lane.gate)
        self._keeper.stop()
        if self._keeper.held():
            # These deliveries did not cause the end of this run (`died=False`). A lane that only waits for
            # the store holds no lease, so this does not wait for the store once more.
            try:
                self._store.deliveries.release(self._owner, died=False)
            except StoreUnavailable as error:
                _log.info("Deliveries are given back only by the next start: %s", error)

    def _round(self) -> float:
        try:
            if not self._released:
                self._store.deliveries.release(self._owner, died=not self._signals.ended_in_order)
                self._gates.release()
                self._released = True
            self._arrange()
            self._close_ended()
            if time.monotonic() >= self._keep_at:
                self._gates.keep()
                self._keep_at = time.monotonic() + _KEEP_SECONDS
        except StoreUnavailable as error:
            _log.warning("Destinations cannot be read: %s", error)
        return _LOOK_SECONDS

    def _stop_lanes(self) -> list[Lane]:
        """Let no lane take more work; return the lanes."""
        with self._lock:
            lanes = [*self._lanes.values(), *self._leaving]
        for lane in lanes:
            lane.stop()
        return lanes

    def _arrange(self) -> None:
        """Make, replace and end lanes to match the destinations."""
        arranged = (self._store.destinations.generation(), self._signals.takes_work)
        if arranged == self._arranged:
            return
        _, takes_work = arranged
        wanted = {
            destination.id: destination
            for destination in self._catalog.current().destinations.values()
            if destination.enabled and takes_work
        }
        with self._lock:
            for identifier, lane in list(self._lanes.items()):
                if lane.destination != wanted.get(identifier):
                    lane.stop()
                    self._leaving.append(self._lanes.pop(identifier))
            for identifier in wanted.keys() - self._lanes.keys():
                performer = Performer(wanted[identifier], self._store, self._services, self._opening)
                gate = self._gates.of(wanted[identifier])
                lane = Lane(wanted[identifier], performer, gate, self._context)
                self._lanes[identifier] = lane
                lane.start()
        self._arranged = arranged

    def _close_ended(self) -> None:
        # A lane with nothing under way ends at once; its slots are then free for its replacement.
        deadline = time.monotonic() + _IDLE_END_SECONDS
        ended = [lane for lane in self._leaving if lane.join(deadline)]
        with self._lock:
            self._leaving = [lane for lane in self._leaving if lane not in ended]
        for lane in ended:
            self._gates.close(lane.gate)

    def recorded(self, delivery: Delivery, outcome: Outcome) -> None:
        """Wake lanes, and deliveries that waited for this one, after an outcome. Raises StoreUnavailable."""
        if outcome.next_attempt_at is not None:
            self.wake_lanes([delivery.lane])
        if outcome.successor is not None:
            self.wake_lanes([outcome.successor.delivery.lane])
        awaited = self._services.awaited
        ready = []
        # A failed attempt at a service counts too: no service has the images any more.
        if outcome.state in FINISHED or (
            outcome.state == State.RETRYING and model_of(delivery.action.type).uses_service
        ):
            ready = awaited.ended(delivery.id)
        if outcome.state != State.HELD:
            awaited.forget(delivery.id)
        elif awaited.has_passed(delivery.id):
            ready.append(delivery.id)
        if ready:
            self.wake_lanes(self._store.deliveries.hasten(ready, self._clock()))
