"""Routes of policies."""

from router.administration.policies import PolicyAdministration
from router.api.http import ApiError, Request, Response, Route
from router.api.listing import listed, revision_wanted
from router.documents.policy import PolicyDraft
from router.store import Store


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
                query=("search", "enabled"),
            ),
            Route("POST", "/policies", self._create, "Make a policy", "edit", PolicyDraft),
            Route("GET", one, self._get, "One policy"),
            Route(
                "PUT",
                one,
                self._replace,
                "Save a policy; If-Match names the revision seen",
                "edit",
                PolicyDraft,
            ),
            Route("DELETE", one, self._delete, "Delete a policy; its revisions stay", "edit"),
            Route("POST", f"{one}/enable", self._enable, "Switch a policy on", "edit"),
            Route("POST", f"{one}/disable", self._disable, "Switch a policy off", "edit"),
            Route("GET", f"{one}/revisions", self._revisions, "All revisions, newest first"),
            Route("POST", f"{one}/restore", self._restore, 'Make {"revision": n} the current one', "edit"),
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
        return Response.of(self._administration.create(request.json(), request.user), 201)

    def _get(self, _request: Request, id: str) -> Response:
        return Response.of(self._store.policies.get(id))

    def _replace(self, request: Request, id: str) -> Response:
        return Response.of(
            self._administration.replace(id, request.json(), revision_wanted(request), request.user)
        )

    def _delete(self, request: Request, id: str) -> Response:
        self._administration.delete(id, revision_wanted(request))
        return Response(204)

    def _enable(self, request: Request, id: str) -> Response:
        return Response.of(self._administration.set_enabled(id, True, request.user))

    def _disable(self, request: Request, id: str) -> Response:
        return Response.of(self._administration.set_enabled(id, False, request.user))

    def _revisions(self, request: Request, id: str) -> Response:
        return listed(request, self._store.policies.revisions(id))

    def _restore(self, request: Request, id: str) -> Response:
        body = request.json()
        revision = body.get("revision") if isinstance(body, dict) else None
        if not isinstance(revision, int) or isinstance(revision, bool):
            raise ApiError.of_field("revision", "must be the number of a revision")
        return Response.of(self._administration.restore(id, revision, request.user))
