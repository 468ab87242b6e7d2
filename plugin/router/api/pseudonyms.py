# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of pseudonyms: the key table, and the lists of codes, which take precedence over pseudonyms."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from router.administration.code_lists import CodeListAdministration
from router.administration.key_table import KeyTable, KeyTableRequest, Portion
from router.api.http import Request, Response, Route
from router.api.listing import Listed
from router.audit import cell
from router.documents.code_list import CodeList, CodeListDraft, CodeListImported, OfProject
from router.documents.document import Comment
from router.documents.invalid import validated

#: In bytes: enough for the longest list, with long identifiers.
_LARGEST_LIST = 16 * 1024 * 1024


class Undoing(OfProject):
    """The project whose list to set back to the former one."""

    comment: Comment = ""


class PseudonymRoutes:
    """Answers `/pseudonyms`."""

    def __init__(self, table: KeyTable, lists: CodeListAdministration) -> None:
        self._key_table = table
        self._lists = lists

    def routes(self) -> list[Route]:
        """The table."""
        # For editors: pseudonyms undo the de-identification that transforms do.
        lists = "/pseudonyms/lists"
        return [
            Route(
                "POST",
                "/pseudonyms",
                self._table,
                "The key table: the pseudonyms of these patients, or of those of all stored studies;"
                " recorded in the audit trail",
                "edit",
                KeyTableRequest,
                media_types=["application/json", "text/csv"],
                answer=Portion,
            ),
            Route(
                "GET",
                lists,
                self._listed,
                "Which projects have a list of codes, and what becomes of others; nothing of any patient",
                answer=Listed[CodeList],
            ),
            Route(
                "POST",
                lists,
                self._import,
                "Import the list of codes of a project, or look what that would do",
                "edit",
                CodeListDraft,
                answer=CodeListImported,
                errors=[404, 412],
                largest_body=_LARGEST_LIST,
            ),
            Route(
                "POST",
                f"{lists}/undo",
                self._undo,
                "Have the list of codes again that the current one has replaced",
                "edit",
                Undoing,
                answer=CodeList,
                errors=[404, 412],
            ),
            Route(
                "POST",
                f"{lists}/export",
                self._export,
                "A project's list of codes as CSV; recorded in the audit trail",
                "edit",
                OfProject,
                media_types=["text/csv"],
                errors=[404],
            ),
            Route(
                "DELETE",
                f"{lists}/{{project:path}}",
                self._delete,
                "Take a list of codes away for good; of a destination's own, the project is @destination, a"
                " space and the destination's id",
                "edit",
                status=204,
                errors=[404, 412],
            ),
        ]

    def _table(self, request: Request) -> Response:
        asked = validated(KeyTableRequest, request.json())
        portion = self._key_table.portion(asked, request.actor)
        if asked.format == "json":
            return Response.of(portion)
        rows = map(asdict, portion.items)
        return _csv("pseudonyms", ("patient_id", "issuer", "pseudonym"), rows)

    def _listed(self, _request: Request) -> Response:
        found = self._lists.all()
        return Response.of({"items": found, "total": len(found)})

    def _import(self, request: Request) -> Response:
        return Response.of(self._lists.save(validated(CodeListDraft, request.json()), request.actor))

    def _undo(self, request: Request) -> Response:
        asked = validated(Undoing, request.json())
        return Response.of(self._lists.undo(asked, asked.comment, request.actor))

    def _export(self, request: Request) -> Response:
        codes = self._lists.exported(validated(OfProject, request.json()), request.actor)
        rows = ({name: "" if value is None else value for name, value in code} for code in codes)
        return _csv("codes", ("patient_id", "issuer", "code", "name", "shift_days"), rows)

    def _delete(self, request: Request, project: str) -> Response:
        self._lists.delete(project, request.actor)
        return Response(204)


def _csv(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Response:
    """Return a CSV table whose cells no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(200, text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", headers)
