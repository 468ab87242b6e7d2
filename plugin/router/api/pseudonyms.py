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
                "The key table: the pseudonyms of these patients; recorded in the audit trail",
                "edit",
                KeyTableRequest,
                media_types=["application/json", "text/csv"],
            )
        ]

    def _table(self, request: Request) -> Response:
        asked = validated(KeyTableRequest, request.json())
        rows = self._key_table.rows(asked, request.actor)
        if asked.format == "json":
            return Response.of({"items": rows, "total": len(rows)})
        text = io.StringIO()
        writer = csv.DictWriter(text, ("patient_id", "issuer", "pseudonym"))
        writer.writeheader()
        writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
        headers = {"Content-Disposition": 'attachment; filename="pseudonyms.csv"'}
        return Response(200, text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", headers)
