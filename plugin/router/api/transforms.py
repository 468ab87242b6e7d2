"""Routes that help people to write transforms."""

from pydantic import Field

from router.actions.changing import with_new_uids
from router.administration.before_and_after import BeforeAndAfter, Compared
from router.administration.redaction_library import LibraryEntry, RedactionLibrary
from router.api.http import Request, Response, Route
from router.api.listing import Listed
from router.documents.document import Document
from router.documents.invalid import validated
from router.documents.policy import StoredResource
from router.documents.transform import Transform


class TransformTrial(Document):
    """A transform, and an image to try it on."""

    transform: Transform
    resource: StoredResource
    #: Which image of the resource, counted from 0; null means the one in the middle.
    position: int | None = Field(default=None, ge=0)
    #: Whether the result would be stored here (action `modify`), and not only sent.
    stored: bool = False
    #: The id of the destination that the action sends to.
    destination: str = ""


class TransformRoutes:
    """Answers `/transforms/try` and `/redactions`."""

    def __init__(self, before_and_after: BeforeAndAfter, library: RedactionLibrary) -> None:
        self._before_and_after = before_and_after
        self._library = library

    def routes(self) -> list[Route]:
        """The table."""
        # For those who may preview: it tells who is who in what was sent de-identified.
        summary = "Tags and pixels of a stored image before and after a transform; nothing is sent"
        library = "Redactions to take over: what is shipped, and what other policies name"
        return [
            Route("POST", "/transforms/try", self._try, summary, "operate", TransformTrial, answer=Compared),
            Route("GET", "/redactions", self._redactions, library, answer=Listed[LibraryEntry]),
        ]

    def _redactions(self, _request: Request) -> Response:
        entries = self._library.entries()
        return Response.of({"items": entries, "total": len(entries)})

    def _try(self, request: Request) -> Response:
        trial = validated(TransformTrial, request.json())
        transform = with_new_uids(trial.transform) if trial.stored else trial.transform
        answer = self._before_and_after.of(transform, trial.resource, trial.position, trial.destination)
        return Response.of(answer)
