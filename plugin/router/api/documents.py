# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes that policies and destinations have in common: each save is a revision, with a comment."""

from abc import ABC, abstractmethod
from typing import Generic

from pydantic import Field

from router.administration.documents import DocumentAdministration, Draft
from router.api.http import ApiError, Request, Response
from router.api.listing import listed
from router.documents.differences import Difference
from router.documents.document import Comment, Document
from router.documents.invalid import validated
from router.store import Documents, DocumentType

_MOST_REVISIONS = 10**9


class Remark(Document):
    """The reason for a change of a document."""

    comment: Comment = ""


class Restoration(Remark):
    """The revision to make the current one again."""

    revision: int = Field(ge=1, le=2**31, strict=True)


class DifferencesAnswer(Document):
    """The differences between two revisions."""

    before: int = Field(serialization_alias="from")
    after: int = Field(serialization_alias="to")
    differences: list[Difference]


class DocumentRoutes(ABC, Generic[DocumentType, Draft]):
    """Handles requests for documents of one kind; each kind has its own table of routes."""

    def __init__(
        self,
        documents: Documents[DocumentType],
        administration: DocumentAdministration[DocumentType, Draft],
    ) -> None:
        self._documents: Documents[DocumentType] = documents
        self._administration: DocumentAdministration[DocumentType, Draft] = administration

    def _create(self, request: Request) -> Response:
        return self._saved(self._administration.create(request.json(), request.actor), 201)

    def _get(self, _request: Request, id: str) -> Response:
        return Response.of(self._shown(self._documents.get(id)))

    def _replace(self, request: Request, id: str) -> Response:
        return self._saved(
            self._administration.replace(id, request.json(), revision_wanted(request), request.actor)
        )

    def _delete(self, request: Request, id: str) -> Response:
        self._administration.delete(id, revision_wanted(request), request.actor)
        return Response(204)

    def _enable(self, request: Request, id: str) -> Response:
        return self._saved(self._switched(request, id, True))

    def _disable(self, request: Request, id: str) -> Response:
        return self._saved(self._switched(request, id, False))

    def _revisions(self, request: Request, id: str) -> Response:
        return listed(request, [self._shown(one) for one in self._documents.revisions(id)])

    def _differences(self, request: Request, id: str) -> Response:
        before, after = _compared(request)
        differences = self._administration.differences(id, before, after)
        return Response.of(DifferencesAnswer(before=before, after=after, differences=differences))

    def _restore(self, request: Request, id: str) -> Response:
        wanted = validated(Restoration, request.json())
        return self._saved(self._administration.restore(id, wanted.revision, request.actor, wanted.comment))

    def _accept(self, request: Request, id: str) -> Response:
        return self._saved(self._administration.accept(id, request.actor, _comment_of(request)))

    def _switched(self, request: Request, id: str, enabled: bool) -> DocumentType:
        return self._administration.set_enabled(id, enabled, request.actor, _comment_of(request))

    @abstractmethod
    def _shown(self, document: DocumentType) -> object:
        """Return a document as the API shows it."""

    @abstractmethod
    def _saved(self, document: DocumentType, status: int = 200) -> Response:
        """Return the answer to a save."""


def _comment_of(request: Request) -> str:
    """Return the comment in the body; empty where there is no body. Raises ApiError, Invalid."""
    return validated(Remark, request.json()).comment if request.body else ""


def revision_wanted(request: Request) -> int | None:
    """Return the revision in `If-Match: "3"`; None for `*` or no such header. Raises ApiError."""
    text = request.headers.get("if-match", "").strip()
    if text in {"", "*"}:
        return None
    number = text.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdecimal():
        wanted = 'the revision in quotes, such as "3"'
        raise ApiError(
            400, "invalid_if_match", f"If-Match takes {wanted}.", [("If-Match", f"must be {wanted}")]
        )
    return int(number)


def _compared(request: Request) -> tuple[int, int]:
    """Return the revisions in the parameters `from` and `to`. Raises ApiError."""
    for name in ("from", "to"):
        if request.value(name) is None:
            raise ApiError.of_field(name, "must be the number of a revision")
    return request.number("from", 0, _MOST_REVISIONS), request.number("to", 0, _MOST_REVISIONS)
