# SPDX-License-Identifier: GPL-3.0-or-later
"""Registers the router with Orthanc, starts it when Orthanc has started, and ends it with Orthanc."""

import logging
import threading
import warnings
from collections.abc import Callable

from router.api.access import Access
from router.api.api import Api
from router.api.health import user
from router.api.http import ApiError, Refused, Request, Response, Route, about_no_patient
from router.api.labels import Labels
from router.api.origin import Origins
from router.api.page import PageRoutes, is_page
from router.dispatch.connections import cut_outgoing_connections
from router.explorer import explorer_2_script, extend_explorers
from router.host import OrthancHost
from router.log import HostLog
from router.nodes import Identity
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.running import Running
from router.settings import Settings, SettingsError
from router.store import Store, StoreUnavailable, open_store

_log = logging.getLogger(__name__)

#: How long to wait before the store is opened again where it could not be.
_STORE_PAUSE_SECONDS = 2.0
#: How long stopping waits for answers to requests, such as the test of a destination.
_ANSWER_SECONDS = 2.0


def run_inside_orthanc() -> object:
    """Register with the Orthanc that loads this script; everything else follows from its calls.

    The caller keeps what this returns for as long as there is an interpreter: plugin 5.0 lets go of the
    callback for requests without the interpreter's lock, and where nobody else holds the callback, Orthanc
    ends with a segmentation fault.
    """
    host = OrthancHost()
    logging.basicConfig(handlers=[HostLog(host.log)], level=logging.INFO, force=True)
    # It warns of what it finds in images, with their values.
    logging.getLogger("pydicom").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pydicom")
    try:
        application = Application(host)
    except SettingsError as error:
        return _without_router(host, error)
    host.on_change(application.start, application.wake, application.forget, application.stop)
    application.notice_repetitions()
    host.serve(application.answer, application.answers_at_once, is_page)
    application.extend_explorers()
    return application


def _without_router(host: OrthancHost, error: SettingsError) -> object:
    """Let Orthanc receive without a router, and answer each request with the setting that cannot be used."""
    problem = f"The router does not start, because of its settings: {error}"
    _log.error("%s", problem)
    refusal = ApiError(503, "cannot_start", problem)
    problems = [{"code": refusal.code, "message": problem}]
    health = Response.of({"status": "degraded", "problems": problems}, 503)

    def answer(request: Request) -> Response:
        return health if request.path == "/health" else refusal.response()

    host.on_change(lambda: None, lambda _instance: None, lambda _instance: None, host.close)
    host.serve(answer, 1, lambda _request: True)
    return answer


