# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of destinations, their kinds, and the nodes that Orthanc's configuration names."""

from collections.abc import Callable
from typing import Any

from pydantic import Field

from router.administration.destinations import DestinationAdministration, TestResult, shown
from router.administration.fitness import usable_by
from router.api.documents import DifferencesAnswer, DocumentRoutes, Remark, Restoration
from router.api.http import ApiError, Request, Response, Route, about_no_patient
from router.api.listing import Listed, listed
from router.destinations import KINDS, DestinationUnavailable
from router.destinations.host_key import HostKey
from router.documents.destination import Destination, DestinationDraft
from router.documents.document import Document
from router.documents.invalid import validated
from router.orthanc_api import OrthancApi
from router.store import Store


class SshServer(Document):
    """An SSH server to read the host key of."""

    host: str = Field(min_length=1)
    port: int = Field(default=22, ge=1, le=65535)


class ShownDestination(Destination):
    """A destination without its secrets, but with the names of the secrets that are set."""

    secrets_set: list[str]


class ShownKind(Document):
    """A kind of destinations."""

    kind: str = Field(json_schema_extra={"enum": [*KINDS]})
    label: str
    #: The types of the actions that can use it.
    actions: list[str]
    #: The JSON Schema of its settings.
    schema_of_settings: dict[str, Any] = Field(serialization_alias="schema")


class Modality(Document):
    """A DICOM node that Orthanc knows by this name."""

    name: str
    aet: str
    host: str
    port: int


class DestinationRoutes(DocumentRoutes[Destination, DestinationDraft]):
    """Answers `/destinations`, `/destination-kinds` and `/modalities`."""

    _administration: DestinationAdministration

    def __init__(
        self,
        store: Store,
        administration: DestinationAdministration,
        orthanc: OrthancApi,
        changed: Callable[[], None],
    ) -> None:
        """`changed` is called after a change of a destination."""
        super().__init__(store.destinations, administration)
        self._changed = changed
        self._orthanc = orthanc

    def routes(self) -> list[Route]:
        """The table."""
        one = "/destinations/{id}"
        return [
            Route(
                "GET",
                "/destination-kinds",
                self._kinds,
                "The kinds, with the JSON Schema of their settings",
                about=about_no_patient,
                query=("limit", "offset"),
                answer=Listed[ShownKind],
            ),
            Route(
                "GET",
                "/modalities",
                self._modalities,
                "The DICOM nodes of Orthanc's configuration",
                about=about_no_patient,
                query=("limit", "offset"),
                answer=Listed[Modality],
            ),
            Route(
                "GET",
                "/destinations",
                self._list,
                "All destinations by name",
                about=about_no_patient,
                query=("search", "limit", "offset"),
                answer=Listed[ShownDestination],
            ),
            Route(
                "POST",
                "/destinations",
                self._create,
                "Make a destination",
                "edit",
                DestinationDraft,
                status=201,
                answer=ShownDestination,
                errors=[409],
            ),
            Route(
                "POST",
                "/destinations/test",
                self._test_draft,
                "Test before saving",
                "edit",
                DestinationDraft,
                answer=TestResult,
            ),
            Route(
                "POST",
                "/destinations/test-image",
                self._draft_test_image,
                "Send a made-up image to a destination before it is saved",
                "edit",
                DestinationDraft,
                answer=TestResult,
            ),
            Route(
                "POST",
                "/destinations/host-key",
                self._host_key,
                "The key that an SSH server shows, to be compared with its fingerprint and pinned",
                "edit",
                SshServer,
                answer=HostKey,
            ),
            Route(
                "GET",
                one,
                self._get,
                "One destination, without its secrets",
                answer=ShownDestination,
                about=about_no_patient,
            ),
            Route(
                "PUT",
                one,
                self._replace,
                "Save; If-Match names the revision seen",
                "edit",
                DestinationDraft,
                answer=ShownDestination,
                errors=[409],
                takes_revision=True,
            ),
            Route(
                "DELETE",
                one,
                self._delete,
                "Delete, unless something uses it",
                "edit",
                status=204,
                errors=[409],
                takes_revision=True,
            ),
            Route(
                "POST",
                f"{one}/test",
                self._test,
                "Test whether it can be reached",
                "operate",
                answer=TestResult,
            ),
            Route(
                "POST",
                f"{one}/test-image",
                self._test_image,
                "Send it a made-up image, as a delivery would",
                "operate",
                answer=TestResult,
            ),
            Route(
                "POST",
                f"{one}/enable",
                self._enable,
                "Resume",
                "operate",
                Remark,
                answer=ShownDestination,
                errors=[409, 412],
                body_is_optional=True,
            ),
            Route(
                "POST",
                f"{one}/disable",
                self._disable,
                "Pause: deliveries wait",
                "operate",
                Remark,
                answer=ShownDestination,
                errors=[409, 412],
                body_is_optional=True,
            ),
            Route(
                "GET",
                f"{one}/revisions",
                self._revisions,
                "All revisions, newest first",
                query=("limit", "offset"),
                answer=Listed[ShownDestination],
            ),
            Route(
                "GET",
                f"{one}/differences",
                self._differences,
                "What is different between two revisions; secrets are never shown",
                query=("from", "to"),
                answer=DifferencesAnswer,
            ),
            Route(
                "POST",
                f"{one}/restore",
                self._restore,
                "Make a revision the current one",
                "edit",
                Restoration,
                answer=ShownDestination,
                errors=[409, 412],
            ),
            Route(
                "POST",
                f"{one}/accept",
                self._accept,
                "Save it as it is, where it was changed outside the router",
                "edit",
                Remark,
                answer=ShownDestination,
                errors=[409, 412],
            ),
        ]

    def _kinds(self, request: Request) -> Response:
        return listed(
            request,
            [
                ShownKind(
                    kind=kind.name,
                    label=kind.label,
                    actions=usable_by(kind),
                    schema_of_settings=kind.settings.model_json_schema(),
                )
                for kind in KINDS.values()
            ],
        )

    def _modalities(self, request: Request) -> Response:
        return listed(
            request,
            [
                Modality(name=name, aet=node["AET"], host=node["Host"], port=node["Port"])
                for name, node in self._orthanc.modalities().items()
                if not name.startswith("router-")
            ],
        )

    def _list(self, request: Request) -> Response:
        search = (request.value("search") or "").casefold()
        found = [one for one in self._documents.all() if search in one.name.casefold()]
        return listed(request, [shown(one) for one in found])

    def _delete(self, request: Request, id: str) -> Response:
        answer = super()._delete(request, id)
        self._changed()
        return answer

    def _test(self, _request: Request, id: str) -> Response:
        return Response.of(self._administration.test(id))

    def _test_draft(self, request: Request) -> Response:
        return Response.of(self._administration.test_draft(request.json(), request.actor))

    def _test_image(self, request: Request, id: str) -> Response:
        return Response.of(self._administration.send_test_image(id, request.actor))

    def _draft_test_image(self, request: Request) -> Response:
        return Response.of(self._administration.send_draft_test_image(request.json(), request.actor))

    def _host_key(self, request: Request) -> Response:
        server = validated(SshServer, request.json())
        try:
            return Response.of(self._administration.host_key(server.host, server.port, request.actor))
        except DestinationUnavailable as error:
            raise ApiError.of_field("host", str(error)) from error

    def _shown(self, document: Destination) -> dict[str, Any]:
        return shown(document)

    def _saved(self, document: Destination, status: int = 200) -> Response:
        self._changed()
        return Response.of(shown(document), status)
