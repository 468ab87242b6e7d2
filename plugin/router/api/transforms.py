# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that help people to write transforms."""

from typing import Final

from pydantic import Field

from router.actions.changing import with_new_uids
from router.administration.before_and_after import BeforeAndAfter, Compared
from router.administration.device_library import DeviceLibraryAdministration
from router.administration.redaction_library import LibraryEntry, RedactionLibrary
from router.api.documents import Restoration, revision_wanted
from router.api.http import Request, Response, Route
from router.api.listing import Listed
from router.documents.device_library import DeviceLibrary, DeviceLibraryDraft
from router.documents.document import Document
from router.documents.invalid import validated
from router.documents.policy import StoredResource
from router.documents.transform import Transform

_OF_SERVER: Final = DeviceLibrary.model_fields.keys() - DeviceLibraryDraft.model_fields.keys()


class TransformTrial(Document):
    """A transform, and an image to try it on."""

    transform: Transform
    resource: StoredResource
    #: Which image of the resource, counted from 0; null: the middle one.
    position: int | None = Field(default=None, ge=0)
    #: Whether the result would be stored here (action `modify`), not only sent.
    stored: bool = False
    #: The id of the destination that the action sends to.
    destination: str = ""


class TransformRoutes:
    """Answers `/transforms/try`, `/redactions` and `/devices`."""

    def __init__(
        self,
        before_and_after: BeforeAndAfter,
        library: RedactionLibrary,
        devices: DeviceLibraryAdministration,
    ) -> None:
        self._before_and_after = before_and_after
        self._library = library
        self._devices = devices

    def routes(self) -> list[Route]:
        """The table."""
        # For operators, as previews are: it could identify patients in de-identified images.
        summary = "Tags and pixels of a stored image before and after a transform; nothing is sent"
        library = "Redactions to take over: what is shipped, and what other policies name"
        return [
            Route("POST", "/transforms/try", self._try, summary, "operate", TransformTrial, answer=Compared),
            Route("GET", "/redactions", self._redactions, library, answer=Listed[LibraryEntry]),
            Route(
                "GET",
                "/devices",
                self._shown,
                "The library of devices, to which transforms refer by redact_devices",
                answer=DeviceLibrary,
            ),
            Route(
                "PUT",
                "/devices",
                self._save,
                "Save the library of devices anew; all transforms that refer to it follow",
                "edit",
                DeviceLibraryDraft,
                answer=DeviceLibrary,
                takes_revision=True,
            ),
            Route(
                "POST",
                "/devices/restore",
                self._restore,
                "Make a former revision of the library of devices the current one; the last 20 are kept",
                "edit",
                Restoration,
                answer=DeviceLibrary,
                errors=[404],
            ),
        ]

    def _shown(self, _request: Request) -> Response:
        return Response.of(self._devices.current())

    def _save(self, request: Request) -> Response:
        document = request.json()
        if isinstance(document, dict):
            # An exported library can be saved unchanged: the fields that the server sets are dropped.
            document = {name: one for name, one in document.items() if name not in _OF_SERVER}
        draft = validated(DeviceLibraryDraft, document)
        return Response.of(self._devices.save(draft, revision_wanted(request), request.actor))

    def _restore(self, request: Request) -> Response:
        asked = validated(Restoration, request.json())
        return Response.of(self._devices.restore(asked.revision, asked.comment, request.actor))

    def _redactions(self, _request: Request) -> Response:
        entries = self._library.entries()
        return Response.of({"items": entries, "total": len(entries)})

    def _try(self, request: Request) -> Response:
        trial = validated(TransformTrial, request.json())
        transform = with_new_uids(trial.transform) if trial.stored else trial.transform
        answer = self._before_and_after.of(transform, trial.resource, trial.position, trial.destination)
        return Response.of(answer)
