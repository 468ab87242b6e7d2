# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of the recent activity of policies."""

from router.api.http import Request, Response, Route
from router.api.listing import Listed
from router.clock import Clock
from router.documents.activity import Activity
from router.store import Store


class ActivityRoutes:
    """Answers `/policies/activity`. Must come before the routes of policies: `activity` could be a policy's
    id."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "GET",
                "/policies/activity",
                self._activity,
                "How often each policy fired lately, and when",
                answer=Listed[Activity],
            )
        ]

    def _activity(self, _request: Request) -> Response:
        policies = [policy.id for policy in self._store.policies.all()]
        items = self._store.deliveries.activity(policies, self._clock())
        return Response.of({"items": items, "total": len(items)})
