# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of destinations: taken by the API, never given back, encrypted in the store, not in the log."""

import stat
from typing import Any

import pytest
from pymongo import MongoClient

from integration.conftest import StoreSettings
from samples import file_bytes, make_image, unique
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.router import Json, RouterClient, patient
from servers.scripted_http import Answer, Asked, ScriptedHttp

SECRET = "geheim-7f3a-βγ"


def draft(**settings: object) -> Json:
    """A destination with a secret, which nobody answers."""
    own = {"url": f"http://127.0.0.1:{free_port()}", "username": "u", "password": SECRET}
    return {"name": unique("Peer "), "kind": "peer", "settings": {**own, **settings}}


def password_seen(server: ScriptedHttp, router: RouterClient, path: str, body: object = None) -> str:
    """The Authorization header that the server gets when a destination is tested."""
    before = len(server.asked)
    router.post(path, body)
    [asked] = server.asked[before:]
    return asked.headers["Authorization"]


def greets(_asked: Asked) -> Answer:
    """Answer as an Orthanc does."""
    return Answer(200, b'{"Name": "There", "Version": "1.0"}')


def test_it_is_never_given_back(router: RouterClient) -> None:
    made = router.post("/destinations", draft())
    path = f"/destinations/{made['id']}"
    [listed] = [one for one in router.get("/destinations", limit=1000)["items"] if one["id"] == made["id"]]
    switched = [router.post(f"{path}/disable"), router.post(f"{path}/enable")]
    for seen in (made, listed, router.get(path), *switched, router.put(path, made)):
        assert "password" not in seen["settings"]
        assert seen["secrets_set"] == ["password"]
        assert SECRET not in str(seen)


def test_the_page_knows_which_fields_are_secrets(router: RouterClient) -> None:
    kinds = {kind["kind"]: kind["schema"]["properties"] for kind in router.get("/destination-kinds")["items"]}
    secrets = {
        (kind, name) for kind, fields in kinds.items() for name in fields if fields[name].get("writeOnly")
    }
    assert secrets >= {
        ("peer", "password"),
        ("dicomweb", "password"),
        ("sftp", "password"),
        ("sftp", "private_key"),
        ("sftp", "passphrase"),
    }


def test_it_is_not_in_the_store_nor_in_the_log(
    orthanc: OrthancServer, router: RouterClient, store: StoreSettings
) -> None:
    made = router.post("/destinations", draft())
    router.post(f"/destinations/{made['id']}/test")
    if store.mongo_uri:
        with MongoClient[dict[str, Any]](store.mongo_uri) as client:
            database = client[store.mongo_database]
            kept = str([list(database[name].find()) for name in database.list_collection_names()]).encode()
    else:
        files = [file for file in orthanc.router_directory.rglob("*") if file.is_file()]
        kept = b"".join(file.read_bytes() for file in files)
    assert made["id"].encode() in kept
    assert SECRET.encode() not in kept
    assert b"geheim" not in kept
    assert "geheim" not in orthanc.log()


def test_the_key_is_the_owners_alone(orthanc: OrthancServer, router: RouterClient) -> None:
    router.post("/destinations", draft())
    assert stat.S_IMODE((orthanc.router_directory / "secret.key").stat().st_mode) == 0o600


def test_it_stays_where_it_is_left_out_changes_where_it_is_given_and_goes_with_null(
    router: RouterClient,
) -> None:
    with ScriptedHttp(greets) as server:
        written = draft(url=server.url)
        made = router.post("/destinations", written)
        path = f"/destinations/{made['id']}"
        first = password_seen(server, router, f"{path}/test")

        without = {"url": server.url, "username": "u", "timeout_seconds": 9}
        kept = router.put(path, {**written, "settings": without})
        assert kept["secrets_set"] == ["password"]
        assert password_seen(server, router, f"{path}/test") == first

        router.put(path, {**written, "settings": {**without, "password": "another"}})
        assert password_seen(server, router, f"{path}/test") != first

        gone = router.put(path, {**written, "settings": {"url": server.url, "password": None}})
        assert gone["secrets_set"] == []


def test_a_draft_of_a_stored_destination_is_tested_with_its_secret(router: RouterClient) -> None:
    with ScriptedHttp(greets) as server:
        made = router.post("/destinations", draft(url=server.url))
        stored = password_seen(server, router, f"/destinations/{made['id']}/test")
        assert password_seen(server, router, "/destinations/test", made) == stored


def test_another_kind_does_not_inherit_it(router: RouterClient) -> None:
    made = router.post("/destinations", draft())
    changed = {**made, "kind": "dicomweb", "settings": {"url": "http://127.0.0.1:1", "username": "u"}}
    response = router.rest.request("PUT", f"/router/destinations/{made['id']}", json=changed)
    assert response.status_code == 422
    assert "password" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"password": [SECRET]}, "settings.password"),
        ({"password": {"router:sealed": "x"}}, "settings.password"),
        ({"url": f"https://u:{SECRET}@host/"}, "settings.url"),
        ({"nothing": SECRET}, "settings.nothing"),
        ({"username": None}, "settings"),
    ],
)
def test_an_error_does_not_repeat_it(router: RouterClient, settings: Json, path: str) -> None:
    response = router.rest.request("POST", "/router/destinations", json=draft(**settings))
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["path"] == path
    assert "geheim" not in response.text


def test_it_is_in_nothing_that_can_be_read(orthanc: OrthancServer, router: RouterClient) -> None:
    """Wherever a person or a program looks, after it was saved, tested, used in vain, and saved again."""
    made = router.post("/destinations", draft())
    path = f"/destinations/{made['id']}"
    router.post(f"{path}/test")
    someone = unique("PAT")
    policy = router.policy(unique("Policy "), patient(someone), made)
    orthanc.rest.upload(file_bytes(make_image(PatientID=someone)))
    router.wait_for_deliveries(lambda found: found and found[0]["attempts"], policy=policy["id"])
    [delivery] = router.deliveries(policy=policy["id"])
    router.put(path, {**made, "settings": {**made["settings"], "password": f"{SECRET}-2"}})
    places = [
        "/export?format=json",
        "/export?format=yaml",
        "/audit?limit=1000",
        "/audit/export?format=json",
        "/audit/export?format=csv",
        f"{path}/revisions",
        f"/deliveries/{delivery['id']}",
        "/deliveries?limit=1000",
        "/destinations?limit=1000",
        f"/policies/{policy['id']}",
        "/health",
        "/policies/activity",
    ]
    seen = {place: orthanc.rest.text(f"/router{place}") for place in places}
    seen["metrics"] = orthanc.rest.text("/tools/metrics-prometheus")
    assert made["name"] in seen["/export?format=yaml"]
    assert made["id"] in seen["/audit?limit=1000"]
    assert [place for place, text in seen.items() if "geheim" in text or "router:sealed" in text] == []
    router.post("/deliveries/cancel", {"policy": policy["id"]})
