# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that export and import policies and destinations as one document."""

from collections.abc import Callable

from pydantic import Field, model_validator

from router.administration.exporting import exported
from router.administration.importing import Change, Importing
from router.api.http import ApiError, Request, Response, Route
from router.audit import Audit
from router.documents.document import Comment, Document
from router.documents.invalid import Invalid, validated
from router.documents.routing_document import RoutingDocument
from router.documents.yaml_text import NotYaml, read_yaml, write_yaml
from router.review import PolicyWarning
from router.store import Store


class Import(Document):
    """The document to import; with `dry_run`, nothing is saved."""

    document: RoutingDocument | None = None
    #: The document as YAML text, in place of `document`.
    yaml: str | None = Field(default=None, min_length=1)
    dry_run: bool = False
    comment: Comment = ""

    @model_validator(mode="after")
    def _is_one_document(self) -> "Import":
        if (self.document is None) == (self.yaml is None):
            raise ValueError("give either a document or yaml")
        return self


class Imported(Document):
    """The changes of an import, or those that it would make."""

    dry_run: bool
    changes: list[Change]
    warnings: list[PolicyWarning]


class ExchangeRoutes:
    """Answers `/export` and `/import`."""

    def __init__(
        self, store: Store, importing: Importing, audit: Audit, destinations_changed: Callable[[], None]
    ) -> None:
        self._store = store
        self._importing = importing
        self._audit = audit
        self._destinations_changed = destinations_changed

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "GET",
                "/export",
                self._export,
                "All policies and destinations by name, without secrets, as JSON or YAML",
                query=("format",),
                media_types=["application/json", "application/yaml"],
                answer=RoutingDocument,
            ),
            Route(
                "POST",
                "/import",
                self._import,
                "Save policies and destinations by name",
                "edit",
                Import,
                answer=Imported,
            ),
        ]

    def _export(self, request: Request) -> Response:
        form = request.value("format") or "json"
        if form not in {"json", "yaml"}:
            raise ApiError.of_field("format", "must be json or yaml")
        self._audit.record("documents.exported", request.actor)
        document = exported(self._store.destinations.all(), self._store.policies.all())
        if form == "json":
            return Response.of(document)
        return Response(200, write_yaml(document.model_dump(mode="json")).encode(), "application/yaml")

    def _import(self, request: Request) -> Response:
        wanted = validated(Import, request.json())
        plan = self._importing.plan(_document(wanted), request.actor, wanted.comment)
        if not wanted.dry_run:
            self._audit.record("documents.imported", request.actor, wanted.comment)
            self._importing.carry_out(plan)
            self._destinations_changed()
        return Response.of({"dry_run": wanted.dry_run, "changes": plan.changes, "warnings": plan.warnings})


def _document(wanted: Import) -> RoutingDocument:
    if wanted.document is not None:
        return wanted.document
    assert wanted.yaml is not None
    try:
        return validated(RoutingDocument, read_yaml(wanted.yaml))
    except NotYaml as error:
        raise Invalid([("yaml", str(error))]) from None
