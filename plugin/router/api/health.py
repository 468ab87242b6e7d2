# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that tell how the router is: health, and who is asking."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from router.api.health_answer import Health, HealthAtStart
from router.api.http import Request, Response, Route, about_no_patient
from router.health import HasHealth, together
from router.version import VERSION

#: In this order; what other parts say comes after it.
_DESCRIBED: Final = tuple(Health.__annotations__)


def user(request: Request) -> dict[str, Any]:
    """Who is asking, and what that person may do: `labels` are those of the studies that may be seen, where
    not all may."""
    told: dict[str, Any] = {"name": request.user, "roles": sorted(request.roles)}
    if request.user_id:
        told["id"] = request.user_id
    if request.labels is not None:
        told["labels"] = sorted(request.labels)
    return told


class HealthRoutes:
    """Answers `/health` with what the parts say of themselves. Nothing is written or asked of Orthanc."""

    def __init__(self, name: str, parts: Sequence[HasHealth], store_problem: Callable[[], str]) -> None:
        """`name` is this node's. `store_problem` tells why the store does not answer, empty where it does."""
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
