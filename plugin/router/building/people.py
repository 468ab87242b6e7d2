# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that serve people: policies and destinations, imports, explanations, runs."""

from dataclasses import dataclass

from router.administration.case_running import CaseRunner, CasesInOrthanc
from router.administration.destination_drafts import DestinationDrafts
from router.administration.destinations import DestinationAdministration
from router.administration.explaining import Explainer
from router.administration.importing import Importing
from router.administration.policies import PolicyAdministration
from router.administration.policy_drafts import PolicyDrafts
from router.administration.routing_document_reading import Checking
from router.administration.secret_references import from_environment
from router.building.basis import Basis
from router.building.routing import Routing
from router.runs.administration import RunAdministration
from router.runs.by_hand import ByHandRouting
from router.runs.preview import Preview
from router.runs.replay import Replay
from router.runs.simulation import Simulation
from router.runs.task import RunContext
from router.runs.worker import RunWorker


@dataclass(frozen=True, slots=True)
class People:
    """The parts that carry out requests of people."""

    explainer: Explainer
    policies: PolicyAdministration
    destinations: DestinationAdministration
    importing: Importing
    runs: RunAdministration
    run_worker: RunWorker


def people_of(basis: Basis, routing: Routing) -> People:
    """Build these parts."""
    store, orthanc, clock = basis.store, basis.orthanc, basis.clock
    catalog, audit, leads_here = basis.catalog, basis.audit, basis.opening.leads_here
    explainer = Explainer(store, catalog, orthanc, basis.opening, clock)
    policy_drafts = PolicyDrafts(
        CaseRunner(CasesInOrthanc(explainer), clock), lambda: str(orthanc.system()["Version"])
    )
    destination_drafts = DestinationDrafts(basis.vault, basis.installation)
    checking = Checking(destination_drafts, policy_drafts, from_environment)
    run_worker = _run_worker(basis, routing)
    return People(
        explainer,
        PolicyAdministration(store, catalog, policy_drafts, audit, clock, leads_here),
        DestinationAdministration(store, destination_drafts, basis.opening, audit, clock),
        Importing(store, catalog, checking, audit, clock, leads_here),
        RunAdministration(store, orthanc, policy_drafts, run_worker, audit, basis.node, clock),
        run_worker,
    )


def _run_worker(basis: Basis, routing: Routing) -> RunWorker:
    context = RunContext(
        basis.store,
        basis.orthanc,
        basis.catalog,
        basis.transforms,
        basis.opening,
        basis.settings.router.hop_limit,
        basis.clock,
    )
    return RunWorker(
        context,
        basis.node,
        {"preview": Preview, "replay": Replay, "route": ByHandRouting, "simulation": Simulation},
        routing.intake.wait_until_idle,
        basis.signals.new_deliveries,
    )
