"""The parts of a router whose store is open: how they are made of one another, begin and end."""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial

from router.actions import Awaited, CallbackTokens, Services
from router.administration.before_and_after import BeforeAndAfter
from router.administration.case_making import CaseMaker
from router.administration.cases import CaseRunner, CasesInOrthanc
from router.administration.code_lists import CodeListAdministration
from router.administration.destination_drafts import DestinationDrafts
from router.administration.destinations import DestinationAdministration
from router.administration.device_library import DeviceLibraryAdministration
from router.administration.explaining import Explainer
from router.administration.filling import Filling
from router.administration.importing import Importing
from router.administration.key_table import KeyTable
from router.administration.marking import mark
from router.administration.nodes import NodeAdministration, others_of_index
from router.administration.policies import PolicyAdministration
from router.administration.policy_drafts import PolicyDrafts
from router.administration.redaction_library import RedactionLibrary
from router.administration.secret_references import from_environment
from router.administration.stored_patients import StoredPatients
from router.api.activity import ActivityRoutes
from router.api.audit import AuditRoutes
from router.api.callbacks import CallbackRoutes
from router.api.cases import CaseRoutes
from router.api.checks import CheckRoutes
from router.api.deliveries import DeliveryRoutes
from router.api.destinations import DestinationRoutes
from router.api.exchange import ExchangeRoutes
from router.api.health import HealthRoutes
from router.api.http import Route, Routes
from router.api.lineage import LineageRoutes
from router.api.nodes import NodeRoutes
from router.api.policies import PolicyRoutes
from router.api.pseudonyms import PseudonymRoutes
from router.api.refusals import Refusals
from router.api.rules import RuleRoutes
from router.api.runs import RunRoutes
from router.api.templates import TemplateRoutes
from router.api.traffic import NodeName, TrafficRoutes
from router.api.transforms import TransformRoutes
from router.audit import Alterations, Audit, Auditor, AuditTrailKey, Reporter
from router.audit.auditor import AUDITING_LASTS
from router.audit.syslog import Syslog
from router.catalog import Catalog
from router.clock import utc_now
from router.destinations import KINDS, DicomTls, Installation, Opening, OwnAddress
from router.destinations.own_modalities import OwnModalities, own_name
from router.dispatch import Dispatcher
from router.dispatch.callbacks import Callbacks
from router.documents.audit import ObjectReference
from router.documents.node import Node
from router.housekeeping import HOUSEKEEPING_LASTS, Housekeeping
from router.intake import Intake
from router.lineage import Results
from router.metrics import Metrics
from router.nodes import Duty, Membership, Watching
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.probes import OrthancProbe, StoreProbe
from router.repetitions import Repetitions
from router.rounds import Rounds
from router.runs.administration import RunAdministration
from router.runs.by_hand import ByHandRouting
from router.runs.context import RunContext
from router.runs.preview import Preview
from router.runs.replay import Replay
from router.runs.simulation import Simulation
from router.runs.worker import RunWorker
from router.secrets import Vault
from router.settings import Settings
from router.store import Store, StoreUnavailable
from router.traffic import Traffic
from router.transforms import Transforms
from router.version import VERSION


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
        # With which it signs its leases.
        owner = f"{settings.name}-{node}"
        self._settings = settings
        self._store = store
        self._orthanc = orthanc
        clock = store.now
        self._started_at = clock()
        self._membership = Membership(store, node, clock, self._describe, lambda: self.intake.stands_aside())
        catalog = Catalog(store, settings.stable_age)
        own_address = OwnAddress(settings.dicom_port, settings.http_port, settings.router.public_url)
        dicom_tls = DicomTls(
            settings.dicom_tls_certificate,
            settings.dicom_tls_private_key,
            settings.dicom_tls_trusted_certificates,
        )
        installation = Installation(orthanc, settings.router.folder_roots, own_address, dicom_tls)
        vault = Vault.of(os.environ, settings.secret_key_file, settings.data_directory)
        trail_key = AuditTrailKey(store, vault)
        mark(store, vault, trail_key)
        trail_key.get()
        store.sign_with(trail_key.signed)
        opening = Opening(KINDS, installation, vault)
        transforms = Transforms(store, vault)
        services = Services(
            orthanc,
            settings.router.public_url,
            CallbackTokens(vault),
            transforms,
            store,
            Results(store, orthanc, clock),
            Awaited(),
        )
        self._audit = Audit(store, trail_key, owner, clock)
        self.refusals = Refusals(self._audit, clock)
        self._auditor = Auditor(
            store,
            self._audit,
            clock,
            timedelta(days=settings.router.audit_retention_days),
            Duty(store, "audit", node, clock, AUDITING_LASTS),
        )
        syslog = settings.router.audit_syslog
        self._reporter = (
            Reporter(store, Syslog(syslog), settings.name, owner, clock) if syslog is not None else None
        )
        self._dispatcher = Dispatcher(store, catalog, services, opening, owner, clock, self._takes_nothing)
        self.intake = Intake(
            store,
            catalog,
            orthanc,
            clock,
            settings.overwrite_instances,
            settings.router.hop_limit,
            settings.index,
            self._membership.reads_changes,
            self._dispatcher.wake_lanes,
            lambda: others_of_index(store, settings.index.name or node, node),
        )
        self.repetitions = (
            Repetitions(store, orthanc, node, clock, timedelta(days=settings.router.retention_days))
            if notices_repetitions
            else None
        )
        self._watching = Watching(store, self._dispatcher.wake)
        self._metrics = Metrics(set_metric, store, catalog, orthanc, self.intake, self._dispatcher, clock)
        self._probes = StoreProbe(store, clock), OrthancProbe(orthanc, self.intake, clock)
        self._traffic = Traffic(lambda: self.intake.status.instances, self._dispatcher.arrived, utc_now)
        self._housekeeping = Housekeeping(
            store,
            orthanc,
            clock,
            timedelta(days=settings.router.retention_days),
            Duty(store, "housekeeping", node, clock, HOUSEKEEPING_LASTS),
            Duty(store, f"housekeeping of {settings.index.name or node}", node, clock, HOUSEKEEPING_LASTS),
        )
        explainer = Explainer(store, catalog, orthanc, opening, clock)
        policy_drafts = PolicyDrafts(
            CaseRunner(CasesInOrthanc(explainer), clock), lambda: str(orthanc.system()["Version"])
        )
        destination_drafts = DestinationDrafts(vault, installation)
        policies = PolicyAdministration(store, catalog, policy_drafts, self._audit, clock, opening.leads_here)
        destinations = DestinationAdministration(store, destination_drafts, opening, self._audit, clock)
        importing = Importing(
            store,
            catalog,
            destination_drafts,
            policy_drafts,
            self._audit,
            clock,
            from_environment,
            opening.leads_here,
        )
        self._runs = RunWorker(
            RunContext(store, orthanc, catalog, transforms, opening, settings.router.hop_limit, clock),
            node,
            {"preview": Preview, "replay": Replay, "route": ByHandRouting, "simulation": Simulation},
            self.intake.wait_until_idle,
            self._dispatcher.wake_lanes,
        )
        runs = RunAdministration(store, orthanc, policy_drafts, self._runs, self._audit, node, clock)
        callbacks = Callbacks(
            store, services.tokens, services.results, orthanc, owner, clock, self._dispatcher.recorded
        )
        self._working: list[Rounds] = [
            self._dispatcher,
            self._runs,
            self._watching,
            self._metrics,
            self._traffic,
            self._housekeeping,
            OwnModalities(orthanc, lambda: _own_nodes(catalog), partial(_tell_of_node, catalog, self._audit)),
            Alterations(store, self._audit),
        ]
        if self.repetitions is not None:
            self._working.append(self.repetitions)
        #: These end last: they tell the other nodes and the audit trail of it.
        self._telling: list[Rounds] = [self._membership, self._auditor]
        if self._reporter is not None:
            self._telling.append(self._reporter)
        parts: list[Routes] = [
            ActivityRoutes(store, clock),
            PolicyRoutes(store, policies),
            CheckRoutes(store, policies),
            CaseRoutes(CaseMaker(explainer, orthanc, transforms, clock)),
            DestinationRoutes(store, destinations, orthanc, self._dispatcher.wake),
            ExchangeRoutes(store, importing, self._audit, self._dispatcher.wake),
            RunRoutes(store, runs),
            LineageRoutes(store),
            DeliveryRoutes(store, self._audit, clock, self._dispatcher.try_now),
            CallbackRoutes(callbacks),
            AuditRoutes(store, self._audit),
            RuleRoutes(store, explainer, self.repetitions, clock),
            PseudonymRoutes(
                KeyTable(transforms, StoredPatients(orthanc), self._audit),
                CodeListAdministration(
                    store, transforms.lists, self._audit, clock, self._dispatcher.wake_lanes
                ),
            ),
            TransformRoutes(
                BeforeAndAfter(orthanc, transforms),
                RedactionLibrary(store, transforms.devices),
                DeviceLibraryAdministration(transforms.devices, self._audit, clock),
            ),
            TemplateRoutes(Filling(orthanc, transforms, settings.router.public_url, clock)),
            NodeRoutes(store, NodeAdministration(store, self._audit, clock), self._membership, clock),
            TrafficRoutes(self._traffic, NodeName(id=node, name=settings.name)),
            HealthRoutes(
                settings,
                store,
                catalog,
                *self._probes,
                self.intake,
                self.repetitions,
                self._dispatcher,
                self._reporter,
                self._failures,
                clock,
            ),
        ]
        self._routes = [route for part in parts for route in part.routes()]

    def routes(self) -> list[Route]:
        """The table of all parts."""
        return self._routes

    def start(self) -> None:
        """Begin to plan and to deliver."""
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

    def _look_for_damage(self) -> None:
        with suppress(StoreUnavailable):  # health tells it
            self._store.look_for_damage()

    def _takes_nothing(self) -> bool:
        """Whether the dispatcher is to take up no deliveries."""
        return self._membership.draining() or not self.intake.may_work()

    def _failures(self) -> list[str]:
        """What has gone wrong in the parts that nobody foresaw."""
        return [
            failure for part in [*self._telling, *self._probes, *self._working] for failure in part.failures()
        ]

    def _describe(self) -> Node:
        """What this node says of itself."""
        settings = self._settings
        try:
            version = str(self._orthanc.system()["Version"])
            lag = self.intake.lag()
        except (OrthancError, OrthancUnreachable):
            version, lag = "", None
        identifier = self._membership.identifier
        return Node(
            id=identifier,
            name=settings.name,
            version=VERSION,
            orthanc_version=version,
            aet=settings.aet,
            url=settings.router.public_url,
            index=settings.index.name or identifier,
            started_at=self._started_at,
            seen_at=self._store.now(),
            reads_changes=self._membership.reads_changes(),
            lag_changes=lag.changes if lag else None,
            lag_seconds=lag.seconds if lag else None,
            running=self._dispatcher.running(),
            problem=(self.intake.status.problem or "") if self.intake.is_misplaced() else "",
        )


def _own_nodes(catalog: Catalog) -> dict[str, Mapping[str, object]] | None:
    """The nodes of all destinations as Orthanc is to know them, by name; empty where one needs none.
    None while the store is away."""
    try:
        destinations = catalog.current().destinations.values()
    except StoreUnavailable:
        return None
    return {
        own_name(one.id, one.name): KINDS[one.kind].entry(one.settings) if one.kind in KINDS else {}
        for one in destinations
    }


def _tell_of_node(catalog: Catalog, audit: Audit, name: str, done: str) -> None:
    """Record what somebody has done in Orthanc to the node of a destination. Raises StoreUnavailable."""
    [destination] = [
        one for one in catalog.current().destinations.values() if own_name(one.id, one.name) == name
    ]
    reference = ObjectReference(type="destination", id=destination.id, name=destination.name)
    audit.record(
        "destination.node_touched", detail=f"In Orthanc, somebody has {done}: {name}", object=reference
    )


def _at_once(*stops: Callable[[], None]) -> None:
    """Call each in a thread of its own: where the store is away, each waits for it."""
    threads = [threading.Thread(target=stop, name="router-stop") for stop in stops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
