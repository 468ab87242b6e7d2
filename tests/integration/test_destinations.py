# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations over the API, and the test that a person presses before trusting one."""

import pytest

from samples import file_bytes, make_image, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.router import Json, RouterClient, patient, tag
from servers.storescp import StoreScp


def draft(**fields: object) -> Json:
    """A destination document that would be accepted."""
    settings = {"aet": "ARCHIVE", "host": "127.0.0.1", "port": 104}
    return {"name": unique("Archive "), "kind": "dicom", "settings": settings, **fields}


def test_a_destination_comes_back_as_it_was_written(router: RouterClient) -> None:
    retry = {"attempts": 3, "initial_seconds": 1, "max_seconds": 10}
    written = draft(enabled=False, retry=retry, concurrency=2, batch=50)
    made = router.post("/destinations", written)
    assert router.get(f"/destinations/{made['id']}") == made
    assert {key: made[key] for key in ("name", "kind", "enabled", "retry", "concurrency", "batch")} == {
        key: written[key] for key in ("name", "kind", "enabled", "retry", "concurrency", "batch")
    }
    assert made["settings"]["aet"] == "ARCHIVE"
    assert made["revision"] == 1


def test_every_save_is_a_new_revision_and_if_match_is_honoured(router: RouterClient) -> None:
    made = router.post("/destinations", draft())
    path = f"/router/destinations/{made['id']}"
    changed = router.rest.request("PUT", path, json=draft(batch=9), headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["revision"], changed.json()["batch"]) == (200, 2, 9)
    assert router.rest.request("PUT", path, json=draft(), headers={"If-Match": '"1"'}).status_code == 412


def test_lists_are_cut_by_limit_and_offset(router: RouterClient) -> None:
    for _ in range(3):
        router.post("/destinations", draft())
    everything = router.get("/destinations", limit=1000)
    part = router.get("/destinations", limit=2, offset=1)
    assert part["items"] == everything["items"][1:3]
    assert part["total"] == everything["total"] == len(everything["items"])


def test_a_deleted_one_is_gone(router: RouterClient) -> None:
    made = router.post("/destinations", draft())
    assert router.rest.request("DELETE", f"/router/destinations/{made['id']}").status_code == 204
    assert router.rest.request("GET", f"/router/destinations/{made['id']}").status_code == 404
    assert router.rest.request("DELETE", f"/router/destinations/{made['id']}").status_code == 404


def test_one_that_a_policy_uses_cannot_be_deleted(router: RouterClient) -> None:
    made = router.post("/destinations", draft())
    policy = router.policy(unique("Policy "), tag("Modality", "equals", "XA"), made, enabled=False)
    response = router.rest.request("DELETE", f"/router/destinations/{made['id']}")
    assert response.status_code == 409
    assert policy["name"] in response.json()["error"]["message"]
    router.delete(f"/policies/{policy['id']}")
    assert router.rest.request("DELETE", f"/router/destinations/{made['id']}").status_code == 204


def test_a_name_that_is_taken_is_refused(router: RouterClient) -> None:
    made = router.post("/destinations", draft())
    response = router.rest.request("POST", "/router/destinations", json=draft(name=made["name"].lower()))
    assert response.status_code == 409
    assert response.json()["error"]["details"][0]["path"] == "name"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": ""}, "name"),
        ({"kind": "pigeon"}, "kind"),
        ({"colour": "red"}, "colour"),
        ({"settings": {"aet": "A", "host": "h"}}, "settings"),
        ({"settings": {"aet": "A", "host": "h", "port": 0}}, "settings.port"),
        ({"settings": {"aet": "A", "host": "h", "port": "http"}}, "settings.port"),
        ({"settings": {"aet": "LONGER THAN SIXTEEN", "host": "h", "port": 104}}, "settings.aet"),
        ({"settings": {"aet": "A", "host": "h", "port": 104, "speed": 9}}, "settings.speed"),
        ({"settings": {"modality": "x", "aet": "A", "host": "h", "port": 104}}, "settings"),
        ({"retry": {"attempts": 0}}, "retry.attempts"),
        ({"retry": {"initial_seconds": 10, "max_seconds": 5}}, "retry"),
        ({"concurrency": 0}, "concurrency"),
        ({"batch": 0}, "batch"),
        ({"alternate": "nowhere"}, "alternate"),
    ],
)
def test_a_field_that_is_wrong_is_named(router: RouterClient, fields: Json, path: str) -> None:
    response = router.rest.request("POST", "/router/destinations", json=draft(**fields))
    assert response.status_code == 422, response.text
    assert response.json()["error"]["details"][0]["path"] == path


