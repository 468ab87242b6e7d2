# SPDX-License-Identifier: GPL-3.0-or-later
"""The route of the router's health; the answer also describes the user."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from router.api.health_answer import Health, HealthAtStart
from router.api.http import Request, Response, Route, about_no_patient
from router.health import HasHealth, together
from router.version import VERSION

#: The order of the answer's fields; other fields come after these.
_DESCRIBED: Final = tuple(Health.__annotations__)


def user(request: Request) -> dict[str, Any]:
    """Return the user's name, roles and id. `labels` names the labels of the studies that the user may see;
    it is absent where the user may see all."""
    told: dict[str, Any] = {"name": request.user, "roles": sorted(request.roles)}
    if request.user_id:
        told["id"] = request.user_id
    if request.labels is not None:
        told["labels"] = sorted(request.labels)
    return told


class HealthRoutes:
    """Answers `/health` from the health of all parts. Writes nothing, and asks Orthanc nothing."""

    def __init__(self, name: str, parts: Sequence[HasHealth], store_problem: Callable[[], str]) -> None:
        """`name`: this node's. `store_problem` returns why the store does not answer; empty where it
        answers."""
        self._name = name
        self._parts = parts
        self._store_problem = store_problem

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "GET",
                "/health",
                self._health,
                "Whether it works, and what is wrong",
                about=about_no_patient,
                answer=Health,
                other_answers={503: HealthAtStart},
            )
        ]

    def _health(self, request: Request) -> Response:
        health = together(self._parts, store_answers=not self._store_problem())
        told: dict[str, Any] = {
            "status": "degraded" if health.problems else "warning" if health.warnings else "ok",
            "name": self._name,
            "version": VERSION,
            "problems": health.problems,
            "warnings": health.warnings,
            "user": user(request),
            **health.answer,
        }
        described = {name: told[name] for name in _DESCRIBED if name in told}
        return Response.of(described | told)
