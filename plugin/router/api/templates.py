# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that help people to write templates."""

from inspect import getdoc, signature

from pydantic import Field

from router.administration.filling import Filling, Use
from router.api.http import Request, Response, Route, about_no_patient
from router.api.listing import Listed, listed
from router.documents.document import Document
from router.documents.invalid import validated
from router.documents.policy import StoredResource
from router.templates.language import FILTERS, LONGEST_TEMPLATE


class TemplateTrial(Document):
    """A template, and the stored resource to fill it in for."""

    template: str = Field(max_length=LONGEST_TEMPLATE)
    use: Use = "text"
    resource: StoredResource
    #: The name of the policy, for templates that contain it.
    policy: str = ""
    #: The project of the template's transform.
    project: str = ""


class TemplateFilter(Document):
    """A filter that a template can apply to a value: `{{ StudyDate | date }}`."""

    name: str = Field(json_schema_extra={"enum": [*FILTERS]})
    #: The filter's arguments after the value, in order: `{{ PatientID | replace(old, new) }}`.
    arguments: list[str]
    #: In English.
    documentation: str


class FilledTemplate(Document):
    """The text of a filled-in template."""

    text: str


class TemplateRoutes:
    """Answers `/templates/fill` and `/template-filters`."""

    def __init__(self, filling: Filling) -> None:
        self._filling = filling

    def routes(self) -> list[Route]:
        """The table."""
        # For operators, as previews are: a pseudonym could identify patients in de-identified images.
        summary = "Fill a template in for something that is stored; nothing is sent"
        return [
            Route(
                "POST",
                "/templates/fill",
                self._fill,
                summary,
                "operate",
                TemplateTrial,
                answer=FilledTemplate,
            ),
            Route(
                "GET",
                "/template-filters",
                self._filters,
                "What templates can do to a value",
                about=about_no_patient,
                query=("limit", "offset"),
                answer=Listed[TemplateFilter],
            ),
        ]

    def _fill(self, request: Request) -> Response:
        trial = validated(TemplateTrial, request.json())
        text = self._filling.fill(trial.template, trial.use, trial.resource, trial.policy, trial.project)
        return Response.of(FilledTemplate(text=text))

    def _filters(self, request: Request) -> Response:
        return listed(
            request,
            [
                TemplateFilter(
                    name=name,
                    arguments=[*signature(function).parameters][1:],
                    documentation=getdoc(function) or "",
                )
                for name, function in FILTERS.items()
            ],
        )
