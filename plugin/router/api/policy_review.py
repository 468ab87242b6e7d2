# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that check a policy before it is saved or enabled."""

from router.administration.policies import Check, PolicyAdministration
from router.api.http import ApiError, Fault, Request, Response, Route
from router.documents.document import Document
from router.documents.policy import PolicyDraft
from router.review import CaseResult, PolicyWarning
from router.store import Store


class Draft(Document):
    """A policy to check."""

    draft: PolicyDraft


class StoredOrDraft(Document):
    """A draft to check in place of a stored policy; without a draft, the stored policy is checked."""

    draft: PolicyDraft | None = None


class CheckAnswer(Document):
    """The result of checking a policy as if it were saved enabled, and the results of its cases."""

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
    """Return the policy in the body, unchecked: its faults are part of the answer. Raises ApiError."""
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
