"""Routes of the key table: which pseudonym stands for which patient."""

import csv
import io

from router.administration.key_table import KeyTable, KeyTableRequest
from router.api.http import Request, Response, Route
from router.audit import cell
from router.documents.invalid import validated


class PseudonymRoutes:
    """Answers `/pseudonyms`."""

    def __init__(self, table: KeyTable) -> None:
        self._key_table = table

    def routes(self) -> list[Route]:
        """The table."""
        # For those who may change transforms: it undoes what these do.
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
            )
        ]

    def _table(self, request: Request) -> Response:
        asked = validated(KeyTableRequest, request.json())
        portion = self._key_table.portion(asked, request.actor)
        if asked.format == "json":
            return Response.of(
                {
                    "items": portion.rows,
                    "total": portion.total,
                    "next_offset": portion.next_offset,
                    "without_identifier": portion.without_identifier,
                }
            )
        text = io.StringIO()
        writer = csv.DictWriter(text, ("patient_id", "issuer", "pseudonym"))
        writer.writeheader()
        writer.writerows({name: cell(value) for name, value in row.items()} for row in portion.rows)
        headers = {"Content-Disposition": 'attachment; filename="pseudonyms.csv"'}
        return Response(200, text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", headers)
