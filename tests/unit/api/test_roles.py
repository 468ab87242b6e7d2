# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what: the table, how people come by their roles, and that nobody gets one by a trick."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.api.access import Access
from router.api.api import Api
from router.api.http import Refused, Request, Response, Role, Route
from router.api.labels import Labels
from router.api.origin import Origins
from router.orthanc_api import OrthancApi
from router.settings import Settings, SettingsError
from servers.orthanc_in_memory import OrthancInMemory

#: Every route of the router, by who may ask it. Editors may what operators may, operators what readers may.
WHO_MAY = {
    "whoever Orthanc lets in": """
        GET    /app
        GET    /app/{place:path}
        POST   /callbacks/{token}
    """,
    "readers": """
        GET    /action-types
        GET    /audit
        GET    /audit/export
        GET    /audit/verify
        GET    /deliveries
        GET    /deliveries/{id}
        GET    /destination-kinds
        GET    /devices
        GET    /destinations
        GET    /destinations/{id}
        GET    /destinations/{id}/differences
        GET    /destinations/{id}/revisions
        POST   /cases
        POST   /check
        POST   /evaluate
        GET    /export
        GET    /explain/{level}/{id}
        GET    /health
        GET    /lineage/{level}/{id}
        GET    /modalities
        GET    /nodes
        GET    /openapi.json
        GET    /operators
        GET    /policies
        GET    /policies/activity
        GET    /policies/{id}
        GET    /policies/{id}/differences
        GET    /policies/{id}/revisions
        GET    /pseudonyms/lists
        GET    /redactions
        POST   /policies/{id}/check
        GET    /runs
        GET    /runs/{id}
        GET    /runs/{id}/studies
        GET    /tags
        GET    /template-filters
        GET    /traffic
    """,
    "operators": """
        POST   /deliveries/cancel
        POST   /deliveries/retry
        POST   /deliveries/{id}/cancel
        POST   /deliveries/{id}/retry
        POST   /policies/{id}/preview
        POST   /policies/{id}/replay
        POST   /policies/{id}/simulate
        POST   /simulate
        POST   /preview
        POST   /route
        DELETE /runs/{id}
        POST   /runs/{id}/cancel
        POST   /runs/{id}/pause
        POST   /runs/{id}/resume
        POST   /destinations/{id}/disable
        POST   /destinations/{id}/enable
        POST   /destinations/{id}/test
        POST   /destinations/{id}/test-image
        POST   /nodes/{id}/drain
        POST   /nodes/{id}/resume
        DELETE /nodes/{id}
        POST   /templates/fill
        POST   /transforms/try
    """,
    "editors": """
        PUT    /devices
        POST   /devices/restore
        POST   /destinations
        POST   /destinations/host-key
        POST   /destinations/test
        POST   /destinations/test-image
        POST   /destinations/{id}/accept
        POST   /destinations/{id}/restore
        PUT    /destinations/{id}
        DELETE /destinations/{id}
        POST   /import
        POST   /policies
        PUT    /policies/{id}
        DELETE /policies/{id}
        POST   /policies/{id}/accept
        POST   /policies/{id}/disable
        POST   /policies/{id}/enable
        POST   /policies/{id}/restore
        POST   /pseudonyms
        POST   /pseudonyms/lists
        POST   /pseudonyms/lists/export
        POST   /pseudonyms/lists/undo
        DELETE /pseudonyms/lists/{project:path}
    """,
}

#: Of these people, each belongs to what is named and to what comes before it.
PEOPLE = {
    "stranger": "whoever Orthanc lets in",
    "rita": "readers",
    "otto": "operators",
    "edda": "editors",
}
GROUPS = list(WHO_MAY)
ROUTES = [(group, *line.split()) for group, lines in WHO_MAY.items() for line in lines.strip().splitlines()]
ROLES = {"Editors": ["edda"], "Operators": ["otto"], "Readers": ["rita"]}


