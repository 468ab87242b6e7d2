"""Routes that help people to write templates."""

from pydantic import Field

from router.administration.filling import Filling, Use
from router.api.http import Request, Response, Route
from router.documents.document import Document
from router.documents.invalid import validated
from router.documents.policy import StoredResource
from router.templates.language import LONGEST_TEMPLATE


class TemplateTrial(Document):
    """A template, and what to fill it in for."""

    template: str = Field(max_length=LONGEST_TEMPLATE)
    use: Use = "text"
    resource: StoredResource
    #: The name that the policy has, for templates that say it.
    policy: str = ""
    #: The project of the transform that the template is of.
    project: str = ""


class TemplateRoutes:
    """Answers `/templates/fill`."""

    def __init__(self, filling: Filling) -> None:
        self._filling = filling

    def routes(self) -> list[Route]:
        """The table."""
        # For those who may preview: a pseudonym tells who is who in what was sent de-identified.
        summary = "Fill a template in for something that is stored; nothing is sent"
        return [Route("POST", "/templates/fill", self._fill, summary, "operate", TemplateTrial)]

    def _fill(self, request: Request) -> Response:
        trial = validated(TemplateTrial, request.json())
        text = self._filling.fill(trial.template, trial.use, trial.resource, trial.policy, trial.project)
        return Response.of({"text": text})
