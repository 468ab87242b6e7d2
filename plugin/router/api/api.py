# SPDX-License-Identifier: GPL-3.0-or-later
"""Joins all routes, and does what every request needs."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from router.actions.callback_token import UnknownToken
from router.administration.destinations import DestinationInUse
from router.administration.explaining import NoSuchResource
from router.api.access import Access
from router.api.http import ApiError, Refused, Request, Response, Route, Router, about_no_patient
from router.api.labels import Labels
from router.api.openapi import OpenApiDocument, openapi
from router.api.origin import Origins
from router.dispatch.callbacks import TokenSpent, TooEarly
from router.documents.invalid import Invalid
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.runs.administration import NotPossible
from router.secrets import SecretsUnreadable
from router.store import NameTaken, NotFound, RevisionConflict, StoreUnavailable

_log = logging.getLogger(__name__)

#: Default headers of every answer: only our own page may use it, a browser must not render it as a page, and
#: no cache may keep it.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Api:
    """Answers requests. May be called from any thread."""

    def __init__(
        self,
        routes: Sequence[Route],
        access: Access,
        origins: Origins,
        labels: Labels,
        refused: Callable[[Refused, Route], None] | None = None,
    ) -> None:
        """`refused` is called with each refused request."""
        described = Route(
            "GET",
            "/openapi.json",
            self._openapi,
            "This API as an OpenAPI document",
            about=about_no_patient,
            answer=OpenApiDocument,
        )
        self._router = Router([*routes, described])
        self._access = access
        self._origins = origins
        self._labels = labels
        self._refused = refused

    @property
    def routes(self) -> Sequence[Route]:
        """All routes."""
        return self._router.routes

    def answer(self, request: Request) -> Response:
        """Return the answer to a request. Turns every error into an answer; raises nothing."""
        try:
            response = self._answer(request)
        except Exception as error:  # noqa: BLE001 - there is nobody above to catch it
            response = _told(error).response()
        return replace(response, headers={**_HEADERS, **response.headers})

    def _answer(self, request: Request) -> Response:
        route, parameters = self._router.find(request)
        if len(request.body) > route.largest_body:
            most = route.largest_body // (1024 * 1024)
            raise ApiError(413, "too_large", f"The body is larger than {most} MB.")
        try:
            admitted = self._access.admit(request, route)
            # A route without a role uses no login that another site could misuse; callbacks have a secret
            # token.
            if route.role is not None:
                self._origins.check(admitted)
            admitted = self._labels.narrowed(admitted, route, parameters)
        except Refused as refused:
            if self._refused is not None:
                self._refused(refused, route)
            raise
        return route.handler(admitted, **parameters)

    def _openapi(self, _request: Request) -> Response:
        return Response.of(openapi(self._router.routes))


def _told(error: Exception) -> ApiError:
    """Return the answer for an error."""
    match error:
        case ApiError():
            return error
        case Invalid():
            return ApiError.of_fields(error.problems)
        case NotFound():
            return ApiError(404, "not_found", str(error) or "There is no such document.")
        case NotPossible():
            return ApiError(409, "not_possible", str(error))
        case NoSuchResource():
            return ApiError(404, "not_found", str(error))
        case UnknownToken():
            return ApiError(404, "unknown_token", f"{error}.")
        case TokenSpent():
            return ApiError(409, "token_spent", str(error))
        case TooEarly():
            return ApiError(503, "too_early", str(error))
        case NameTaken():
            return ApiError(409, "name_taken", "This name is taken.", [("name", "is taken")])
        case DestinationInUse():
            return ApiError(409, "in_use", str(error))
        case RevisionConflict():
            return ApiError(
                412,
                "revision_conflict",
                f"Somebody else has saved: it is at revision {error.current} now.",
                current=error.current,
            )
        case StoreUnavailable():
            return ApiError(503, "store_unavailable", f"The store is not available: {error}")
        case SecretsUnreadable():
            return ApiError(503, "secrets_unreadable", str(error))
        case OrthancError() | OrthancUnreachable():
            return ApiError(502, "orthanc_error", f"Orthanc says: {error}")
        case _:
            _log.error("A request could not be answered", exc_info=error)
            return ApiError(500, "internal_error", "The router has failed at this; Orthanc's log says more.")
