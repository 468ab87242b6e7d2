# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies and destinations as one document: out, in again, by name, as a whole or not at all."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from integration.conftest import StoreSettings
from samples import unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, tag

SECRET = "geheim-8d11"


@pytest.fixture(scope="module")
def orthanc(store: StoreSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc in whose environment there is a secret."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROUTER_DESTINATION_PACS", SECRET)
        server = OrthancServer(
            tmp_path_factory.mktemp("orthanc"),
            mongo_uri=store.mongo_uri,
            mongo_database=store.mongo_database,
        )
    with server:
        yield server
    assert "Traceback" not in server.log(), server.log()


def document(**names: str) -> Json:
    """Two destinations, of which one is the other's alternate, and a policy; by these names."""
    first, second, policy = (names.get(name) or unique(name) for name in ("first", "second", "policy"))
    return {
        "version": 1,
        "destinations": [
            {
                "name": first,
                "kind": "peer",
                "settings": {
                    "url": "http://127.0.0.1:1/",
                    "username": unique("u"),
                    "password": {"env": "ROUTER_DESTINATION_PACS"},
                },
                "alternate": second,
            },
            {
                "name": second,
                "kind": "dicom",
                "settings": {"aet": unique("B"), "host": "localhost", "port": 104},
            },
        ],
        "policies": [
            {
                "name": policy,
                "rule": {"all": [tag("Modality", "equals", "CT")]},
                "actions": [
                    {"type": "forward", "destination": first, "window": {"from": "22:00", "to": "06:00"}},
                    {"type": "forward", "destination": second, "priority": "bulk"},
                ],
                "cases": [{"name": "a CT", "tags": {"Modality": "CT"}, "matches": True}],
            }
        ],
    }


def imported(router: RouterClient, wanted: Json, **options: object) -> Json:
    return router.post("/import", {"document": wanted, **options})


def by_name(router: RouterClient, path: str, name: str) -> Json:
    [found] = [one for one in router.get(path, limit=1000)["items"] if one["name"] == name]
    return dict(found)


def refused(router: RouterClient, body: Json) -> list[Json]:
    response = router.rest.request("POST", "/router/import", json=body)
    assert response.status_code == 422, response.text
    details: list[Json] = response.json()["error"]["details"]
    return details


def everything(router: RouterClient) -> tuple[Any, Any]:
    return router.get("/destinations", limit=1000), router.get("/policies", limit=1000)


