# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what on a real Orthanc: its own users, a proxy's, and other web sites."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import requests
from requests.auth import _basic_auth_str

from samples import file_bytes, make_image
from servers.orthanc import PASSWORD, REPOSITORY, USERNAME, OrthancServer, RestClient
from servers.router import Json

RULE = {"all": [{"tag": "Modality", "operator": "equals", "value": "CT"}]}
PUBLIC = "https://pacs.example.org/orthanc"
USERS = {"rita": "of rita", "otto": "of otto", "stranger": "of a stranger", "proxy": "of the proxy"}


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc with several users and a trusted proxy."""
    roles = {"Editors": [USERNAME, "group:pacs"], "Operators": ["otto"], "Readers": ["rita"]}
    proxy = {"OrthancUser": "proxy", "UserHeader": "X-Remote-User", "GroupsHeader": "X-Remote-Groups"}
    server = OrthancServer(
        tmp_path_factory.mktemp("orthanc"),
        router={"Roles": roles, "Proxy": proxy, "PublicUrl": PUBLIC},
        options={"RegisteredUsers": {USERNAME: PASSWORD, **USERS}},
    )
    with server:
        yield server
    assert "Traceback" not in server.log(), server.log()


def of(orthanc: OrthancServer, user: str) -> RestClient:
    return orthanc.client(user, USERS[user])


class TestUsers:
    def test_health_tells_who_one_is_and_what_one_may(self, orthanc: OrthancServer) -> None:
        assert orthanc.rest.get("/router/health")["user"] == {
            "name": USERNAME,
            "roles": ["edit", "operate", "read"],
        }
        assert of(orthanc, "rita").get("/router/health")["user"] == {"name": "rita", "roles": ["read"]}

    def test_a_reader_looks_and_changes_nothing(self, orthanc: OrthancServer) -> None:
        rita = of(orthanc, "rita")
        assert rita.request("GET", "/router/policies").status_code == 200
        refused = rita.request("POST", "/router/policies", json={"name": "Rita's", "rule": RULE})
        assert refused.status_code == 403
        assert refused.json()["error"]["code"] == "not_allowed"
        assert rita.request("POST", "/router/deliveries/retry", json={}).status_code == 403
        assert "Rita's" not in [policy["name"] for policy in rita.get("/router/policies")["items"]]

    def test_an_operator_retries_and_edits_nothing(self, orthanc: OrthancServer) -> None:
        otto = of(orthanc, "otto")
        assert otto.request("POST", "/router/deliveries/retry", json={}).status_code == 200
        assert otto.request("POST", "/router/policies", json={"name": "x", "rule": RULE}).status_code == 403

    def test_a_refusal_is_told_once(self, orthanc: OrthancServer) -> None:
        headers = {"X-Remote-User": "eve", "X-Forwarded-For": "203.0.113.9, 10.1.2.3"}
        for _ in range(3):
            path = "/router/policies/some/enable"
            assert of(orthanc, "proxy").request("POST", path, json={}, headers=headers).status_code == 403
        [told] = orthanc.rest.get("/router/audit", event="access.refused", actor="eve")["items"]
        assert told["actor"] == {"type": "user", "name": "eve", "id": "", "address": "10.1.2.3"}
        assert told["object"] == {
            "type": "route",
            "id": "POST /policies/{id}/enable",
            "name": "/policies/some/enable",
            "revision": None,
        }
        assert (told["outcome"], "editors" in told["detail"]) == ("failure", True)

    def test_who_has_no_role_sees_no_data(self, orthanc: OrthancServer) -> None:
        stranger = of(orthanc, "stranger")
        for path in ("health", "policies", "deliveries", "openapi.json"):
            assert stranger.request("GET", f"/router/{path}").status_code == 403

    def test_a_wrong_password_is_no_login(self, orthanc: OrthancServer) -> None:
        wrong = orthanc.client(USERNAME, "of rita")
        assert wrong.request("GET", "/router/health").status_code == 401


class TestProxy:
    def test_it_speaks_for_people(self, orthanc: OrthancServer) -> None:
        proxy = of(orthanc, "proxy")
        edda = {"X-Remote-User": "edda", "X-Remote-Groups": "staff,pacs"}
        made = proxy.request("POST", "/router/policies", json={"name": "Edda's", "rule": RULE}, headers=edda)
        assert made.status_code == 201, made.text
        assert made.json()["updated_by"] == "edda"

    def test_nobody_else_does(self, orthanc: OrthancServer) -> None:
        headers = {"X-Remote-User": "edda", "X-Remote-Groups": "pacs"}
        asked = of(orthanc, "rita").request("GET", "/router/health", headers=headers)
        assert asked.json()["user"] == {"name": "rita", "roles": ["read"]}
        assert of(orthanc, "proxy").request("GET", "/router/health").status_code == 403


def profile(
    name: str,
    identifier: str | None,
    permissions: Sequence[str],
    groups: Sequence[str] | None,
    labels: Sequence[str] = ("*",),
) -> Json:
    """As the authorization plugin's web service tells it."""
    return {
        "name": name,
        "user-id": identifier,
        "permissions": permissions,
        "groups": groups,
        "authorized-labels": labels,
        "validity": 60,
    }