def settings(router: dict[str, object], **orthanc: object) -> Settings:
    """The settings of an Orthanc that is open to the network and asks for a login."""
    configuration = {"RemoteAccessAllowed": True, "RegisteredUsers": {"admin": "secret"}, "Router": router}
    return Settings.of_configuration(json.dumps(configuration | orthanc))


def access(settings: Settings) -> Access:
    """Where there is no authorization plugin."""
    return Access(settings, lambda _headers: None)


def allowed(settings: Settings, user: str = "", headers: dict[str, str] | None = None) -> set[Role]:
    """What somebody may do who comes with this login and these headers."""
    request = Request("GET", "/app", headers=headers or {}, user=user)
    route = Route("GET", "/app", lambda _request: Response(), "", None)
    return set(access(settings).admit(request, route).roles)


def name(settings: Settings, user: str = "", headers: dict[str, str] | None = None) -> str:
    """Who that is."""
    request = Request("GET", "/app", headers=headers or {}, user=user)
    return access(settings).admit(request, Route("GET", "/app", lambda _request: Response(), "", None)).user


class TestTable:
    def test_every_route_is_in_it(self, table: list[Route]) -> None:
        api = Api(table, access(settings({})), Origins(""), Labels(OrthancApi(1, ""), OrthancApi(1, "")))
        assert sorted((route.method, route.pattern) for route in api.routes) == sorted(
            (method, pattern) for _, method, pattern in ROUTES
        )

    @pytest.mark.parametrize(("group", "method", "pattern"), ROUTES)
    def test_who_may_ask(self, table: list[Route], group: str, method: str, pattern: str) -> None:
        mute = [replace(route, handler=lambda _request, **_parameters: Response()) for route in table]
        api = Api(
            mute,
            access(settings({"Roles": ROLES})),
            Origins(""),
            Labels(OrthancApi(1, ""), OrthancApi(1, "")),
        )
        path = pattern.replace("{place:path}", "x").replace("{id}", "1").replace("{level}", "studies")
        path = path.replace("{token}", "t")
        headers = {"x-requested-with": "test"}
        answers = {
            person: api.answer(Request(method, path, headers=headers, user=person)).status == 200
            for person in PEOPLE
        }
        assert answers == {person: GROUPS.index(own) >= GROUPS.index(group) for person, own in PEOPLE.items()}

    def test_a_refusal_says_why_and_does_nothing(self) -> None:
        done: list[Request] = []

        def handler(request: Request) -> Response:
            done.append(request)
            return Response()

        route = Route("POST", "/policies", handler, "", "edit")
        api = Api(
            [route],
            access(settings({"Roles": ROLES})),
            Origins(""),
            Labels(OrthancApi(1, ""), OrthancApi(1, "")),
        )
        refused = api.answer(Request("POST", "/policies", user="otto"))
        assert (refused.status, done) == (403, [])
        error = json.loads(refused.body)["error"]
        assert error["code"] == "not_allowed"
        assert "editors" in error["message"]
        assert "otto" in error["message"]
        assert "Router.Roles" in error["message"]


class TestByDefault:
    """Where `Router.Roles` is missing."""

    def test_the_only_user_may_do_all(self) -> None:
        assert allowed(settings({}), "admin") == {"read", "operate", "edit"}
        assert allowed(settings({}), "other") == set()

    def test_of_several_users_each_may_look(self) -> None:
        several = settings({}, RegisteredUsers={"admin": "a", "modality": "b"})
        assert allowed(several, "admin") == allowed(several, "modality") == {"read"}
        assert allowed(several, "other") == set()

    def test_without_a_login_everybody_on_this_machine_may_do_all(self) -> None:
        assert allowed(settings({}, RemoteAccessAllowed=False)) == {"read", "operate", "edit"}

    def test_without_a_login_nobody_from_another_machine_may_anything(self) -> None:
        assert allowed(settings({}, AuthenticationEnabled=False)) == set()

    def test_who_comes_without_a_name_where_one_is_asked_for_may_nothing(self) -> None:
        assert allowed(settings({})) == set()