class TestImport:
    def test_it_is_saved_with_names_resolved(self, router: RouterClient) -> None:
        wanted = document()
        told = imported(router, wanted, comment="first of all")
        assert told["dry_run"] is False
        assert [(one["kind"], one["change"]) for one in told["changes"]] == [
            ("destination", "create"),
            ("destination", "create"),
            ("policy", "create"),
        ]
        first, second = (by_name(router, "/destinations", one["name"]) for one in wanted["destinations"])
        policy = by_name(router, "/policies", wanted["policies"][0]["name"])
        assert first["alternate"] == second["id"]
        assert first["secrets_set"] == ["password"]
        assert [action["destination"] for action in policy["actions"]] == [first["id"], second["id"]]
        assert {one["comment"] for one in (first, second, policy)} == {"first of all"}
        assert (policy["revision"], policy["updated_by"]) == (1, "tester")

    def test_again_it_changes_nothing(self, router: RouterClient) -> None:
        wanted = document()
        imported(router, wanted)
        before = everything(router)
        told = imported(router, wanted, comment="again")
        assert {one["change"] for one in told["changes"]} == {"unchanged"}
        assert everything(router) == before

    def test_a_dry_run_tells_what_would_change_and_changes_nothing(self, router: RouterClient) -> None:
        wanted = document()
        imported(router, wanted)
        before = everything(router)
        wanted["destinations"][0]["settings"]["password"] = f"{SECRET}-2"
        wanted["destinations"][1]["batch"] = 9
        wanted["policies"][0]["actions"][1]["priority"] = "urgent"
        wanted["policies"][0]["actions"].reverse()
        wanted["policies"].append({"name": unique("New "), "rule": {"all": []}})
        told = imported(router, wanted, dry_run=True)
        assert everything(router) == before
        assert SECRET not in str(told)
        changes = {one["name"]: one for one in told["changes"]}
        first, second = (changes[one["name"]] for one in wanted["destinations"])
        policy, new = (changes[one["name"]] for one in wanted["policies"])
        assert [one["path"] for one in first["differences"]] == ["settings.password"]
        assert second["differences"] == [{"path": "batch", "change": "changed", "before": 500, "after": 9}]
        assert [(one["path"], one["change"]) for one in policy["differences"]] == [
            ("actions[0]", "moved"),
            ("actions[0].priority", "changed"),
        ]
        assert (new["change"], new["differences"]) == ("create", [])
        assert [one["change"] for one in imported(router, wanted)["changes"]] == [
            "update",
            "update",
            "update",
            "create",
        ]
        assert {one["change"] for one in imported(router, wanted)["changes"]} == {"unchanged"}

    def test_an_action_keeps_its_id(self, router: RouterClient) -> None:
        wanted = document()
        imported(router, wanted)
        name = wanted["policies"][0]["name"]
        before = by_name(router, "/policies", name)
        wanted["policies"][0]["actions"].reverse()
        wanted["policies"][0]["actions"][1]["priority"] = "urgent"
        imported(router, wanted)
        after = by_name(router, "/policies", name)
        assert [one["id"] for one in after["actions"]] == [one["id"] for one in reversed(before["actions"])]

    def test_one_that_is_wrong_keeps_all_out(self, router: RouterClient) -> None:
        wanted = document()
        wanted["destinations"][1]["settings"]["port"] = 0
        wanted["destinations"].append({"name": wanted["destinations"][0]["name"].lower(), "kind": "dicom"})
        wanted["policies"][0]["rule"]["all"][0]["tag"] = "Modalty"
        wanted["policies"].append(
            {"name": unique(), "rule": {"all": []}, "cases": [{"name": "x", "tags": {}, "matches": False}]}
        )
        before = everything(router)
        paths = [one["path"] for one in refused(router, {"document": wanted})]
        assert paths[:3] == [
            "destinations[2].name",
            "destinations[1].settings.port",
            "destinations[0].alternate",
        ]
        assert {"policies[0].rule.all[0].tag", "policies[1].cases[0]"} <= set(paths)
        assert everything(router) == before

    @pytest.mark.parametrize(
        ("secret", "path"),
        [
            ({"env": "ROUTER_DESTINATION_NOBODY"}, "destinations[0].settings.password.env"),
            ({"env": "ROUTER_SECRET_KEY"}, "destinations[0].settings.password"),
            ({"env": "PATH"}, "destinations[0].settings.password"),
            ({"file": "/etc/passwd"}, "destinations[0].settings.password"),
        ],
    )
    def test_a_secret_that_is_not_there_or_nobodys_business(
        self, router: RouterClient, secret: Json, path: str
    ) -> None:
        wanted = document()
        wanted["destinations"][0]["settings"]["password"] = secret
        assert path in [one["path"] for one in refused(router, {"document": wanted})]

    def test_warnings_come_with_it(self, router: RouterClient) -> None:
        wanted = document()
        wanted["destinations"][0]["external"] = True
        wanted["destinations"][1] |= {"enabled": False, "secrets_set": ["password"]}
        told = imported(router, wanted, dry_run=True)["warnings"]
        assert [(one["code"], one["path"]) for one in told] == [
            ("secret_missing", "destinations[1].settings.password"),
            ("identifiable_to_external", "policies[0].actions[0].destination"),
            ("destination_off", "policies[0].actions[1].destination"),
        ]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"document": {"version": 2}},
            {"document": {}},
            {"document": {"version": 1}, "yaml": "version: 1"},
            {"yaml": "version: ["},
            {"yaml": "just text"},
            {"document": {"version": 1, "policies": [7]}},
            {"document": {"version": 1, "policies": [{"rule": {}}]}},
            {"document": {"version": 1}, "colour": "red"},
        ],
    )
    def test_what_is_no_document(self, router: RouterClient, body: Json) -> None:
        assert refused(router, body)


class TestExport:
    @pytest.mark.parametrize("form", ["json", "yaml"])
    def test_what_was_exported_can_be_imported_and_changes_nothing(
        self, router: RouterClient, form: str
    ) -> None:
        imported(router, document())
        response = router.rest.request("GET", f"/router/export?format={form}")
        assert response.status_code == 200
        assert SECRET not in response.text
        assert "sealed" not in response.text
        before = everything(router)
        body = {"yaml": response.text} if form == "yaml" else {"document": response.json()}
        told = router.post("/import", body)
        assert {one["change"] for one in told["changes"]} == {"unchanged"}
        assert told["changes"]
        assert not [one for one in told["warnings"] if one["code"] == "secret_missing"]
        assert everything(router) == before

    def test_it_names_what_it_means_and_leaves_out_the_rest(self, router: RouterClient) -> None:
        wanted = document()
        imported(router, wanted)
        text = router.rest.request("GET", "/router/export?format=yaml").text
        exported = yaml.safe_load(text)
        first, second = (
            one for one in exported["destinations"] if one["name"] in str(wanted["destinations"])
        )
        [policy] = [one for one in exported["policies"] if one["name"] == wanted["policies"][0]["name"]]
        assert first["alternate"] == second["name"]
        assert first["secrets_set"] == ["password"]
        assert "password" not in first["settings"]
        assert list(policy) == ["name", "enabled", "rule", "actions", "cases"]
        assert policy["actions"][0] == {
            "type": "forward",
            "destination": first["name"],
            "window": {"from": "22:00", "to": "06:00"},
        }

    def test_a_format_that_is_none(self, router: RouterClient) -> None:
        assert router.rest.request("GET", "/router/export?format=xml").status_code == 422
