# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies over the API: make, read, change, delete, and every way to do it wrong."""

from typing import Any

import pytest

from samples import unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, as_read, tag

RULE = {"all": [tag("Modality", "equals", "CT")]}


@pytest.fixture(scope="module")
def destination(router: RouterClient) -> Json:
    """A destination for policies that send nothing."""
    settings = {"aet": "NOBODY", "host": "127.0.0.1", "port": 104}
    return router.post("/destinations", {"name": unique("Nobody "), "kind": "dicom", "settings": settings})


def draft(destination: Json, **fields: object) -> Json:
    """A policy document that would be accepted."""
    action = {"type": "forward", "destination": destination["id"]}
    return {"name": unique("Policy "), "enabled": False, "rule": RULE, "actions": [action], **fields}


def error_of(router: RouterClient, method: str, path: str, status: int, **options: Any) -> Json:
    """The error that the router answers with this status."""
    response = router.rest.request(method, f"/router{path}", **options)
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    error = response.json()["error"]
    assert error["code"]
    assert error["message"]
    return dict(error)


class TestReading:
    def test_a_policy_comes_back_as_it_was_written(self, router: RouterClient, destination: Json) -> None:
        written = draft(
            destination,
            description="Chests – für die Forschung",
            order=7,
            stop=True,
            rule={
                "any": [tag("Modality", "in", ["CT", "MR"]), {"not": tag("PatientAge", "less_than", "18Y")}]
            },
        )
        made = router.post("/policies", written)
        read = router.get(f"/policies/{made['id']}")
        assert read == as_read(made)
        assert {key: read[key] for key in ("name", "description", "enabled", "order", "stop", "rule")} == {
            key: written[key] for key in ("name", "description", "enabled", "order", "stop", "rule")
        }
        assert read["trigger"] == {"level": "instance", "quiet_seconds": None}
        assert read["revision"] == 1
        assert read["updated_by"] == "tester"
        assert read["created_at"].endswith("Z")

    def test_its_actions_get_stable_ids(self, router: RouterClient, destination: Json) -> None:
        made = router.post("/policies", draft(destination))
        action = made["actions"][0]
        assert action["id"]
        changed = router.put(
            f"/policies/{made['id']}", {**draft(destination), "name": made["name"], "actions": [action]}
        )
        assert changed["actions"][0]["id"] == action["id"]

    def test_a_destination_may_be_named_and_is_stored_by_its_id(
        self, router: RouterClient, destination: Json
    ) -> None:
        action = {"type": "forward", "destination": destination["name"]}
        made = router.post("/policies", draft(destination, actions=[action]))
        assert made["actions"][0]["destination"] == destination["id"]

    def test_making_one_answers_201(self, router: RouterClient, destination: Json) -> None:
        response = router.rest.request("POST", "/router/policies", json=draft(destination))
        assert response.status_code == 201

    def test_lists_are_cut_by_limit_and_offset(self, router: RouterClient, destination: Json) -> None:
        made = [router.post("/policies", draft(destination)) for _ in range(3)]
        everything = router.get("/policies", limit=1000)
        names = [policy["name"] for policy in everything["items"]]
        assert everything["total"] == len(everything["items"])
        assert {policy["name"] for policy in made} <= set(names)
        part = router.get("/policies", limit=2, offset=1)
        assert [policy["name"] for policy in part["items"]] == names[1:3]
        assert part["total"] == everything["total"]

    def test_policies_are_listed_in_the_order_of_their_evaluation(
        self, router: RouterClient, destination: Json
    ) -> None:
        last = router.post("/policies", draft(destination, order=500))
        first = router.post("/policies", draft(destination, order=-500))
        ids = [policy["id"] for policy in router.get("/policies", limit=1000)["items"]]
        assert ids.index(first["id"]) < ids.index(last["id"])

    @pytest.mark.parametrize("query", ["limit=x", "limit=-1", "limit=1000000", "offset=1.5"])
    def test_a_limit_or_offset_that_is_none_is_refused(self, router: RouterClient, query: str) -> None:
        error = error_of(router, "GET", f"/policies?{query}", 422)
        assert error["details"][0]["path"] == query.split("=")[0]


