# SPDX-License-Identifier: GPL-3.0-or-later
"""The route by which services call back."""

from router.api.http import Request, Response, Route
from router.dispatch.callbacks import Callback, Callbacks
from router.documents.delivery import State
from router.documents.document import Document
from router.documents.invalid import validated


class Received(Document):
    """The delivery that the token belongs to, and its state now."""

    delivery: str
    state: State


class CallbackRoutes:
    """Answers `/callbacks`. The token names the delivery and proves that the caller may report on it.

    The call carries no results: a service stores them in Orthanc before it calls.
    """

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks

    def routes(self) -> list[Route]:
        """The table."""
        summary = "What came of a delivery that a service has taken (HTTP 202)"
        return [
            Route(
                "POST",
                "/callbacks/{token}",
                self._receive,
                summary,
                None,
                Callback,
                answer=Received,
                errors=[409],
            )
        ]

    def _receive(self, request: Request, token: str) -> Response:
        callback = validated(Callback, request.json())
        delivery = self._callbacks.receive(token, callback)
        return Response.of(Received(delivery=delivery.id, state=delivery.state))
