# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of lineage: the sources and the results of a resource."""

from collections.abc import Iterable, Mapping
from typing import Literal

from typing_extensions import TypedDict

from router.api.http import ApiError, Request, Response, Route, about_path
from router.documents.delivery import ActionReference, PolicyReference
from router.documents.lineage import Lineage, Place
from router.documents.policy import Level
from router.store import Lineages, Store

_LEVELS: Mapping[str, Level] = {"instances": "instance", "series": "series", "studies": "study"}

#: The most results in one answer; a larger graph is marked as incomplete.
_MOST = 10_000


class End(TypedDict):
    """A resource at one end of a step."""

    level: Level
    id: str


class LineageStep(TypedDict):
    """One step from a source to a result, for all instances of both."""

    source: End
    result: End
    policy: PolicyReference
    action: ActionReference
    #: The name of the service that made the result; None where the router made it.
    service: str | None
    delivery: str
    hops: int
    made_at: str
    instances: int


class LineageGraph(TypedDict):
    """All sources and all results of a stored resource, over all steps."""

    resource: End
    sources: list[LineageStep]
    results: list[LineageStep]
    #: False where there are more steps than one answer has.
    complete: bool


class LineageRoutes:
    """Answers `/lineage`."""

    def __init__(self, store: Store) -> None:
        self._lineages = store.lineages

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "GET",
                "/lineage/{level}/{id}",
                self._graph,
                "What a stored resource was made of, and what was made of it, over all steps",
                about=about_path,
                answer=LineageGraph,
            )
        ]

    def _graph(self, _request: Request, level: str, id: str) -> Response:
        if level not in _LEVELS:
            raise ApiError(404, "not_found", "Only instances, series and studies have a lineage.")
        sources, sources_left = _walk(self._lineages, "result", "source", _LEVELS[level], id)
        results, results_left = _walk(self._lineages, "source", "result", _LEVELS[level], id)
        graph: LineageGraph = {
            "resource": {"level": _LEVELS[level], "id": id},
            "sources": sources,
            "results": results,
            "complete": not (sources_left or results_left),
        }
        return Response.of(graph)


def _walk(
    lineages: Lineages,
    near: Literal["source", "result"],
    far: Literal["source", "result"],
    level: Level,
    identifier: str,
) -> tuple[list[LineageStep], bool]:
    """Return all steps from a resource in one direction, and whether some are missing (over `_MOST`)."""
    edges: dict[tuple[object, ...], LineageStep] = {}
    seen = {identifier}
    ahead = [identifier]
    left = _MOST
    while ahead:
        found = lineages.find(near, level, ahead, left + 1)
        if len(found) > left:
            return _ordered(edges.values()), True
        left -= len(found)
        ahead = []
        for one in found:
            source, result = _at(one.source, level), _at(one.result, level)
            key = (source["id"], result["id"], one.policy.id, one.policy.revision, one.action.id)
            edge = edges.setdefault(key, _edge(one, source, result))
            edge["instances"] += 1
            next_one = (source if far == "source" else result)["id"]
            if next_one not in seen:
                seen.add(next_one)
                ahead.append(next_one)
    return _ordered(edges.values()), False


def _at(place: Place, level: Level) -> End:
    """Return the resource of this level that contains a place; a whole series or study stays as it is."""
    if level == "study" or (level == "series" and not place.series):
        return {"level": "study", "id": place.study}
    if level == "series" or place.level == "series":
        return {"level": "series", "id": place.series}
    return {"level": place.level, "id": place.id}


def _edge(lineage: Lineage, source: End, result: End) -> LineageStep:
    return {
        "source": source,
        "result": result,
        "policy": lineage.policy,
        "action": lineage.action,
        "service": lineage.service,
        "delivery": lineage.delivery,
        "hops": lineage.hops,
        "made_at": lineage.model_dump(mode="json")["made_at"],
        "instances": 0,
    }


def _ordered(edges: Iterable[LineageStep]) -> list[LineageStep]:
    return sorted(edges, key=lambda edge: (edge["hops"], edge["made_at"], edge["result"]["id"]))
