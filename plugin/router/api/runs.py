# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that begin runs, list them and control them."""

from typing import Any, get_args

from pydantic import Field

from router.api.http import ApiError, Request, Response, Route
from router.api.listing import LARGEST_PAGE, Listed
from router.api.run_answers import DeliveringRun, PreviewRun, ShownRun, ShownRunStudy, SimulationRun
from router.documents.document import Document
from router.documents.invalid import validated
from router.documents.run import (
    DraftPreviewRequest,
    DraftSimulationRequest,
    PreviewRequest,
    ReplayRequest,
    RouteRequest,
    Run,
    RunKind,
    RunState,
    SimulationRequest,
)
from router.runs.administration import RunAdministration
from router.store import Finding, RunFilter, Store

#: The fields of a run's study that the answer shows.
_TOLD = {"resource", "verdict", "change", "reason", "instances", "matching_instances", "bytes"}


class CancelRequest(Document):
    """A request to cancel a run."""

    #: Whether the run's open deliveries are cancelled as well.
    deliveries: bool = Field(default=True)


def _about_named(request: Request) -> list[str] | None:
    """Return the resources to route by hand; None where they cannot be told from the body."""
    body = _body(request)
    given = body.get("resources") if isinstance(body, dict) else None
    resources = given if isinstance(given, list) else [given]
    named = [one.get("id") if isinstance(one, dict) else one for one in resources]
    found = [one for one in named if isinstance(one, str)]
    # An invalid entry gives None, so that the request is refused: the resources are not known.
    return found if len(found) == len(named) else None


