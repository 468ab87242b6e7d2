# SPDX-License-Identifier: GPL-3.0-or-later
"""The background parts: heartbeat, audit trail, metrics, housekeeping."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from router.administration.destination_nodes import DestinationNodes
from router.audit import Alterations, Auditor, Reporter
from router.audit.auditor import AUDITING_LASTS
from router.audit.syslog import Syslog
from router.building.basis import Basis
from router.building.routing import Routing
from router.clock import utc_now
from router.destinations.own_modalities import OwnModalities
from router.housekeeping import HOUSEKEEPING_LASTS, Housekeeping
from router.metrics import Metrics
from router.nodes import Duty, Membership, NodeDescription, Watching
from router.probes import OrthancProbe, StoreProbe
from router.rounds import Rounds
from router.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The background parts; each works in its own thread."""

    membership: Membership
    #: The parts that bring the audit trail up to date, and forward it.
    audit: Sequence[Rounds]
    store_probe: StoreProbe
    orthanc_probe: OrthancProbe
    traffic: Traffic
    #: The parts that no other part uses.
    others: Sequence[Rounds]


def upkeep_of(basis: Basis, routing: Routing, set_metric: Callable[[str, float], None]) -> Upkeep:
    """Build the background parts."""
    store, clock, intake, dispatcher = basis.store, basis.clock, routing.intake, routing.dispatcher
    nodes = DestinationNodes(basis.catalog, basis.audit)
    return Upkeep(
        membership=_membership(basis, routing),
        audit=_audit(basis),
        store_probe=StoreProbe(store, clock),
        orthanc_probe=OrthancProbe(basis.settings, basis.orthanc, intake, clock),
        traffic=Traffic(lambda: intake.status.instances, dispatcher.arrived, utc_now),
        others=[
            Watching(store, dispatcher.wake),
            Metrics(set_metric, store, basis.catalog, basis.orthanc, intake, dispatcher, clock),
            _housekeeping(basis),
            OwnModalities(basis.orthanc, nodes.wanted, nodes.touched),
            Alterations(store, basis.audit),
        ],
    )


def _membership(basis: Basis, routing: Routing) -> Membership:
    description = NodeDescription(
        basis.node,
        basis.settings,
        basis.store,
        basis.orthanc,
        basis.signals,
        routing.intake,
        routing.dispatcher.running,
    )
    return Membership(basis.store, basis.clock, basis.signals, description)


def _audit(basis: Basis) -> list[Rounds]:
    store, clock, settings = basis.store, basis.clock, basis.settings
    retention = timedelta(days=settings.router.audit_retention_days)
    auditor = Auditor(store, basis.audit, clock, retention, _duty(basis, "audit", AUDITING_LASTS))
    syslog = settings.router.audit_syslog
    if syslog is None:
        return [auditor]
    return [auditor, Reporter(store, Syslog(syslog), settings.name, basis.owner, clock)]


def _housekeeping(basis: Basis) -> Housekeeping:
    index = basis.settings.index.name or basis.node
    return Housekeeping(
        basis.store,
        basis.orthanc,
        basis.clock,
        basis.retention,
        _duty(basis, "housekeeping", HOUSEKEEPING_LASTS),
        _duty(basis, f"housekeeping of {index}", HOUSEKEEPING_LASTS),
    )


def _duty(basis: Basis, name: str, lasts: timedelta) -> Duty:
    return Duty(basis.store, name, basis.node, basis.clock, lasts)