class TestTheTest:
    """`POST /router/destinations/{id}/test` makes a C-ECHO."""

    def test_a_node_that_answers(self, router: RouterClient, storescp: StoreScp) -> None:
        destination = router.destination(unique("Up "), storescp)
        answer = router.post(f"/destinations/{destination['id']}/test")
        assert answer["ok"] is True
        assert answer["detail"]
        assert 0 <= answer["milliseconds"] < 5000

    def test_it_is_a_c_echo(self, router: RouterClient, node: Node, destination: Json) -> None:
        before = node.echoes
        assert router.post(f"/destinations/{destination['id']}/test")["ok"] is True
        assert node.echoes == before + 1
        assert node.arrivals == []

    def test_nobody_listens(self, router: RouterClient) -> None:
        settings = {"aet": "A", "host": "127.0.0.1", "port": free_port()}
        destination = router.post("/destinations", draft(settings=settings))
        answer = router.post(f"/destinations/{destination['id']}/test")
        assert answer["ok"] is False
        assert answer["detail"]

    def test_an_unknown_host(self, router: RouterClient) -> None:
        settings = {"aet": "A", "host": "no-such-host.invalid", "port": 104, "timeout_seconds": 5}
        destination = router.post("/destinations", draft(settings=settings))
        answer = router.post(f"/destinations/{destination['id']}/test")
        assert answer["ok"] is False
        assert answer["detail"]

    def test_a_node_that_refuses_associations(self, router: RouterClient) -> None:
        with StoreScp(None, unique("SCP"), "--refuse") as refusing:
            destination = router.destination(unique("Refusing "), refusing)
            answer = router.post(f"/destinations/{destination['id']}/test")
        assert answer["ok"] is False
        assert answer["detail"]

    def test_a_modality_that_orthanc_does_not_know(self, router: RouterClient) -> None:
        destination = router.post("/destinations", draft(settings={"modality": "nobody"}))
        answer = router.post(f"/destinations/{destination['id']}/test")
        assert answer["ok"] is False
        assert "nobody" in answer["detail"]

    def test_an_alias_of_orthancs_configuration(self, router: RouterClient, node: Node) -> None:
        alias = unique("alias")
        router.rest.request(
            "PUT", f"/modalities/{alias}", json={"AET": node.aet, "Host": node.host, "Port": node.port}
        )
        destination = router.post("/destinations", draft(settings={"modality": alias}))
        assert router.post(f"/destinations/{destination['id']}/test")["ok"] is True

    def test_one_that_is_not_there(self, router: RouterClient) -> None:
        assert router.rest.request("POST", "/router/destinations/none/test", json={}).status_code == 404


def test_orthanc_knows_the_node_by_a_name_that_people_know_and_answers_it_nothing(
    orthanc: OrthancServer, router: RouterClient, node: Node
) -> None:
    name = unique("DÜREN ")
    made = router.destination(name, node)
    patient_id = unique()
    policy = router.policy(unique("Policy "), patient(patient_id), made)
    orthanc.rest.upload(file_bytes(make_image(PatientID=patient_id)))
    router.wait_until_delivered(1, policy=policy["id"])
    known = orthanc.rest.get("/modalities", expand="")
    # None where the images were sent over an association of the router's own.
    for called, entry in known.items():
        if entry["AET"] == node.aet:
            assert called == f"router-{name.replace('Ü', 'U').replace(' ', '-')}-{made['id'][-8:]}"
            assert not any(entry[f"Allow{request}"] for request in ("Find", "FindWorklist", "Get", "Move"))
