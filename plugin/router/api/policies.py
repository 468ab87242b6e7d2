"""Routes of policies."""

from router.administration.policies import PolicyAdministration
from router.api.http import ApiError, Request, Response, Route
from router.api.listing import Listed, listed
from router.api.revisions import Remark, Restoration, comment_of, compared, revision_wanted, told
from router.checks.policy_warning import PolicyWarning
from router.documents.invalid import validated
from router.documents.policy import Policy, PolicyDraft
from router.store import Store


class SavedPolicy(Policy):
    """A policy that has just been saved, and what is most likely not meant in it."""

    warnings: list[PolicyWarning]


class PolicyRoutes:
    """Answers `/policies`."""

    def __init__(self, store: Store, administration: PolicyAdministration) -> None:
        self._store = store
        self._administration = administration

    def routes(self) -> list[Route]:
        """The table."""
        one = "/policies/{id}"
        return [
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
        ]

    def _list(self, request: Request) -> Response:
        policies = sorted(
            self._store.policies.all(), key=lambda policy: (policy.order, policy.name.casefold())
        )
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

    def _create(self, request: Request) -> Response:
        return self._saved(self._administration.create(request.json(), request.actor), 201)

    def _get(self, _request: Request, id: str) -> Response:
        return Response.of(self._store.policies.get(id))

    def _replace(self, request: Request, id: str) -> Response:
        return self._saved(
            self._administration.replace(id, request.json(), revision_wanted(request), request.actor)
        )

    def _delete(self, request: Request, id: str) -> Response:
        self._administration.delete(id, revision_wanted(request), request.actor)
        return Response(204)

    def _enable(self, request: Request, id: str) -> Response:
        return self._saved(self._administration.set_enabled(id, True, request.actor, comment_of(request)))

    def _disable(self, request: Request, id: str) -> Response:
        return Response.of(self._administration.set_enabled(id, False, request.actor, comment_of(request)))

    def _revisions(self, request: Request, id: str) -> Response:
        return listed(request, self._store.policies.revisions(id))

    def _differences(self, request: Request, id: str) -> Response:
        before, after = compared(request)
        return told(before, after, self._administration.differences(id, before, after))

    def _restore(self, request: Request, id: str) -> Response:
        wanted = validated(Restoration, request.json())
        return self._saved(self._administration.restore(id, wanted.revision, request.actor, wanted.comment))

    def _saved(self, policy: Policy, status: int = 200) -> Response:
        warnings = self._administration.warnings(policy, policy.id)
        return Response.of(SavedPolicy(**dict(policy), warnings=warnings), status)
