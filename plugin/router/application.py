"""Puts the router together inside Orthanc, starts it when Orthanc has started, and ends it with Orthanc."""

import logging
import os
import threading
import warnings
from collections.abc import Callable
from datetime import timedelta

from router.actions import Awaited, CallbackTokens, Site
from router.administration.case_making import CaseMaker
from router.administration.cases import CaseRunner, CasesInOrthanc
from router.administration.destination_drafts import DestinationDrafts
from router.administration.destinations import DestinationAdministration
from router.administration.explaining import Explainer
from router.administration.filling import Filling
from router.administration.importing import Importing
from router.administration.nodes import NodeAdministration
from router.administration.policies import PolicyAdministration
from router.administration.policy_drafts import PolicyDrafts
from router.administration.secret_references import from_environment
from router.api.access import Access
from router.api.activity import ActivityRoutes
from router.api.api import Api
from router.api.audit import AuditRoutes
from router.api.callbacks import CallbackRoutes
from router.api.cases import CaseRoutes
from router.api.checks import CheckRoutes
from router.api.deliveries import DeliveryRoutes
from router.api.destinations import DestinationRoutes
from router.api.exchange import ExchangeRoutes
from router.api.health import HealthRoutes, user
from router.api.http import Refused, Request, Response, Route, Routes
from router.api.lineage import LineageRoutes
from router.api.nodes import NodeRoutes
from router.api.origin import Origins
from router.api.page import PageRoutes
from router.api.policies import PolicyRoutes
from router.api.refusals import Refusals
from router.api.rules import RuleRoutes
from router.api.runs import RunRoutes
from router.api.templates import TemplateRoutes
from router.audit import Audit, Auditor, Reporter
from router.audit.syslog import Syslog
from router.catalog import Catalog
from router.destinations import KINDS, Installation, Opening
from router.dispatch import Dispatcher
from router.dispatch.callbacks import Callbacks
from router.dispatch.connections import cut_outgoing_connections
from router.documents.node import Node
from router.explorer import EXPLORER_SCRIPT
from router.host import OrthancHost
from router.housekeeping import Housekeeping
from router.intake import Intake
from router.lineage import Results
from router.log import HostLog
from router.metrics import Metrics
from router.nodes import Identity, Membership
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.runs.about import Evaluations
from router.runs.administration import RunAdministration
from router.runs.by_hand import ByHandRouting
from router.runs.preview import Preview
from router.runs.replay import Replay
from router.runs.simulation import Simulation
from router.runs.worker import RunWorker
from router.secrets import Vault
from router.settings import Settings
from router.store import Store, StoreUnavailable, open_store
from router.transforms import Transforms
from router.version import VERSION

_log = logging.getLogger(__name__)

#: How long to wait before the store is opened again where it could not be.
_STORE_PAUSE_SECONDS = 2.0
#: How long stopping waits for answers to requests, such as the test of a destination.
_ANSWER_SECONDS = 2.0


def run_inside_orthanc() -> "Application":
    """Register with the Orthanc that loads this script; everything else follows from its calls.

    The caller keeps what this returns for as long as there is an interpreter: plugin 5.0 lets go of the
    callback for requests without the interpreter's lock, and where nobody else holds the callback, Orthanc
    ends with a segmentation fault.
    """
    host = OrthancHost()
    logging.basicConfig(handlers=[HostLog(host.log)], level=logging.INFO, format="%(message)s", force=True)
    # It warns of what it finds in images, with their values.
    logging.getLogger("pydicom").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pydicom")
    application = Application(host)
    host.on_change(application.start, application.wake, application.stop)
    host.serve(application.answer)
    host.lead_to("router/app", EXPLORER_SCRIPT)
    return application