class Application:
    """The router's life: waiting for Orthanc, waiting for the store, running, ending."""

    def __init__(self, host: OrthancHost) -> None:
        """Raises SettingsError."""
        self._host = host
        self._settings = Settings.of_configuration(host.configuration())
        page = PageRoutes(self._settings.router.page_directory, self._settings.router.public_url)
        self._page = page.routes()
        # It shows Orthanc no authorization but those of the people who ask.
        asking = self._orthanc("")
        self._access = Access(self._settings, asking.profile)
        self._labels = Labels(self._orthanc(host.authorization()), asking)
        self._api = self._api_of(
            [
                Route("GET", "/health", self._starting, "Whether it works", about=about_no_patient),
                *(
                    Route(method, "/{path:path}", self._not_yet, "All that comes later", role=None)
                    for method in ("GET", "POST", "PUT", "DELETE")
                ),
            ]
        )
        #: Why it does not work yet, or at all: code and message of the errors that answer what is asked.
        self._obstacle = "starting"
        self._problem = "The router is starting."
        self._identity: Identity | None = None
        self._running: Running | None = None
        self._notices_repetitions = False
        self._ending = threading.Event()
        self._starter = threading.Thread(target=self._start, name="router-start", daemon=True)

    @property
    def answers_at_once(self) -> int:
        """The number of requests that may be answered at the same time.

        They get three eighths of the web server's threads. Half are for deliveries that wait for a receiver,
        and the rest is for what both ask Orthanc in between.
        """
        return max(1, self._settings.http_threads * 3 // 8)

    def start(self) -> None:
        """Begin: Orthanc has started. Uses a thread of our own, because Orthanc waits for this call."""
        self._starter.start()

    def stop(self) -> None:
        """End all threads within seconds: Orthanc is stopping."""
        self._ending.set()
        self._host.close()
        if self._starter.ident is not None:
            self._starter.join(10.0)
        if self._running is not None:
            self._running.stop()
        if not self._host.join(_ANSWER_SECONDS):
            _log.warning("Answers that do not come are broken off")
            cut_outgoing_connections()

    def notice_repetitions(self) -> None:
        """Have Orthanc tell of images that come again and are not kept, where it can and drops them."""
        if not self._settings.overwrites:
            self._notices_repetitions = self._host.on_repetition(self._came_again)

    def extend_explorers(self) -> None:
        """Have Orthanc's own web interfaces lead to the page."""
        settings = self._settings
        extend_explorers(self._host, settings.explorer_2, embedded=settings.router.embed_in_explorer)

    def wake(self, instance: str) -> None:
        """A new instance has been stored."""
        if self._running is not None:
            self._running.intake.wake()
            if self._running.repetitions is not None:
                self._running.repetitions.is_new(instance)

    def forget(self, instance: str) -> None:
        """An instance has been deleted, or is overwritten."""
        if self._running is not None and self._settings.overwrite_instances:
            self._running.intake.deleted(instance)

    def _came_again(self, instance: str, aet: str, file: bytes | None) -> None:
        if self._running is not None and self._running.repetitions is not None:
            self._running.repetitions.came(instance, aet, file)

    def answer(self, request: Request) -> Response:
        """Answer a request to `/router`."""
        return self._api.answer(request)

    def _api_of(self, routes: list[Route], refused: Callable[[Refused, Route], None] | None = None) -> Api:
        settings = self._settings
        has_login = settings.authentication or settings.router.authorization_plugin
        origins = Origins(settings.router.public_url, has_login)
        return Api([*self._page, *routes], self._access, origins, self._labels, refused)

    def _orthanc(self, authorization: str) -> OrthancApi:
        settings = self._settings
        waiting = max(1, settings.http_threads // 2)
        return OrthancApi(
            settings.http_port,
            authorization,
            settings.tls,
            address=settings.http_address,
            waiting=waiting,
            storage_directory=settings.storage_directory,
        )

    def _starting(self, request: Request) -> Response:
        problems = [{"code": self._obstacle, "message": self._problem}]
        # Not 200: whoever looks at the status alone is not to take it for a router that works.
        return Response.of({"status": "degraded", "problems": problems, "user": user(request)}, 503)

    def _not_yet(self, _request: Request, path: str) -> Response:  # noqa: ARG002 - whatever it is
        raise ApiError(503, self._obstacle, self._problem)

    def _start(self) -> None:
        try:
            self._learn_about_orthanc()
            self._begin()
        except Exception as error:  # noqa: BLE001 - must not pass unseen: without a router nothing is routed
            _log.exception("The router cannot start")
            self._obstacle = "cannot_start"
            self._problem = f"The router cannot start ({type(error).__name__}); Orthanc's log says more"

    def _learn_about_orthanc(self) -> None:
        orthanc = self._orthanc(self._host.authorization())
        explorer_2 = self._settings.explorer_2 if self._settings.router.embed_in_explorer else ""
        try:
            self._host.queries_are_decoded = orthanc.decodes_queries()
            if explorer_2 and not orthanc.shows_in_explorer_2(explorer_2, explorer_2_script(explorer_2)):
                _log.warning(
                    "The menu of Orthanc Explorer 2 has no entry for the router, because Orthanc loads it"
                    " before the Python plugin: name the Python plugin first in Plugins"
                )
        except (OrthancError, OrthancUnreachable) as error:
            address = f"{self._settings.http_address}:{self._settings.http_port}"
            _log.error("Orthanc's web server cannot be used at %s: %s", address, error)
        finally:
            orthanc.close()

    def _opened(self) -> tuple[Running, Store]:
        """Return all parts on an open store. Raises StoreUnavailable, OSError."""
        settings = self._settings
        identity = self._identify()
        store = open_store(
            settings.router.mongo_uri or None,
            settings.router.mongo_database,
            settings.data_directory,
            settings.index.name or identity.identifier,
        )
        orthanc = self._orthanc(self._host.authorization())
        try:
            running = Running(
                settings,
                store,
                orthanc,
                identity.identifier,
                self._host.set_metric,
                notices_repetitions=self._notices_repetitions,
            )
            return running, store
        except (StoreUnavailable, OSError):
            store.close()
            raise

    def _begin(self) -> None:
        while not self._ending.is_set():
            try:
                running, store = self._opened()
            except (StoreUnavailable, OSError) as error:
                problem = f"The store is not available: {error}"
                if problem != self._problem:
                    _log.error("%s", problem)
                self._obstacle, self._problem = "store_unavailable", problem
                self._ending.wait(_STORE_PAUSE_SECONDS)
                continue
            self._running = running
            running.start()
            # Now that it is settled where the intake begins: whoever can make policies expects what comes in
            # afterwards to be routed.
            self._api = self._api_of(running.routes(), running.refusals.record)
            _log.info("The router runs on %s", store.describe())
            return

    def _identify(self) -> Identity:
        """Return the identity of this node. Raises OSError, StoreUnavailable."""
        if self._identity is None:
            folder = self._settings.data_directory
            try:
                self._identity = Identity(folder)
            except BlockingIOError:
                raise StoreUnavailable(
                    f"another Orthanc uses the folder {folder} (Router.DataDirectory); each needs its own"
                ) from None
        return self._identity