class RunRoutes:
    """Answers `/runs`, and the routes that begin a run."""

    def __init__(self, store: Store, administration: RunAdministration) -> None:
        self._store = store
        self._administration = administration

    def routes(self) -> list[Route]:
        """The table."""
        one = "/runs/{id}"
        return [
            Route(
                "POST",
                "/policies/{id}/preview",
                self._preview,
                "What a policy, a revision or a draft of it would do with what is stored",
                "operate",
                PreviewRequest,
                status=202,
                answer=PreviewRun,
                body_is_optional=True,
            ),
            Route(
                "POST",
                "/preview",
                self._preview_draft,
                "What a policy that is not saved would do with what is stored",
                "operate",
                DraftPreviewRequest,
                status=202,
                answer=PreviewRun,
            ),
            Route(
                "POST",
                "/policies/{id}/simulate",
                self._simulate,
                "What a policy or a draft of it would have made of what came in lately",
                "operate",
                SimulationRequest,
                status=202,
                answer=SimulationRun,
                body_is_optional=True,
            ),
            Route(
                "POST",
                "/simulate",
                self._simulate_draft,
                "What a policy that is not saved would have made of what came in lately",
                "operate",
                DraftSimulationRequest,
                status=202,
                answer=SimulationRun,
            ),
            Route(
                "POST",
                "/policies/{id}/replay",
                self._replay,
                "Have a policy do what it would do with what is stored",
                "operate",
                ReplayRequest,
                status=202,
                answer=DeliveringRun,
                body_is_optional=True,
            ),
            Route(
                "POST",
                "/route",
                self._route,
                "Send stored resources to a destination by hand, or through a policy's actions",
                "operate",
                about=_about_named,
                body=RouteRequest,
                status=202,
                answer=DeliveringRun,
            ),
            Route(
                "GET",
                "/runs",
                self._list,
                "Runs, newest first",
                query=("kind", "state", "policy", "limit", "offset"),
                answer=Listed[ShownRun],
            ),
            Route(
                "GET",
                one,
                self._get,
                "One run with its progress and its report",
                about=self._about,
                answer=ShownRun,
            ),
            Route(
                "GET",
                f"{one}/studies",
                self._studies,
                "What a run has found of each study",
                query=("verdict", "limit", "offset"),
                answer=Listed[ShownRunStudy],
            ),
            Route(
                "POST",
                f"{one}/pause",
                self._pause,
                "Let a run rest",
                "operate",
                answer=ShownRun,
                errors=[409],
            ),
            Route(
                "POST",
                f"{one}/resume",
                self._resume,
                "Have a run go on",
                "operate",
                answer=ShownRun,
                errors=[409],
            ),
            Route(
                "POST",
                f"{one}/cancel",
                self._cancel,
                "End a run, and its open deliveries",
                "operate",
                CancelRequest,
                answer=ShownRun,
                errors=[409],
                body_is_optional=True,
            ),
            Route(
                "DELETE", one, self._delete, "Forget a run that is over", "operate", status=204, errors=[409]
            ),
        ]

    def _about(self, _request: Request, id: str) -> list[str] | None:
        """Return the resources of a run by hand; None for other runs, which are about all studies.

        Raises NotFound.
        """
        run = self._store.runs.get(id)
        if run.kind != "route":
            return None
        return [resource.id for resource in RouteRequest.model_validate(run.request).resources]

    def _preview(self, request: Request, id: str) -> Response:
        return self._begun(self._administration.preview(id, _body(request), request.actor))

    def _preview_draft(self, request: Request) -> Response:
        return self._begun(self._administration.preview_draft(_body(request), request.actor))

    def _simulate(self, request: Request, id: str) -> Response:
        return self._begun(self._administration.simulate(id, _body(request), request.actor))

    def _simulate_draft(self, request: Request) -> Response:
        return self._begun(self._administration.simulate_draft(_body(request), request.actor))

    def _replay(self, request: Request, id: str) -> Response:
        return self._begun(self._administration.replay(id, _body(request), request.actor))

    def _route(self, request: Request) -> Response:
        return self._begun(self._administration.route(_body(request), request.actor))

    def _list(self, request: Request) -> Response:
        limit = request.number("limit", 100, LARGEST_PAGE)
        offset = request.number("offset", 0, 10**9)
        kinds: list[RunKind] = [
            kind for kind in get_args(RunKind) if kind in _among(request, "kind", get_args(RunKind))
        ]
        states = [RunState(text) for text in _among(request, "state", [*RunState])]
        wanted = RunFilter(frozenset(kinds), frozenset(states), request.value("policy"))
        found, total = self._store.runs.find(wanted, limit, offset)
        return Response.of({"items": [self._told(run) for run in found], "total": total})

    def _get(self, _request: Request, id: str) -> Response:
        return Response.of(self._told(self._store.runs.get(id)))

    def _studies(self, request: Request, id: str) -> Response:
        limit = request.number("limit", 100, LARGEST_PAGE)
        offset = request.number("offset", 0, 10**9)
        finding: Finding | None = None
        for one in get_args(Finding):
            if one in _among(request, "verdict", get_args(Finding)):
                finding = one
        self._store.runs.get(id)
        found, total = self._store.runs.studies(id, finding, limit, offset)
        items = [study.model_dump(mode="json", include=_TOLD) for study in found]
        return Response.of({"items": items, "total": total})

    def _pause(self, request: Request, id: str) -> Response:
        return Response.of(self._told(self._administration.pause(id, request.actor)))

    def _resume(self, request: Request, id: str) -> Response:
        return Response.of(self._told(self._administration.resume(id, request.actor)))

    def _cancel(self, request: Request, id: str) -> Response:
        asked = validated(CancelRequest, _body(request))
        return Response.of(self._told(self._administration.cancel(id, asked.deliveries, request.actor)))

    def _delete(self, _request: Request, id: str) -> Response:
        self._administration.delete(id)
        return Response(204)

    def _begun(self, run: Run) -> Response:
        return Response.of(self._told(run), 202)

    def _told(self, run: Run) -> dict[str, Any]:
        told = run.model_dump(mode="json", exclude={"node", "cancels_deliveries"})
        if run.kind in {"replay", "route"}:
            told["deliveries"] = self._store.deliveries.counts_of_run(run.id)
        return told


def _body(request: Request) -> Any:
    """Return the body as JSON; an empty object where there is no body. Raises ApiError."""
    return request.json() if request.body else {}


def _among(request: Request, name: str, known: list[Any] | tuple[Any, ...]) -> list[str]:
    """Return the values of a query parameter. Raises ApiError for an unknown value."""
    values = request.values(name)
    if any(value not in known for value in values):
        raise ApiError.of_field(name, f"must be one of {', '.join(known)}")
    return values