class TestAuthorizationPlugin:
    """Where a token says who is asking (`token_gate` stands in for the plugin)."""

    @pytest.fixture(scope="class")
    def gated(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
        profiles = {
            "of edda": profile("Edda", "e1", ["view"], ["/pacs"]),
            "of otto": profile("Otto", "o1", ["view", "send"], None),
            "of rita": profile("Rita", "r1", ["view"], [], ["external"]),
            "of a stranger": profile("Stranger", "s1", ["upload"], []),
            # What the service says to a token that it does not know.
            "expired": profile("Anonymous", None, ["upload"], [], []),
            _basic_auth_str(USERNAME, PASSWORD): profile(USERNAME, None, [], ["pacs"]),
        }
        roles = {
            "Editors": ["group:pacs"],
            "Operators": ["permission:send"],
            "Readers": ["permission:view"],
        }
        server = OrthancServer(
            tmp_path_factory.mktemp("gated"),
            router={"Roles": roles, "AuthorizationPlugin": True},
            options={
                "AuthenticationEnabled": False,
                "PythonScript": str(REPOSITORY / "tests" / "servers" / "token_gate.py"),
            },
            environment={"TEST_PROFILES": json.dumps(profiles), "ROUTER_PLUGIN": str(REPOSITORY / "plugin")},
        )
        with server:
            yield server
        assert "Traceback" not in server.log(), server.log()

    @staticmethod
    def ask(
        gated: OrthancServer, token: str, method: str, path: str, body: object = None
    ) -> requests.Response:
        url = f"{gated.url}/router{path}"
        return requests.request(
            method, url, headers={"token": token, "X-Requested-With": "tests"}, json=body, timeout=10
        )

    def test_it_says_who_is_asking_and_what_that_person_may(self, gated: OrthancServer) -> None:
        edda = {"name": "Edda", "id": "e1", "roles": ["edit", "operate", "read"]}
        assert self.ask(gated, "of edda", "GET", "/health").json()["user"] == edda
        otto = {"name": "Otto", "id": "o1", "roles": ["operate", "read"]}
        assert self.ask(gated, "of otto", "GET", "/health").json()["user"] == otto

    def test_the_audit_trail_names_people(self, gated: OrthancServer) -> None:
        made = self.ask(gated, "of edda", "POST", "/policies", {"name": "Edda's", "rule": RULE})
        assert (made.status_code, made.json()["updated_by"]) == (201, "Edda")
        refused = self.ask(gated, "of otto", "POST", "/policies", {"name": "Otto's", "rule": RULE})
        assert refused.status_code == 403
        events = self.ask(gated, "of otto", "GET", "/audit?actor=Otto").json()["items"]
        assert [(event["event"], event["actor"]["id"]) for event in events] == [("access.refused", "o1")]

    def test_who_may_see_some_studies_only_sees_no_others(self, gated: OrthancServer) -> None:
        study = gated.rest.get(f"/instances/{gated.rest.upload(file_bytes(make_image()))}/study")["ID"]
        health = self.ask(gated, "of rita", "GET", "/health").json()
        assert health["user"] == {"name": "Rita", "id": "r1", "roles": ["read"], "labels": ["external"]}
        about_it = (f"/explain/studies/{study}", f"/lineage/studies/{study}")
        for path in ("/deliveries", f"/deliveries?resource={study}", "/audit"):
            assert self.ask(gated, "of rita", "GET", path).json() == {"items": [], "total": 0}
        assert self.ask(gated, "of edda", "GET", "/audit").json()["total"] > 0
        for path in ("/audit/export", "/runs", *about_it):
            refused = self.ask(gated, "of rita", "GET", path)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "limited_to_labels")
            assert self.ask(gated, "of edda", "GET", path).status_code == 200
        if "Labels" not in gated.rest.get(f"/studies/{study}"):
            return  # before Orthanc 1.12 there are no labels
        gated.rest.request("PUT", f"/studies/{study}/labels/external")
        for path in about_it:
            assert self.ask(gated, "of rita", "GET", path).status_code == 200

    def test_an_expired_token_is_nobodys(self, gated: OrthancServer) -> None:
        assert self.ask(gated, "expired", "GET", "/health").status_code == 403

    def test_who_is_in_none_of_the_lists_may_nothing(self, gated: OrthancServer) -> None:
        assert self.ask(gated, "of a stranger", "GET", "/health").status_code == 403

    def test_a_name_in_another_header_says_nothing(self, gated: OrthancServer) -> None:
        for login in (("Edda", ""), ("group:pacs", "")):
            asked = requests.get(f"{gated.url}/router/policies", auth=login, timeout=10)
            assert asked.status_code == 403


