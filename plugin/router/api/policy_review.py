# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that tell of a policy what would come of it, before it is saved or switched on."""

from router.administration.policies import Check, PolicyAdministration
from router.api.http import ApiError, Fault, Request, Response, Route
from router.documents.document import Document
from router.documents.policy import PolicyDraft
from router.review import CaseResult, PolicyWarning
from router.store import Store


class Draft(Document):
    """A policy that is to be looked at."""

    draft: PolicyDraft


class StoredOrDraft(Document):
    """What is to be looked at in the place of a stored policy; that policy itself where there is nothing."""

    draft: PolicyDraft | None = None


class CheckAnswer(Document):
    """What would come of saving a policy enabled, and what its own cases say."""

    ok: bool
    problems: list[Fault]
    warnings: list[PolicyWarning]
    cases: list[CaseResult]


class PolicyReviewRoutes:
    """Answers `/check` and `/policies/{id}/check`."""

    def __init__(self, store: Store, administration: PolicyAdministration) -> None:
        self._store = store
        self._administration = administration

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "POST",
                "/check",
                self._check_draft,
                "What is wrong or odd with a policy",
                body=Draft,
                answer=CheckAnswer,
            ),
            Route(
                "POST",
                "/policies/{id}/check",
                self._check,
                "What is wrong or odd with a policy, and what its cases say",
                body=StoredOrDraft,
                answer=CheckAnswer,
                body_is_optional=True,
            ),
        ]

    def _check_draft(self, request: Request) -> Response:
        return _told(self._administration.check(_draft(request)))

    def _check(self, request: Request, id: str) -> Response:
        stored = self._store.policies.get(id)
        draft = _draft(request) if request.body else None
        if draft is None:
            draft = stored.model_dump(mode="json")
        return _told(self._administration.check(draft, id))


def _draft(request: Request) -> object:
    """The policy in the body, as it is: what is wrong with it is part of the answer. Raises ApiError."""
    body = request.json()
    if not isinstance(body, dict) or body.keys() - {"draft"}:
        raise ApiError.of_field("", 'The body must be an object with a "draft".')
    return body.get("draft")


def _told(check: Check) -> Response:
    return Response.of(
        {
            "ok": check.ok,
            "problems": [{"path": path, "message": message} for path, message in check.problems],
            "warnings": check.warnings,
            "cases": check.cases,
        }
    )