class Application:
    """The router's life: waiting for Orthanc, waiting for the store, running, ending."""

    def __init__(self, host: OrthancHost) -> None:
        self._host = host
        self._settings = Settings.of_configuration(host.configuration())
        page = PageRoutes(self._settings.router.page_directory, self._settings.router.public_url)
        self._page = page.routes()
        self._access = Access(self._settings)
        self._api = self._api_of([Route("GET", "/health", self._starting, "Whether it works")])
        self._problem = "The router is starting."
        self._identity: Identity | None = None
        self._running: Running | None = None
        self._ending = threading.Event()
        self._starter = threading.Thread(target=self._start, name="router-start", daemon=True)

    def start(self) -> None:
        """Orthanc has started: begin, in a thread of our own, because Orthanc waits for this call."""
        self._starter.start()

    def stop(self) -> None:
        """Orthanc is stopping: end all threads, within seconds."""
        self._ending.set()
        self._host.close()
        if self._starter.ident is not None:
            self._starter.join(10.0)
        if self._running is not None:
            self._running.stop()
        if not self._host.join(_ANSWER_SECONDS):
            _log.warning("Answers that do not come are broken off")
            cut_outgoing_connections()

    def wake(self) -> None:
        """An instance has been stored."""
        if self._running is not None:
            self._running.intake.wake()

    def answer(self, request: Request) -> Response:
        """Answer a request to `/router`."""
        return self._api.answer(request)

    def _api_of(self, routes: list[Route], refused: Callable[[Refused, Route], None] | None = None) -> Api:
        origins = Origins(self._settings.router.public_url)
        return Api([*self._page, *routes], self._access, origins, refused)

    def _starting(self, request: Request) -> Response:
        problems = [{"code": "starting", "message": self._problem}]
        return Response.of({"status": "degraded", "problems": problems, "user": user(request)})

    def _start(self) -> None:
        settings = self._settings
        while not self._ending.is_set():
            try:
                identity = self._identify()
                store = open_store(
                    settings.router.mongo_uri or None,
                    settings.router.mongo_database,
                    settings.data_directory,
                    settings.index.name or identity.identifier,
                )
            except (StoreUnavailable, OSError) as error:
                problem = f"The store is not available: {error}"
                if problem != self._problem:
                    _log.error("%s", problem)
                self._problem = problem
                self._ending.wait(_STORE_PAUSE_SECONDS)
                continue
            orthanc = OrthancApi(settings.http_port, self._host.authorization(), settings.tls)
            running = Running(settings, store, orthanc, identity.identifier, self._host.set_metric)
            self._api = self._api_of(running.routes(), running.refusals.record)
            self._running = running
            running.start()
            _log.info("The router runs on %s", store.describe())
            return

    def _identify(self) -> Identity:
        """Who this node is. Raises OSError, StoreUnavailable."""
        if self._identity is None:
            folder = self._settings.data_directory
            try:
                self._identity = Identity(folder)
            except BlockingIOError:
                raise StoreUnavailable(
                    f"another Orthanc uses the folder {folder} (Router.DataDirectory); each needs its own"
                ) from None
        return self._identity