class TestOtherSites:
    def test_they_cannot_use_somebodys_login(self, orthanc: OrthancServer) -> None:
        for headers in ({"Origin": "https://evil.example.org"}, {"Sec-Fetch-Site": "cross-site"}):
            refused = orthanc.rest.request("POST", "/router/deliveries/retry", json={}, headers=headers)
            assert refused.status_code == 403
            assert refused.json()["error"]["code"] == "cross_site"

    def test_a_form_is_refused(self, orthanc: OrthancServer) -> None:
        refused = orthanc.rest.request("POST", "/router/deliveries/retry", data={"state": "failed"})
        assert refused.status_code == 415

    @pytest.mark.parametrize("origin", [None, "https://pacs.example.org"])
    def test_our_own_page_can(self, orthanc: OrthancServer, origin: str | None) -> None:
        headers = {"Origin": origin or orthanc.url}
        answer = orthanc.rest.request("POST", "/router/deliveries/retry", json={}, headers=headers)
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/router/policies"),
            ("GET", "/router/policies/none"),
            ("GET", "/router/app/none.js"),
            ("POST", "/router/evaluate"),
        ],
    )
    def test_every_answer_says_that_it_is_not_theirs(
        self, orthanc: OrthancServer, method: str, path: str
    ) -> None:
        headers = orthanc.rest.request(method, path, json=None if method == "GET" else {}).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("setting", [{"Roles": {"Editor": ["a"]}}, {"Proxy": {"OrthancUser": "a"}}])
def test_settings_that_make_no_sense_are_told(tmp_path: Path, setting: dict[str, object]) -> None:
    server = OrthancServer(tmp_path, router=setting)
    try:
        with pytest.raises(AssertionError):
            server.start()
        assert f"Router.{next(iter(setting))}" in server.log()
    finally:
        server.kill()