class TestRoles:
    def test_who_is_not_named_may_nothing(self) -> None:
        assert allowed(settings({"Roles": {"Readers": ["rita"]}}), "admin") == set()

    def test_of_several_the_highest_counts(self) -> None:
        assert allowed(settings({"Roles": {"Editors": ["edda"], "Readers": ["*", "edda"]}}), "edda") == {
            "read",
            "operate",
            "edit",
        }

    def test_a_star_is_whoever_orthanc_lets_in(self) -> None:
        everybody = settings({"Roles": {"Operators": ["*"]}}, AuthenticationEnabled=False)
        assert allowed(everybody) == {"read", "operate"}
        assert allowed(settings({"Roles": {"Readers": ["*"]}}), "other") == {"read"}

    def test_names_are_taken_as_they_are(self) -> None:
        for other in ("Edda", "edda ", "edd", ""):
            assert allowed(settings({"Roles": ROLES}), other) == set()

    def test_a_name_that_nobody_has_checked_is_none(self) -> None:
        unchecked = settings({"Roles": ROLES}, AuthenticationEnabled=False)
        assert allowed(unchecked, "edda") == set()
        assert name(unchecked, "edda") == ""

    @pytest.mark.parametrize("wrong", [{"Editor": ["a"]}, {"Editors": "a"}, {"Editors": [1]}])
    def test_what_makes_no_sense_is_refused_by_its_name(self, wrong: dict[str, object]) -> None:
        with pytest.raises(SettingsError, match=r"Router\.Roles\.Editor"):
            settings({"Roles": wrong})


class TestProxy:
    """A reverse proxy that knows who is asking."""

    proxied = settings(
        {
            "Roles": {"Editors": ["group:pacs-admins"], "Operators": ["otto"], "Readers": ["*"]},
            "Proxy": {
                "OrthancUser": "proxy",
                "UserHeader": "X-Forwarded-User",
                "GroupsHeader": "X-Forwarded-Groups",
            },
        },
        RegisteredUsers={"proxy": "a", "rita": "b"},
    )

    def test_its_headers_say_who_is_asking(self) -> None:
        assert name(self.proxied, "proxy", {"x-forwarded-user": "otto"}) == "otto"
        assert allowed(self.proxied, "proxy", {"x-forwarded-user": "otto"}) == {"read", "operate"}

    def test_and_in_which_groups(self) -> None:
        headers = {"x-forwarded-user": "edda", "x-forwarded-groups": "staff, pacs-admins"}
        assert allowed(self.proxied, "proxy", headers) == {"read", "operate", "edit"}
        assert allowed(self.proxied, "proxy", {**headers, "x-forwarded-groups": "staff"}) == {"read"}

    def test_the_same_headers_from_anybody_else_say_nothing(self) -> None:
        headers = {"x-forwarded-user": "otto", "x-forwarded-groups": "pacs-admins"}
        assert name(self.proxied, "rita", headers) == "rita"
        assert allowed(self.proxied, "rita", headers) == {"read"}
        assert allowed(self.proxied, "", headers) == {"read"}

    def test_without_a_name_it_is_nobody(self) -> None:
        for headers in ({}, {"x-forwarded-user": " "}, {"x-forwarded-groups": "pacs-admins"}):
            assert allowed(self.proxied, "proxy", headers) == set()

    @pytest.mark.parametrize("trick", ["group:pacs-admins", "*"])
    def test_a_name_that_looks_like_a_group_is_none(self, trick: str) -> None:
        assert allowed(self.proxied, "proxy", {"x-forwarded-user": trick}) == {"read"}

    def test_it_needs_logins(self) -> None:
        with pytest.raises(SettingsError, match=r"Router\.Proxy"):
            settings({"Proxy": {"OrthancUser": "proxy", "UserHeader": "X-User"}}, AuthenticationEnabled=False)