class Running:
    """All parts of a router whose store is open."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        orthanc: OrthancApi,
        node: str,
        set_metric: Callable[[str, float], None],
    ) -> None:
        """`node`: this one's id."""
        # With which it signs its leases.
        owner = f"{settings.name}-{node}"
        self._settings = settings
        self._store = store
        self._orthanc = orthanc
        clock = store.now
        self._started_at = clock()
        self._membership = Membership(store, node, clock, self._describe)
        catalog = Catalog(store, settings.stable_age)
        installation = Installation(orthanc, settings.router.folder_roots)
        vault = Vault.of(os.environ, settings.secret_key_file)
        opening = Opening(KINDS, installation, vault)
        transforms = Transforms(store, vault)
        site = Site(
            orthanc,
            settings.router.public_url,
            CallbackTokens(vault),
            transforms,
            store,
            Results(store, orthanc, clock),
            Awaited(),
        )
        self._audit = Audit(store, owner, clock)
        self.refusals = Refusals(self._audit, clock)
        self._auditor = Auditor(
            store, self._audit, clock, timedelta(days=settings.router.audit_retention_days)
        )
        syslog = settings.router.audit_syslog
        self._reporter = (
            Reporter(store, Syslog(syslog), settings.name, owner, clock) if syslog is not None else None
        )
        self._dispatcher = Dispatcher(store, catalog, site, opening, owner, clock, self._membership.draining)
        self.intake = Intake(
            store,
            catalog,
            orthanc,
            clock,
            settings.overwrite_instances,
            settings.router.hop_limit,
            settings.index,
            self._membership.reads_changes,
            self._dispatcher.wake,
        )
        self._metrics = Metrics(set_metric, store, catalog, orthanc, self.intake, self._dispatcher, clock)
        self._housekeeping = Housekeeping(
            store, orthanc, clock, timedelta(days=settings.router.retention_days)
        )
        explainer = Explainer(store, catalog, orthanc, clock)
        policy_drafts = PolicyDrafts(
            CaseRunner(CasesInOrthanc(explainer), clock), lambda: str(orthanc.system()["Version"])
        )
        destination_drafts = DestinationDrafts(vault, installation)
        policies = PolicyAdministration(store, catalog, policy_drafts, self._audit, clock)
        destinations = DestinationAdministration(store, destination_drafts, opening, self._audit, clock)
        importing = Importing(
            store, catalog, destination_drafts, policy_drafts, self._audit, clock, from_environment
        )
        evaluations = Evaluations(store, catalog, settings.router.hop_limit)
        self._runs = RunWorker(
            store,
            orthanc,
            node,
            clock,
            {
                "preview": lambda run, reader: Preview(
                    run, reader, store, orthanc, evaluations, transforms, clock
                ),
                "replay": lambda run, reader: Replay(run, reader, store, orthanc, evaluations, clock),
                "route": lambda run, reader: ByHandRouting(run, reader, store, orthanc, evaluations, clock),
                "simulation": lambda run, reader: Simulation(run, reader, store, evaluations, clock),
            },
            self.intake.wait_until_idle,
            self._dispatcher.wake,
        )
        runs = RunAdministration(store, orthanc, policy_drafts, self._runs, self._audit, node, clock)
        callbacks = Callbacks(
            store, site.tokens, site.results, orthanc, owner, clock, self._dispatcher.recorded
        )
        parts: list[Routes] = [
            ActivityRoutes(store, clock),
            PolicyRoutes(store, policies),
            CheckRoutes(store, policies),
            CaseRoutes(CaseMaker(explainer, orthanc, transforms, clock)),
            DestinationRoutes(store, destinations, orthanc, self._dispatcher.destinations_changed),
            ExchangeRoutes(store, importing, self._audit, self._dispatcher.destinations_changed),
            RunRoutes(store, runs),
            LineageRoutes(store),
            DeliveryRoutes(store, self._audit, clock, self._dispatcher.try_now),
            CallbackRoutes(callbacks),
            AuditRoutes(store, self._audit),
            RuleRoutes(store, explainer, clock),
            TemplateRoutes(Filling(orthanc, transforms, settings.router.public_url, clock)),
            NodeRoutes(store, NodeAdministration(store, self._audit, clock), self._membership, clock),
            HealthRoutes(
                settings,
                store,
                catalog,
                orthanc,
                self.intake,
                self._dispatcher,
                self._reporter,
                clock,
            ),
        ]
        self._routes = [route for part in parts for route in part.routes()]

    def routes(self) -> list[Route]:
        """The table of all parts."""
        return self._routes

    def start(self) -> None:
        """Begin to plan and to deliver."""
        self._membership.start()
        self._dispatcher.start()
        self.intake.start()
        self._runs.start()
        self._metrics.start()
        self._housekeeping.start()
        self._auditor.start()
        if self._reporter is not None:
            self._reporter.start()

    def stop(self) -> None:
        """End all threads and close the store."""
        self.intake.stop()
        self._runs.stop()
        self._metrics.stop()
        self._housekeeping.stop()
        self._dispatcher.stop()
        if not self.intake.join(5.0):
            _log.warning("The intake is still busy")
        if not self._runs.join(5.0):
            _log.warning("A run is still busy")
        self._auditor.stop()
        if self._reporter is not None:
            self._reporter.stop()
        self._membership.stop()
        self._orthanc.close()
        self._store.close()

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
        )
