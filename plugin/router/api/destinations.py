"""Routes of destinations, their kinds, and the nodes that Orthanc's configuration names."""

from collections.abc import Callable

from router.administration.destinations import DestinationAdministration
from router.api.http import Request, Response, Route
from router.api.listing import listed, revision_wanted
from router.destinations import KINDS
from router.documents.destination import Destination, DestinationDraft
from router.orthanc_api import OrthancApi
from router.store import Store


class DestinationRoutes:
    """Answers `/destinations`, `/destination-kinds` and `/modalities`."""

    def __init__(
        self,
        store: Store,
        administration: DestinationAdministration,
        orthanc: OrthancApi,
        changed: Callable[[], None],
    ) -> None:
        """`changed` is called when a destination is not any more what it was."""
        self._changed = changed
        self._store = store
        self._administration = administration
        self._orthanc = orthanc

    def routes(self) -> list[Route]:
        """The table."""
        one = "/destinations/{id}"
        return [
            Route(
                "GET", "/destination-kinds", self._kinds, "The kinds, with the JSON Schema of their settings"
            ),
            Route("GET", "/modalities", self._modalities, "The DICOM nodes of Orthanc's configuration"),
            Route("GET", "/destinations", self._list, "All destinations by name", query=("search",)),
            Route("POST", "/destinations", self._create, "Make a destination", "edit", DestinationDraft),
            Route(
                "POST", "/destinations/test", self._test_draft, "Test before saving", "edit", DestinationDraft
            ),
            Route("GET", one, self._get, "One destination"),
            Route(
                "PUT", one, self._replace, "Save; If-Match names the revision seen", "edit", DestinationDraft
            ),
            Route("DELETE", one, self._delete, "Delete, unless something uses it", "edit"),
            Route("POST", f"{one}/test", self._test, "Test whether it can be reached", "operate"),
            Route("POST", f"{one}/enable", self._enable, "Resume", "operate"),
            Route("POST", f"{one}/disable", self._disable, "Pause: deliveries wait", "operate"),
        ]

    def _kinds(self, request: Request) -> Response:
        return listed(
            request,
            [
                {"kind": kind.name, "label": kind.label, "schema": kind.settings.model_json_schema()}
                for kind in KINDS.values()
            ],
        )

    def _modalities(self, request: Request) -> Response:
        return listed(
            request,
            [
                {"name": name, "aet": node.get("AET"), "host": node.get("Host"), "port": node.get("Port")}
                for name, node in self._orthanc.modalities().items()
                if not name.startswith("router-")
            ],
        )

    def _list(self, request: Request) -> Response:
        search = (request.value("search") or "").casefold()
        return listed(
            request, [one for one in self._store.destinations.all() if search in one.name.casefold()]
        )

    def _create(self, request: Request) -> Response:
        return self._saved(self._administration.create(request.json(), request.user), 201)

    def _get(self, _request: Request, id: str) -> Response:
        return Response.of(self._store.destinations.get(id))

    def _replace(self, request: Request, id: str) -> Response:
        return self._saved(
            self._administration.replace(id, request.json(), revision_wanted(request), request.user)
        )

    def _delete(self, request: Request, id: str) -> Response:
        self._administration.delete(id, revision_wanted(request))
        self._changed()
        return Response(204)

    def _test(self, _request: Request, id: str) -> Response:
        return Response.of(self._administration.test(id))

    def _test_draft(self, request: Request) -> Response:
        return Response.of(self._administration.test_draft(request.json()))

    def _enable(self, request: Request, id: str) -> Response:
        return self._saved(self._administration.set_enabled(id, True, request.user))

    def _disable(self, request: Request, id: str) -> Response:
        return self._saved(self._administration.set_enabled(id, False, request.user))

    def _saved(self, destination: Destination, status: int = 200) -> Response:
        self._changed()
        return Response.of(destination, status)