class TestAuthorizationPlugin:
    """Orthanc's own, which knows people by a token."""

    plugged = settings(
        {
            "Roles": {
                "Editors": ["group:pacs-admins", "permission:admin"],
                "Operators": ["id:7d1f", "otto", "group:/radiographers"],
                "Readers": ["permission:view"],
            },
            "AuthorizationPlugin": True,
        },
        AuthenticationEnabled=False,
        Authorization={"TokenHttpHeaders": ["Api-Key"]},
    )
    route = Route("GET", "/policies", lambda _request: Response(), "")

    def asked(self, profile: dict[str, object] | None, headers: dict[str, str] | None = None) -> Request:
        """The request as it is admitted, where the plugin tells this profile."""
        self.shown: list[Mapping[str, str]] = []

        def told(headers: Mapping[str, str]) -> dict[str, object] | None:
            self.shown.append(headers)
            return profile

        request = Request("GET", "/policies", headers=headers or {}, user="edda")
        try:
            return Access(self.plugged, told).admit(request, self.route)
        except Refused as refused:
            return refused.request

    @pytest.mark.parametrize(
        ("profile", "roles"),
        [
            ({"name": "Otto", "user-id": "7d1f", "permissions": []}, {"read", "operate"}),
            ({"name": "edda", "groups": ["staff", "pacs-admins"]}, {"read", "operate", "edit"}),
            ({"name": "edda", "groups": ["/pacs-admins"]}, {"read", "operate", "edit"}),
            ({"name": "edda", "groups": ["/staff/pacs-admins"]}, set()),
            ({"name": "edda", "groups": ["radiographers"]}, {"read", "operate"}),
            ({"name": "edda", "permissions": ["view", "admin"]}, {"read", "operate", "edit"}),
            ({"name": "edda", "permissions": ["view"]}, {"read"}),
            ({"name": "edda", "permissions": ["all"]}, {"read", "operate", "edit"}),
            ({"name": "edda", "permissions": ["upload"]}, set()),
            # People may choose their names, at Keycloak for example.
            ({"name": "otto", "user-id": "other"}, set()),
            ({"name": "group:pacs-admins"}, set()),
            ({"name": "permission:admin"}, set()),
            ({"name": "id:7d1f"}, set()),
            ({"name": "Anonymous", "permissions": ["upload"], "groups": []}, set()),
            ({}, set()),
        ],
    )
    def test_its_profile_says_who_is_asking(self, profile: dict[str, object], roles: set[Role]) -> None:
        admitted = self.asked(profile)
        assert admitted.roles == roles
        assert admitted.user == profile.get("name", "")

    def test_the_audit_trail_has_the_id(self) -> None:
        actor = self.asked({"name": "Otto", "user-id": "7d1f"}).actor
        assert (actor.name, actor.id) == ("Otto", "7d1f")

    def test_a_name_in_the_settings_is_told_to_be_of_no_use(self, caplog: pytest.LogCaptureFixture) -> None:
        self.asked(None)
        assert "otto gives nobody a role" in caplog.text

    def test_a_refusal_tells_the_id(self) -> None:
        profile = {"name": "Rita", "user-id": "99", "permissions": ["view"]}
        edit = replace(self.route, role="edit")
        with pytest.raises(Refused, match="Rita \\(id:99\\)"):
            Access(self.plugged, lambda _headers: profile).admit(Request("POST", "/policies"), edit)

    @pytest.mark.parametrize(
        ("profile", "labels"),
        [
            ({"authorized-labels": ["*"]}, None),
            ({"authorized-labels": ["external", "*"]}, None),
            ({"authorized-labels": ["external", "trial"]}, {"external", "trial"}),
            ({"authorized-labels": []}, set()),
            # So the plugin tells of somebody who has none.
            ({}, set()),
            (None, set()),
        ],
    )
    def test_it_tells_the_labels(self, profile: dict[str, object] | None, labels: set[str] | None) -> None:
        assert self.asked(profile).labels == labels

    @pytest.mark.parametrize(
        ("permissions", "labels", "roles", "sees_all"),
        [
            # The roles in the permissions.json that orthanc-auth-service comes with.
            (["download", "send", "view", "settings", "upload"], ["*"], {"read", "operate", "edit"}, True),
            (["view", "download", "share", "send", "upload"], ["*"], {"read", "operate"}, True),
            (["view", "download", "upload"], ["external"], {"read"}, False),
            # Its anonymous profile.
            (["upload"], [], set(), False),
        ],
    )
    def test_the_example_in_the_manual(
        self, permissions: list[str], labels: list[str], roles: set[Role], sees_all: bool
    ) -> None:
        manual = (Path(__file__).parents[3] / "orthanc" / "README.md").read_text("utf-8")
        [example] = [part for part in manual.split("```") if '"AuthorizationPlugin": true' in part]
        text = re.sub(r"(?<!:)//.*|\.\.\.", "", example)
        documented = Settings.of_configuration("{" + re.sub(r",(\s*})", r"\1", text) + "}")
        profile = {"name": "x", "permissions": permissions, "groups": [], "authorized-labels": labels}
        request = Request("GET", "/health", headers={"token": "t"})
        try:
            admitted = Access(documented, lambda _headers: profile).admit(request, self.route)
        except Refused as refused:
            admitted = refused.request
        assert admitted.roles == roles
        assert (admitted.labels is None) == sees_all

    def test_without_a_profile_it_is_nobody(self) -> None:
        nobody = self.asked(None)
        assert (nobody.user, len(nobody.roles)) == ("", 0)

    def test_it_is_shown_what_may_be_a_token_and_nothing_else(self) -> None:
        self.asked(None, {"token": "a", "api-key": "b", "host": "d", "cookie": "e"})
        assert self.shown == [{"token": "a", "api-key": "b"}]
        self.asked(None, {"token": "", "authorization": "c", "host": "d"})
        assert self.shown == [{"authorization": "c"}]

    def test_a_token_goes_before_what_the_browser_adds(self) -> None:
        """The plugin asks for an authorization first, and its service may call that somebody anonymous."""
        self.asked(None, {"token": "a", "authorization": "Basic c"})
        assert self.shown == [{"token": "a"}]

    def test_it_is_not_asked_where_no_role_is_needed(self) -> None:
        def never(_headers: Mapping[str, str]) -> None:
            raise AssertionError

        page = replace(self.route, role=None)
        assert Access(self.plugged, never).admit(Request("GET", "/app"), page).roles == set()

    def test_it_does_not_go_together_with_a_proxy(self) -> None:
        proxy = {"OrthancUser": "proxy", "UserHeader": "X-User"}
        with pytest.raises(SettingsError, match=r"Router\.Proxy"):
            settings({"Proxy": proxy, "AuthorizationPlugin": True})


