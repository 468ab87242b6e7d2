# SPDX-License-Identifier: GPL-3.0-or-later
"""The route of recent traffic: images received and sent."""

from typing import Annotated

from pydantic import Field

from router.api.http import Request, Response, Route, about_no_patient
from router.documents.document import Document, Instant
from router.traffic import SPAN_SECONDS, Traffic, began


class NodeName(Document):
    """The node that counted the images."""

    id: str
    name: str


class TrafficAnswer(Document):
    """The counts of this node during the last hour, or since its start."""

    node: NodeName
    #: When the first count begins; the others follow without a gap.
    since: Instant
    seconds: Annotated[int, Field(description="How long each count is of")] = SPAN_SECONDS
    received: list[int]
    #: Images that have arrived at destinations: an image for two destinations counts twice.
    sent: list[int]


class TrafficRoutes:
    """Answers `/traffic`."""

    def __init__(self, traffic: Traffic, node: NodeName) -> None:
        self._traffic = traffic
        self._node = node

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "GET",
                "/traffic",
                self._answer,
                "How many images came in and went out lately, at this node",
                about=about_no_patient,
                answer=TrafficAnswer,
            )
        ]

    def _answer(self, _request: Request) -> Response:
        spans = self._traffic.spans()
        return Response.of(
            TrafficAnswer(
                node=self._node,
                since=began(spans[0]),
                received=[span.received for span in spans],
                sent=[span.sent for span in spans],
            )
        )
