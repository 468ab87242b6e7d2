"""Puts the router together inside Orthanc, starts it when Orthanc has started, and ends it with Orthanc."""

import logging
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from router.actions import Awaited, CallbackTokens, Site
from router.administration.cases import CaseRunner
from router.administration.destinations import DestinationAdministration
from router.administration.explaining import Explainer
from router.administration.filling import Filling
from router.administration.policies import PolicyAdministration
from router.api.access import Access
from router.api.activity import ActivityRoutes
from router.api.api import Api
from router.api.audit import AuditRoutes
from router.api.callbacks import CallbackRoutes
from router.api.checks import CheckRoutes
from router.api.deliveries import DeliveryRoutes
from router.api.destinations import DestinationRoutes
from router.api.health import HealthRoutes, user
from router.api.http import Refused, Request, Response, Route, Routes
from router.api.lineage import LineageRoutes
from router.api.origin import Origins
from router.api.page import PageRoutes
from router.api.policies import PolicyRoutes
from router.api.refusals import Refusals
from router.api.rules import RuleRoutes
from router.api.templates import TemplateRoutes
from router.audit import Audit, Auditor
from router.catalog import Catalog
from router.clock import utc_now
from router.destinations import KINDS, Installation, Opening
from router.dispatch import Dispatcher
from router.dispatch.callbacks import Callbacks
from router.dispatch.connections import cut_outgoing_connections
from router.documents.document import new_id
from router.explorer import EXPLORER_SCRIPT
from router.host import OrthancHost
from router.housekeeping import Housekeeping
from router.intake import Intake
from router.lineage import Results
from router.log import HostLog
from router.metrics import Metrics
from router.orthanc_api import OrthancApi
from router.secrets import Vault
from router.settings import Settings
from router.store import Store, StoreUnavailable, open_store
from router.transforms import Transforms

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
                store = open_store(
                    settings.router.mongo_uri or None,
                    settings.router.mongo_database,
                    settings.data_directory,
                )
                owner = _owner(settings.name, settings.data_directory)
            except (StoreUnavailable, OSError) as error:
                problem = f"The store is not available: {error}"
                if problem != self._problem:
                    _log.error("%s", problem)
                self._problem = problem
                self._ending.wait(_STORE_PAUSE_SECONDS)
                continue
            orthanc = OrthancApi(settings.http_port, self._host.authorization(), settings.tls)
            running = Running(settings, store, orthanc, owner, self._host.set_metric)
            self._api = self._api_of(running.routes(), running.refusals.record)
            self._running = running
            running.start()
            _log.info("The router runs on %s", store.describe())
            return


class Running:
    """All parts of a router whose store is open."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        orthanc: OrthancApi,
        owner: str,
        set_metric: Callable[[str, float], None],
    ) -> None:
        self._store = store
        self._orthanc = orthanc
        catalog = Catalog(store, settings.stable_age)
        installation = Installation(orthanc, settings.router.folder_roots)
        vault = Vault(settings.secret_key_file, os.environ.get("ROUTER_SECRET_KEY", ""))
        opening = Opening(KINDS, installation, vault)
        transforms = Transforms(store, vault)
        site = Site(
            orthanc,
            settings.router.public_url,
            CallbackTokens(vault),
            transforms,
            store,
            Results(store, orthanc, utc_now),
            Awaited(),
        )
        self._audit = Audit(store, owner, utc_now)
        self.refusals = Refusals(self._audit, utc_now)
        self._auditor = Auditor(
            store, self._audit, utc_now, timedelta(days=settings.router.audit_retention_days)
        )
        self._dispatcher = Dispatcher(store, catalog, site, opening, owner, utc_now)
        self.intake = Intake(
            store,
            catalog,
            orthanc,
            utc_now,
            settings.overwrite_instances,
            settings.router.hop_limit,
            self._dispatcher.wake,
        )
        self._metrics = Metrics(set_metric, store, catalog, orthanc, self.intake, self._dispatcher, utc_now)
        self._housekeeping = Housekeeping(
            store, orthanc, utc_now, timedelta(days=settings.router.retention_days)
        )
        explainer = Explainer(store, catalog, orthanc, utc_now)
        policies = PolicyAdministration(
            store, catalog, orthanc, CaseRunner(explainer, utc_now), self._audit, utc_now
        )
        destinations = DestinationAdministration(store, installation, vault, self._audit, utc_now)
        callbacks = Callbacks(
            store, site.tokens, site.results, orthanc, owner, utc_now, self._dispatcher.recorded
        )
        parts: list[Routes] = [
            ActivityRoutes(store, utc_now),
            PolicyRoutes(store, policies),
            CheckRoutes(store, policies),
            DestinationRoutes(store, destinations, orthanc, self._dispatcher.destinations_changed),
            LineageRoutes(store),
            DeliveryRoutes(store, self._audit, utc_now, self._dispatcher.try_now),
            CallbackRoutes(callbacks),
            AuditRoutes(store, self._audit),
            RuleRoutes(store, explainer, utc_now),
            TemplateRoutes(Filling(orthanc, transforms, settings.router.public_url, utc_now)),
            HealthRoutes(settings, store, catalog, orthanc, self.intake, self._dispatcher, utc_now),
        ]
        self._routes = [route for part in parts for route in part.routes()]

    def routes(self) -> list[Route]:
        """The table of all parts."""
        return self._routes

    def start(self) -> None:
        """Begin to plan and to deliver."""
        self._dispatcher.start()
        self.intake.start()
        self._metrics.start()
        self._housekeeping.start()
        self._auditor.start()

    def stop(self) -> None:
        """End all threads and close the store."""
        self.intake.stop()
        self._metrics.stop()
        self._housekeeping.stop()
        self._dispatcher.stop()
        if not self.intake.join(5.0):
            _log.warning("The intake is still busy")
        self._auditor.stop()
        self._orthanc.close()
        self._store.close()


def _owner(name: str, data_directory: Path) -> str:
    """What this node signs its leases with: the same after a restart, another than that of a node which
    happens to have the same name. Raises OSError."""
    data_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = data_directory / "node"
    if not file.exists():
        file.write_text(new_id(), encoding="ascii")
    return f"{name}-{file.read_text(encoding='ascii')}"
