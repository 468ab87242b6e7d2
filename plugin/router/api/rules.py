# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that help people to build and understand rules: evaluate, explain, tags, operators."""

from collections.abc import Mapping
from typing import Any, get_args

from router.administration.explaining import Evaluation, Explained, Explainer
from router.api.http import ApiError, Request, Response, Route, about_no_patient, about_path
from router.api.listing import Listed, listed
from router.clock import MACHINE_ZONE, Clock
from router.documents.document import Document
from router.documents.invalid import Invalid
from router.documents.policy import Level, Policy, StoredResource
from router.documents.repetition import Repetition
from router.repetitions import Repetitions
from router.rules import (
    Moment,
    OperatorEntry,
    Reading,
    RuleError,
    TagEntry,
    compile_rule,
    operators,
    search_tags,
)
from router.rules.node import conditions
from router.store import Store

_LEVELS: Mapping[str, Level] = {"instances": "instance", "series": "series", "studies": "study"}


#: Operators whose cost grows with the pattern as well as with the text.
_PATTERNS = frozenset({"matches", "not_matches"})
#: Characters of patterns multiplied by characters of the request: this takes about a second.
_MOST_WORK = 100_000_000


class Trial(Document):
    """A rule or a policy (a document, or the id of a stored one), and the tags or the stored resource to try
    it on.

    `level` is the level of a rule.
    """

    rule: Any = None
    policy: Any = None
    tags: dict[str, Any] | None = None
    resource: StoredResource | None = None
    level: Level = "study"


class ResourceExplanation(Explained):
    """An explanation, and the images of the study that came again and were not kept."""

    repeated: Repetition | None


class RuleRoutes:
    """Answers `/evaluate`, `/explain`, `/tags` and `/operators`."""

    def __init__(
        self, store: Store, explainer: Explainer, repetitions: Repetitions | None, clock: Clock
    ) -> None:
        self._store = store
        self._repetitions = repetitions
        self._explainer = explainer
        self._clock = clock

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "POST",
                "/evaluate",
                self._evaluate,
                "Try a rule or policy on tags or a stored resource",
                body=Trial,
                answer=Evaluation,
            ),
            Route(
                "GET",
                "/explain/{level}/{id}",
                self._explain,
                "Every policy's verdict on a stored resource, and why",
                about=about_path,
                answer=ResourceExplanation,
            ),
            Route(
                "GET",
                "/tags",
                self._tags,
                "Search the DICOM dictionary",
                query=("query", "limit", "offset"),
                about=about_no_patient,
                answer=Listed[TagEntry],
            ),
            Route(
                "GET",
                "/operators",
                self._operators,
                "The operators of conditions",
                query=("limit", "offset"),
                about=about_no_patient,
                answer=Listed[OperatorEntry],
            ),
        ]

    def _evaluate(self, request: Request) -> Response:
        body = request.json()
        if not isinstance(body, dict):
            raise ApiError.of_field("", "The body must be an object.")
        if len(body.keys() & {"rule", "policy"}) != 1:
            raise ApiError.of_field("rule", "give either a rule or a policy")
        if len(body.keys() & {"tags", "resource"}) != 1:
            raise ApiError.of_field("tags", "give either tags or a resource")
        rule, level = self._rule_of(body)
        if "resource" in body:
            level, identifier = _resource(body["resource"])
            return Response.of(self._explainer.evaluate(compiled(rule, level, "rule"), level, identifier))
        try:
            reading = Reading.of_document(body["tags"])
        except RuleError as error:
            raise Invalid((problem.path, problem.message) for problem in error.problems) from None
        asked = compiled(rule, level, "rule")
        work = len(request.body) * sum(
            len(str(condition.document.get("value")))
            for condition in conditions(asked.tree)
            if condition.operator.name in _PATTERNS
        )
        if work > _MOST_WORK:
            raise ApiError.of_field("tags", "They are too long for the regular expressions of this rule.")
        explained = asked.explain(reading, Moment(self._clock().astimezone(MACHINE_ZONE)))
        evaluation: Evaluation = {"matches": bool(explained["matches"]), "explanation": explained}
        return Response.of(evaluation)

    def _rule_of(self, body: dict[str, Any]) -> tuple[Any, Level]:
        if "rule" in body:
            level = body.get("level", "study")
            if level not in get_args(Level):
                raise ApiError.of_field("level", f"must be one of {', '.join(get_args(Level))}")
            return body["rule"], level
        if isinstance(body["policy"], str):
            policy: Policy = self._store.policies.get(body["policy"])
            return policy.rule, policy.trigger.level
        if isinstance(body["policy"], dict) and "rule" in body["policy"]:
            return body["policy"]["rule"], "study"
        raise ApiError.of_field("policy", "must be a policy's id or a policy document")

    def _explain(self, _request: Request, level: str, id: str) -> Response:
        if level not in _LEVELS:
            raise ApiError(404, "not_found", "Only instances, series and studies can be explained.")
        explained = self._explainer.explain(_LEVELS[level], id)
        study = explained["resource"].study
        repeated = self._repetitions.of_study(study) if self._repetitions is not None else None
        answer: ResourceExplanation = {**explained, "repeated": repeated}
        return Response.of(answer)

    def _tags(self, request: Request) -> Response:
        query = request.value("query") or ""
        found = search_tags(query, request.number("limit", 20, 200))
        return listed(request, found)

    def _operators(self, request: Request) -> Response:
        return listed(request, operators())


def compiled(rule: Any, level: Level, path: str) -> Any:
    """Return the compiled rule. Raises Invalid with paths below `path`."""
    try:
        return compile_rule(rule, level)
    except RuleError as error:
        raise Invalid(
            (f"{path}.{problem.path}" if problem.path else path, problem.message)
            for problem in error.problems
        ) from None


def _resource(resource: object) -> tuple[Level, str]:
    if isinstance(resource, dict) and resource.keys() == {"level", "id"}:
        level, identifier = resource["level"], resource["id"]
        if level in get_args(Level) and isinstance(identifier, str):
            return level, identifier
    raise ApiError.of_field(
        "resource", 'must be {"level": "instance", "series" or "study", "id": Orthanc\'s id}'
    )
