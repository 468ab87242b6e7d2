# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of the audit trail."""

from router.api.http import ApiError, Request, Response, Route
from router.api.listing import LARGEST_PAGE, Listed, Totals, moment
from router.audit import Audit, Verification, table
from router.documents.audit import AuditEntry
from router.store import AuditFilter, Store

_FILTERS = ("event", "actor", "object", "search", "outcome", "since", "until")

#: Entries in one file: more would take too much of Orthanc's memory.
_LARGEST_EXPORT = 100_000
#: Entries that one request verifies: this takes a few seconds.
_LONGEST_STRETCH = 50_000


class AuditRoutes:
    """Answers `/audit`."""

    def __init__(self, store: Store, audit: Audit) -> None:
        self._store = store
        self._audit = audit
        self._totals = Totals[AuditFilter]()

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "GET",
                "/audit",
                self._list,
                "Who did what, and to which patient's data; newest first",
                by_study=True,
                query=(*_FILTERS, "limit", "offset"),
                answer=Listed[AuditEntry],
            ),
            Route(
                "GET",
                "/audit/export",
                self._export,
                "The entries that the filters leave as one file, oldest first",
                query=("format", *_FILTERS),
                media_types=["text/csv", "application/json"],
                answer=list[AuditEntry],
            ),
            Route(
                "GET",
                "/audit/verify",
                self._verify,
                "Whether every entry is as it was written; of a long trail a stretch, and where to go on",
                query=("after",),
                answer=Verification,
            ),
        ]

    def _list(self, request: Request) -> Response:
        limit = request.number("limit", 100, LARGEST_PAGE)
        offset = request.number("offset", 0, 10**9)
        wanted = _filter(request)
        self._settle()
        items, total = self._totals.page(self._store.audit.find, wanted, limit, offset)
        return Response.of({"items": items, "total": total})

    def _export(self, request: Request) -> Response:
        format = request.value("format") or "csv"
        if format not in {"csv", "json"}:
            raise ApiError.of_field("format", "must be csv or json")
        wanted = _filter(request)
        self._settle()
        total = self._store.audit.find(wanted, 0)[1]
        if total > _LARGEST_EXPORT:
            raise ApiError.of_field(
                "since",
                f"These are {total} entries, and a file has {_LARGEST_EXPORT} at most: take less time",
            )
        asked = ", ".join(f"{name} {value}" for name in _FILTERS if (value := request.value(name)))
        self._audit.record("audit.exported", request.actor, f"{total} entries ({asked or 'all'})")
        entries, _ = self._store.audit.find(wanted, _LARGEST_EXPORT)
        entries.reverse()
        disposition = {"Content-Disposition": f'attachment; filename="audit.{format}"'}
        if format == "csv":
            # Excel needs the byte order mark to read the file as UTF-8.
            return Response(200, table(entries).encode("utf-8-sig"), "text/csv; charset=utf-8", disposition)
        return Response.of(entries, headers=disposition)

    def _verify(self, request: Request) -> Response:
        after = request.number("after", 0, 10**15)
        self._settle()
        return Response.of(self._audit.verified(after, _LONGEST_STRETCH))

    def _settle(self) -> None:
        """Bring the trail up to date, so that the answer contains all acts up to now."""
        while self._audit.settle():
            pass


def _filter(request: Request) -> AuditFilter:
    """Return the store's filter for the query. Raises ApiError."""
    outcome = request.value("outcome")
    if outcome not in {None, "success", "failure"}:
        raise ApiError.of_field("outcome", "must be success or failure")
    texts = {name: request.value(name) for name in ("event", "actor", "object", "search")}
    since, until = (
        moment(name, text) if (text := request.value(name)) else None for name in ("since", "until")
    )
    studies = None if request.studies is None else frozenset(request.studies.items())
    return AuditFilter(**texts, outcome=outcome, since=since, until=until, studies=studies)
