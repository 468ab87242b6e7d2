# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of policies."""

from typing import Any

from pydantic import Field

from router.actions import ACTIONS
from router.administration.policies import PolicyAdministration
from router.api.documents import DifferencesAnswer, DocumentRoutes, Remark, Restoration
from router.api.http import ApiError, Request, Response, Route, about_no_patient
from router.api.listing import Listed, listed
from router.documents.document import Document
from router.documents.policy import Policy, PolicyDraft
from router.review.policy_warning import PolicyWarning
from router.store import Store


class SavedPolicy(Policy):
    """A saved policy, and warnings about likely mistakes in it."""

    warnings: list[PolicyWarning]


class ActionTypeEntry(Document):
    """A type of action, for a page that edits policies."""

    #: The `type` of such an action in a policy.
    type: str
    #: In English: the name, the purpose, and what the action does; the destination's name follows that.
    label: str
    hint: str
    summary: str
    #: What the destination must accept; null for an action without a destination.
    needs: str | None
    #: The oldest version of Orthanc that can do it; empty where every version can.
    first_orthanc: str
    #: The JSON Schema of such an action.
    json_schema: dict[str, Any] = Field(alias="schema")


class PolicyRoutes(DocumentRoutes[Policy, PolicyDraft]):
    """Answers `/policies` and `/action-types`."""

    _administration: PolicyAdministration

    def __init__(self, store: Store, administration: PolicyAdministration) -> None:
        super().__init__(store.policies, administration)

    def routes(self) -> list[Route]:
        """The table."""
        one = "/policies/{id}"
        return [
            Route(
                "GET",
                "/action-types",
                self._action_types,
                "The types of actions, with the JSON Schema of each",
                about=about_no_patient,
                query=("limit", "offset"),
                answer=Listed[ActionTypeEntry],
            ),
            Route(
                "GET",
                "/policies",
                self._list,
                "All policies, in the order they are evaluated",
                query=("search", "enabled", "limit", "offset"),
                answer=Listed[Policy],
            ),
            Route(
                "POST",
                "/policies",
                self._create,
                "Make a policy",
                "edit",
                PolicyDraft,
                status=201,
                answer=SavedPolicy,
                errors=[409],
            ),
            Route("GET", one, self._get, "One policy", answer=Policy),
            Route(
                "PUT",
                one,
                self._replace,
                "Save a policy; If-Match names the revision seen",
                "edit",
                PolicyDraft,
                answer=SavedPolicy,
                errors=[409],
                takes_revision=True,
            ),
            Route(
                "DELETE",
                one,
                self._delete,
                "Delete a policy; its revisions stay",
                "edit",
                status=204,
                takes_revision=True,
            ),
            Route(
                "POST",
                f"{one}/enable",
                self._enable,
                "Switch a policy on",
                "edit",
                Remark,
                answer=SavedPolicy,
                errors=[409, 412],
                body_is_optional=True,
            ),
            Route(
                "POST",
                f"{one}/disable",
                self._disable,
                "Switch a policy off",
                "edit",
                Remark,
                answer=Policy,
                errors=[409, 412],
                body_is_optional=True,
            ),
            Route(
                "GET",
                f"{one}/revisions",
                self._revisions,
                "All revisions, newest first, also of a deleted policy",
                query=("limit", "offset"),
                answer=Listed[Policy],
            ),
            Route(
                "GET",
                f"{one}/differences",
                self._differences,
                "What is different between two revisions",
                query=("from", "to"),
                answer=DifferencesAnswer,
            ),
            Route(
                "POST",
                f"{one}/restore",
                self._restore,
                "Make a revision the current one",
                "edit",
                Restoration,
                answer=SavedPolicy,
                errors=[409, 412],
            ),
            Route(
                "POST",
                f"{one}/accept",
                self._accept,
                "Save it as it is, where it was changed outside the router",
                "edit",
                Remark,
                answer=SavedPolicy,
                errors=[409, 412],
            ),
        ]

    def _action_types(self, request: Request) -> Response:
        return listed(
            request,
            [
                ActionTypeEntry(
                    type=name,
                    label=one.label,
                    hint=one.hint,
                    summary=one.summary,
                    needs=one.needs,
                    first_orthanc=one.first_orthanc,
                    schema=one.model.model_json_schema(),
                )
                for name, one in ACTIONS.items()
            ],
        )

    def _list(self, request: Request) -> Response:
        policies = sorted(self._documents.all(), key=lambda policy: (policy.order, policy.name.casefold()))
        search = (request.value("search") or "").casefold()
        enabled = request.value("enabled")
        if enabled not in {None, "true", "false"}:
            raise ApiError.of_field("enabled", "must be true or false")
        return listed(
            request,
            [
                policy
                for policy in policies
                if search in f"{policy.name}\n{policy.description}".casefold()
                and enabled in {None, str(policy.enabled).lower()}
            ],
        )

    def _disable(self, request: Request, id: str) -> Response:
        return Response.of(self._switched(request, id, False))

    def _shown(self, document: Policy) -> Policy:
        return document

    def _saved(self, document: Policy, status: int = 200) -> Response:
        warnings = self._administration.warnings(document, document.id)
        return Response.of(SavedPolicy(**dict(document), warnings=warnings), status)