class TestChanging:
    def test_every_save_is_a_new_revision(self, router: RouterClient, destination: Json) -> None:
        first = router.post("/policies", draft(destination))
        second = router.put(f"/policies/{first['id']}", draft(destination, order=1))
        assert (second["revision"], second["order"]) == (2, 1)
        assert second["created_at"] == first["created_at"]
        revisions = router.get(f"/policies/{first['id']}/revisions")["items"]
        assert [revision["revision"] for revision in revisions] == [2, 1]
        assert revisions[1] == as_read(first)

    def test_an_older_revision_can_be_restored(self, router: RouterClient, destination: Json) -> None:
        first = router.post("/policies", draft(destination, description="old"))
        router.put(f"/policies/{first['id']}", draft(destination, description="new"))
        restored = router.post(f"/policies/{first['id']}/restore", {"revision": 1})
        assert (restored["revision"], restored["description"]) == (3, "old")
        assert restored["name"] == first["name"]

    def test_restoring_what_never_was_is_refused(self, router: RouterClient, destination: Json) -> None:
        policy = router.post("/policies", draft(destination))
        error_of(router, "POST", f"/policies/{policy['id']}/restore", 404, json={"revision": 9})
        error_of(router, "POST", f"/policies/{policy['id']}/restore", 422, json={"revision": "x"})
        error_of(router, "POST", f"/policies/{policy['id']}/restore", 422, json={})

    def test_it_can_be_switched_on_and_off(self, router: RouterClient, destination: Json) -> None:
        policy = router.post("/policies", draft(destination))
        assert router.post(f"/policies/{policy['id']}/enable")["enabled"] is True
        assert router.post(f"/policies/{policy['id']}/disable")["enabled"] is False
        assert router.get(f"/policies/{policy['id']}")["enabled"] is False

    def test_if_match_keeps_one_save_from_wiping_out_another(
        self, router: RouterClient, destination: Json
    ) -> None:
        policy = router.post("/policies", draft(destination))
        path = f"/policies/{policy['id']}"
        response = router.rest.request(
            "PUT", f"/router{path}", json=draft(destination), headers={"If-Match": '"1"'}
        )
        assert response.status_code == 200
        error = error_of(router, "PUT", path, 412, json=draft(destination), headers={"If-Match": '"1"'})
        assert "2" in error["message"]
        error_of(router, "DELETE", path, 412, headers={"If-Match": '"1"'})
        assert router.get(path)["revision"] == 2
        error = error_of(router, "PUT", path, 400, json=draft(destination), headers={"If-Match": "two"})
        assert error["details"][0]["path"] == "If-Match"

    def test_a_deleted_one_is_gone_and_its_name_is_free(
        self, router: RouterClient, destination: Json
    ) -> None:
        policy = router.post("/policies", draft(destination))
        response = router.rest.request("DELETE", f"/router/policies/{policy['id']}")
        assert response.status_code == 204
        error_of(router, "GET", f"/policies/{policy['id']}", 404)
        again = router.post("/policies", draft(destination, name=policy["name"]))
        assert again["id"] != policy["id"]


JSON = {"Content-Type": "application/json"}


