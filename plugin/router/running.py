# SPDX-License-Identifier: GPL-3.0-or-later
"""Begins and ends all parts of a router whose store is open."""

import threading
from collections.abc import Callable
from contextlib import suppress

from router.api.http import Route
from router.api.refusals import Refusals
from router.building import basis_of, people_of, routes_of, routing_of, upkeep_of
from router.health import HasHealth
from router.last_end import LastEnd
from router.orthanc_api import OrthancApi
from router.rounds import Failures, Rounds
from router.settings import Settings
from router.store import Store, StoreUnavailable


class Running:
    """All parts of a router whose store is open."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        orthanc: OrthancApi,
        node: str,
        set_metric: Callable[[str, float], None],
        *,
        notices_repetitions: bool = False,
    ) -> None:
        """`node`: this one's id; `notices_repetitions`: whether Orthanc tells of images that come again and
        are not kept. Raises StoreUnavailable, OSError."""
        self._store = store
        self._orthanc = orthanc
        basis = basis_of(settings, store, orthanc, node)
        routing = routing_of(basis, notices_repetitions)
        people = people_of(basis, routing)
        upkeep = upkeep_of(basis, routing, set_metric)
        self._signals = basis.signals
        self._last_end = LastEnd(settings.data_directory)
        self.intake = routing.intake
        self.repetitions = routing.repetitions
        self.refusals = Refusals(basis.audit, basis.clock)
        #: They ask whether the others work.
        self._probes: list[Rounds] = [upkeep.store_probe, upkeep.orthanc_probe]
        self._working: list[Rounds] = [
            routing.dispatcher,
            people.run_worker,
            upkeep.traffic,
            *upkeep.others,
            *([routing.repetitions] if routing.repetitions else []),
        ]
        #: These end last: they tell the other nodes and the audit trail of it.
        self._telling: list[Rounds] = [upkeep.membership, *upkeep.audit]
        #: What matters most to people comes first.
        health: list[HasHealth] = [
            upkeep.store_probe,
            routing.intake,
            *([routing.unseen_repetitions] if routing.unseen_repetitions else []),
            basis.catalog,
            *self._working,
            *upkeep.audit,
            Failures([*self._telling, *self._probes, *self._working]),
            upkeep.membership,
            upkeep.orthanc_probe,
        ]
        self._routes = routes_of(basis, routing, people, upkeep, health)

    def routes(self) -> list[Route]:
        """The table of all parts."""
        return self._routes

    def start(self) -> None:
        """Begin to plan and to deliver."""
        self._signals.ended_in_order = self._last_end.take()
        self._orthanc.keep_connections()
        threading.Thread(target=self._look_for_damage, name="router-store-check", daemon=True).start()
        for part in [*self._telling, *self._working]:
            part.start()
        self.intake.start()
        # Once the intake has begun, whose lag is asked for.
        for probe in self._probes:
            probe.start()

    def stop(self) -> None:
        """End all threads and close the store."""
        _at_once(self.intake.stop, *(part.stop for part in [*self._probes, *self._working]))
        _at_once(*(part.stop for part in self._telling))
        self._orthanc.close()
        self._store.close()
        self._last_end.note()

    def _look_for_damage(self) -> None:
        with suppress(StoreUnavailable):  # health tells it
            self._store.look_for_damage()


def _at_once(*stops: Callable[[], None]) -> None:
    """Call each in a thread of its own: where the store is away, each waits for it."""
    threads = [threading.Thread(target=stop, name="router-stop") for stop in stops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
