# SPDX-License-Identifier: GPL-3.0-or-later
"""The route that makes a policy's case from a stored resource."""

from typing import Any

from router.administration.case_making import CaseMaker, MadeCase, NoCase
from router.api.http import ApiError, Request, Response, Route
from router.api.rules import compiled
from router.documents.document import Document
from router.documents.invalid import validated
from router.documents.policy import StoredResource


class WantedCase(Document):
    """The resource to make a case from, and the rule whose tags the case needs."""

    resource: StoredResource
    rule: dict[str, Any] | None = None


class CaseRoutes:
    """Answers `/cases`."""

    def __init__(self, maker: CaseMaker) -> None:
        self._maker = maker

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "POST",
                "/cases",
                self._make,
                "A policy's case of something stored, without what identifies the patient",
                body=WantedCase,
                answer=MadeCase,
            )
        ]

    def _make(self, request: Request) -> Response:
        wanted = validated(WantedCase, request.json())
        rule = None if wanted.rule is None else compiled(wanted.rule, "study", "rule")
        try:
            return Response.of(self._maker.make(wanted.resource, rule))
        except NoCase as error:
            raise ApiError.of_field("resource", str(error)) from error