class TestWhatIsRefused:
    def test_a_name_that_is_taken(self, router: RouterClient, destination: Json) -> None:
        policy = router.post("/policies", draft(destination))
        same = draft(destination, name=policy["name"].upper())
        error = error_of(router, "POST", "/policies", 409, json=same)
        assert error["details"][0]["path"] == "name"
        other = router.post("/policies", draft(destination))
        error_of(router, "PUT", f"/policies/{other['id']}", 409, json=same)

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"name": NaN-}', b"[" * 100_000])
    def test_what_is_not_json(self, router: RouterClient, body: bytes) -> None:
        error_of(router, "POST", "/policies", 400, data=body, headers=JSON)

    @pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"7"])
    def test_what_is_no_object(self, router: RouterClient, body: bytes) -> None:
        error_of(router, "POST", "/policies", 422, data=body, headers=JSON)

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"name": ""}, "name"),
            ({"name": "   "}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"name": None}, "name"),
            ({"enabled": "perhaps"}, "enabled"),
            ({"order": "first"}, "order"),
            ({"colour": "red"}, "colour"),
            ({"trigger": {"level": "patient"}}, "trigger.level"),
            ({"trigger": {"level": "study", "quiet_seconds": 0}}, "trigger.quiet_seconds"),
            ({"trigger": {"level": "instance", "quiet_seconds": 5}}, "trigger"),
            ({"actions": [{"type": "teleport"}]}, "actions[0]"),
            ({"actions": [{"type": "forward"}]}, "actions[0].destination"),
            ({"actions": [{"type": "forward", "destination": "nowhere"}]}, "actions[0].destination"),
            ({"rule": {"every": []}}, "rule.every"),
            ({"rule": {"all": [tag("PatientNam", "equals", "x")]}}, "rule.all[0].tag"),
            (
                {"rule": {"all": [{"any": [tag("Modality", "resembles", "CT")]}]}},
                "rule.all[0].any[0].operator",
            ),
            ({"rule": {"not": tag("StudyDate", "equals", "yesterday evening")}}, "rule.not.value"),
            ({"rule": tag("PatientName", "matches", "(")}, "rule.value"),
            ({"rule": tag("Modality", "in", [])}, "rule.value"),
            ({"rule": tag("StudyDate", "between", ["20200101"])}, "rule.value"),
            ({"rule": tag("PixelData", "equals", "x")}, "rule.operator"),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_a_field_that_is_wrong_is_named(
        self, router: RouterClient, destination: Json, fields: Json, path: str
    ) -> None:
        error = error_of(router, "POST", "/policies", 422, json=draft(destination, **fields))
        assert error["details"][0]["path"] == path, error
        assert error["details"][0]["message"]

    def test_a_keyword_that_is_misspelt_is_answered_with_suggestions(
        self, router: RouterClient, destination: Json
    ) -> None:
        rule = tag("PatientNam", "equals", "x")
        error = error_of(router, "POST", "/policies", 422, json=draft(destination, rule=rule))
        assert "PatientName" in error["details"][0]["message"]

    def test_several_wrong_fields_are_all_named(self, router: RouterClient, destination: Json) -> None:
        wrong = draft(destination, name="", order="first")
        error = error_of(router, "POST", "/policies", 422, json=wrong)
        assert {"name", "order"} <= {detail["path"] for detail in error["details"]}

    def test_a_policy_whose_own_cases_fail_cannot_be_enabled(
        self, router: RouterClient, destination: Json
    ) -> None:
        case = {"name": "an MR", "tags": {"Modality": "MR"}, "matches": True}
        document = draft(destination, cases=[case], enabled=True)
        error = error_of(router, "POST", "/policies", 422, json=document)
        assert "an MR" in str(error)
        policy = router.post("/policies", {**document, "enabled": False})
        error_of(router, "POST", f"/policies/{policy['id']}/enable", 422)

    @pytest.mark.parametrize("path", ["/policies/none", "/policies/none/revisions"])
    def test_reading_what_is_not_there(self, router: RouterClient, path: str) -> None:
        error_of(router, "GET", path, 404)

    def test_changing_what_is_not_there(self, router: RouterClient, destination: Json) -> None:
        error_of(router, "PUT", "/policies/none", 404, json=draft(destination))
        error_of(router, "DELETE", "/policies/none", 404)
        error_of(router, "POST", "/policies/none/enable", 404)

    def test_a_method_that_the_route_does_not_have(self, router: RouterClient) -> None:
        response = router.rest.request("PUT", "/router/policies", json={})
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, POST"


def test_policies_outlive_a_restart(own_orthanc: OrthancServer) -> None:
    own_orthanc.start()
    router = RouterClient(own_orthanc.rest)
    settings = {"aet": "X", "host": "localhost", "port": 104}
    destination = router.post("/destinations", {"name": "Ärchiv", "kind": "dicom", "settings": settings})
    policy = router.post("/policies", draft(destination, description="ß"))
    for kill in (False, True):
        own_orthanc.restart(kill=kill)
        assert router.get(f"/policies/{policy['id']}") == as_read(policy)
        assert router.get(f"/destinations/{destination['id']}") == destination