class StudiesWithLabels(OrthancInMemory):
    """An Orthanc with a study of the label `external`, its series and image, and one without labels."""

    version = "1.12.0"

    def __init__(self) -> None:
        super().__init__(
            contents={
                "labelled": {"Labels": ["external", "other"]},
                "series": {"ParentStudy": "labelled", "Labels": []},
                "image": {"ParentSeries": "series"},
                "plain": {"Labels": []},
                "of before 1.12": {},
            }
        )

    def system(self) -> dict[str, Any]:
        return {"HasLabels": True} if self.version >= "1.12" else {}

    def labelled_studies(self, labels: Iterable[str], token: Mapping[str, str]) -> dict[str, str]:
        assert token == {"token": "of rita"}
        assert self.version >= "1.12"
        return {"labelled": "1.2.3"} if "external" in labels else {}


#: What tells nothing of patients: all that people who may see some studies only may ask without a study.
ABOUT_NO_PATIENT = {
    "/action-types",
    "/destination-kinds",
    "/destinations",
    "/destinations/{id}",
    "/health",
    "/modalities",
    "/nodes",
    "/openapi.json",
    "/operators",
    "/tags",
    "/template-filters",
    "/traffic",
}


class TestLabels:
    """People who may see the studies of some labels only."""

    def answered(self, route: Route, path: str, labels: list[str]) -> int:
        """The status of what such a person is answered."""
        profile = {"name": "Rita", "permissions": ["view"], "authorized-labels": labels}
        access = Access(
            settings(
                {"Roles": {"Editors": ["permission:view"]}, "AuthorizationPlugin": True},
                AuthenticationEnabled=False,
            ),
            lambda _headers: profile,
        )
        orthanc = StudiesWithLabels()
        api = Api([route], access, Origins(""), Labels(orthanc, orthanc))
        headers = {"x-requested-with": "test", "token": "of rita"}
        return api.answer(Request(route.method, path, headers=headers)).status

    @pytest.mark.parametrize(("group", "method", "pattern"), ROUTES)
    def test_what_is_about_all_studies_is_refused(
        self, table: list[Route], group: str, method: str, pattern: str
    ) -> None:
        if pattern == "/openapi.json":
            return
        [route] = [route for route in table if (route.method, route.pattern) == (method, pattern)]
        mute = replace(route, handler=lambda _request, **_parameters: Response())
        path = pattern.replace("{place:path}", "x").replace("{id}", "1").replace("{token}", "t")
        if route.by_study:
            return
        is_open = group == "whoever Orthanc lets in" or (method == "GET" and pattern in ABOUT_NO_PATIENT)
        status = self.answered(mute, path.replace("{level}", "studies"), ["external"])
        assert (status == 200) == is_open
        assert self.answered(mute, path.replace("{level}", "studies"), ["*"]) == 200

    @pytest.mark.parametrize(
        ("labels", "version", "expected"),
        [
            (["external"], "1.12.0", {"labelled": "1.2.3"}),
            (["more"], "1.12.0", {}),
            ([], "1.12.0", {}),
            # Knows no labels, so that asking for them would find everything.
            (["external"], "1.11.3", {}),
            (["*"], "1.12.0", None),
        ],
    )
    @pytest.mark.parametrize("pattern", ["/deliveries", "/audit"])
    def test_lists_are_of_the_studies_that_a_person_may_see(
        self,
        table: list[Route],
        pattern: str,
        labels: list[str],
        version: str,
        expected: dict[str, str] | None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(StudiesWithLabels, "version", version)
        [route] = [route for route in table if (route.method, route.pattern) == ("GET", pattern)]
        seen: list[Request] = []

        def listed(request: Request) -> Response:
            seen.append(request)
            return Response()

        assert self.answered(replace(route, handler=listed), pattern, labels) == 200
        assert [request.studies for request in seen] == [expected]

    @pytest.mark.parametrize("pattern", ["/explain/{level}/{id}", "/lineage/{level}/{id}"])
    @pytest.mark.parametrize(
        ("resource", "status"),
        [
            ("studies/labelled", 200),
            ("series/series", 200),
            ("instances/image", 200),
            ("studies/plain", 403),
            ("studies/of before 1.12", 403),
            ("studies/gone", 403),
            ("instances/gone", 403),
        ],
    )
    def test_a_study_is_shown_by_its_labels(
        self, table: list[Route], pattern: str, resource: str, status: int
    ) -> None:
        [route] = [route for route in table if route.pattern == pattern]
        mute = replace(route, handler=lambda _request, **_parameters: Response())
        path = pattern.replace("{level}/{id}", resource)
        assert self.answered(mute, path, ["external", "more"]) == status
        assert self.answered(mute, path, ["more"]) == 403
        assert self.answered(mute, path, []) == 403
        assert self.answered(mute, path, ["*"]) == 200

    @pytest.mark.parametrize(
        ("resources", "about"),
        [
            (["a", "b"], ["a", "b"]),
            ("a", ["a"]),
            ([{"level": "study", "id": "a"}, "b"], ["a", "b"]),
            # What makes no sense might be about anything.
            ([["a"]], None),
            ([{"level": "study"}], None),
            (None, None),
        ],
    )
    def test_what_is_routed_by_hand_is_what_it_names(
        self, table: list[Route], resources: object, about: list[str] | None
    ) -> None:
        [route] = [route for route in table if route.pattern == "/route"]
        assert route.about is not None
        body = json.dumps({"resources": resources, "destination": "x"}).encode()
        assert route.about(Request("POST", "/route", body=body)) == about
