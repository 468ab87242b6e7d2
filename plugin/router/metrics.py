# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes the router's figures in Orthanc's `/tools/metrics-prometheus` (Orthanc Book, "Metrics")."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta

from router.catalog import Catalog
from router.clock import Clock
from router.dispatch import BreakerState, Dispatcher
from router.documents.delivery import State
from router.documents.node import NodeState
from router.intake import Intake
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.rounds import Rounds
from router.store import Store, StoreUnavailable

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 5.0

_BREAKER_NUMBER = {BreakerState.CLOSED: 0, BreakerState.PROBING: 1, BreakerState.OPEN: 2}


class Metrics(Rounds):
    """Collects and publishes the figures. Orthanc's metrics have no labels: the name holds everything."""

    def __init__(
        self,
        publish: Callable[[str, float], None],
        store: Store,
        catalog: Catalog,
        orthanc: OrthancApi,
        intake: Intake,
        dispatcher: Dispatcher,
        clock: Clock,
    ) -> None:
        super().__init__("router-metrics")
        self._publish = publish
        self._store = store
        self._catalog = catalog
        self._orthanc = orthanc
        self._intake = intake
        self._dispatcher = dispatcher
        self._clock = clock
        #: The names of what was published last.
        self._published: set[str] = set()

    def _round(self) -> float:
        try:
            figures = {**self._of_intake(), **self._of_deliveries(), **self._of_nodes()}
        except (StoreUnavailable, OrthancError, OrthancUnreachable) as error:
            _log.debug("Metrics are not published now: %s", error)
            self._publish("router_up", 0)
            return _EVERY_SECONDS
        # Orthanc keeps what was ever published: what is there no more must not seem to wait for ever.
        gone = dict.fromkeys(self._published - figures.keys(), 0.0)
        for name, value in (gone | figures).items():
            self._publish(name, value)
        self._published = set(figures)
        self._publish("router_up", 1)
        return _EVERY_SECONDS

    def _of_intake(self) -> Mapping[str, float]:
        figures: dict[str, float] = {"router_intake_instances_total": self._intake.status.instances}
        lag = self._intake.lag()
        if lag is not None:
            figures["router_intake_lag_changes"] = lag.changes
            figures["router_intake_lag_seconds"] = lag.seconds
        return figures

    def _of_nodes(self) -> Mapping[str, float]:
        states = Counter(node.state(self._clock()) for node in self._store.nodes.all())
        return {f"router_nodes_{state}": states[state] for state in NodeState}

    def _of_deliveries(self) -> Mapping[str, float]:
        counts = self._store.deliveries.counts(at_leisure=True)
        figures: dict[str, float] = {
            f"router_deliveries_{state}": sum(count for (_, of), count in counts.items() if of == state)
            for state in State
        }
        age = self._clock() - counts.succeeded_at if counts.succeeded_at else timedelta(0)
        figures["router_deliveries_succeeded_seconds_ago"] = age.total_seconds()
        statuses = self._dispatcher.statuses()
        destinations = self._catalog.current().destinations
        names = metric_names({destination.id: destination.name for destination in destinations.values()})
        for destination in destinations.values():
            name = f"router_destination_{names[destination.id]}"
            for state in State:
                figures[f"{name}_{state}"] = counts.get((destination.id, state), 0)
            status = statuses.get(destination.id)
            if status is not None:
                figures[f"{name}_breaker"] = _BREAKER_NUMBER[status.breaker]
                figures[f"{name}_attempts_total"] = status.attempts
                figures[f"{name}_failed_attempts_total"] = status.failed_attempts
                figures[f"{name}_instances_total"] = status.instances
                figures[f"{name}_seconds_total"] = status.seconds
                figures[f"{name}_bytes_total"] = status.bytes
        return figures


def metric_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return names of destinations as parts of metrics' names, by id.

    Metrics' names have ASCII letters, digits and underscores. Where several destinations have the same name
    in these, the id is added.
    """
    short = {
        identifier: re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_") or "unnamed"
        for identifier, name in names.items()
    }
    alike = Counter(short.values())
    return {
        identifier: name if alike[name] == 1 else f"{name}_{identifier}" for identifier, name in short.items()
    }
