# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of policies and destinations: who saved what, why, what was different, and back again."""

import pytest

from samples import make_image, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.router import Json, RouterClient, as_read, patient, tag
from servers.sender import send

SECRET = "geheim-51c2"


def peer(**settings: object) -> Json:
    """A destination with a secret, which nobody answers."""
    own = {"url": f"http://127.0.0.1:{free_port()}", "username": "u", "password": SECRET}
    return {"name": unique("Peer "), "kind": "peer", "settings": {**own, **settings}}


def switched_off(destination: Json, **fields: object) -> Json:
    """A policy document that does nothing."""
    action = {"type": "forward", "destination": destination["id"]}
    rule = tag("Modality", "equals", "CT")
    return {"name": unique("Policy "), "enabled": False, "rule": rule, "actions": [action], **fields}


class TestComments:
    def test_each_save_of_a_policy_has_its_own(self, router: RouterClient, destination: Json) -> None:
        document = switched_off(destination)
        path = f"/policies/{router.post('/policies', {**document, 'comment': ' first '})['id']}"
        router.put(path, document)
        router.post(f"{path}/enable", {"comment": "tried out"})
        router.post(f"{path}/disable")
        router.post(f"{path}/restore", {"revision": 1, "comment": "as it was"})
        revisions = router.get(f"{path}/revisions")["items"]
        assert [one["comment"] for one in revisions] == ["as it was", "", "tried out", "", "first"]
        assert {one["updated_by"] for one in revisions} == {"tester"}

    def test_each_save_of_a_destination_has_its_own(self, router: RouterClient) -> None:
        document = peer()
        path = f"/destinations/{router.post('/destinations', {**document, 'comment': 'first'})['id']}"
        router.put(path, document)
        router.post(f"{path}/disable", {"comment": "it moves house"})
        router.post(f"{path}/enable")
        router.post(f"{path}/restore", {"revision": 2, "comment": "as it was"})
        revisions = router.get(f"{path}/revisions")["items"]
        assert [one["comment"] for one in revisions] == ["as it was", "", "it moves house", "", "first"]

    @pytest.mark.parametrize("body", [{"comment": 7}, {"comment": "x" * 2001}, {"reason": "x"}])
    def test_one_that_is_none_is_refused(self, router: RouterClient, destination: Json, body: Json) -> None:
        policy = router.post("/policies", switched_off(destination))
        response = router.rest.request("POST", f"/router/policies/{policy['id']}/enable", json=body)
        assert response.status_code == 422
        assert response.json()["error"]["details"][0]["path"] == next(iter(body))
        assert router.get(f"/policies/{policy['id']}") == as_read(policy)


class TestDifferences:
    def test_of_a_policy(self, router: RouterClient, destination: Json) -> None:
        first = router.post("/policies", switched_off(destination, comment="first"))
        path = f"/policies/{first['id']}"
        label = {"type": "delete"}
        router.put(path, {**first, "order": 7, "actions": [label, *first["actions"]]})
        third = router.put(
            path, {**first, "rule": {"all": [first["rule"]]}, "actions": first["actions"], "comment": ""}
        )
        told = router.get(f"{path}/differences", **{"from": 1, "to": 2})
        assert (told["from"], told["to"]) == (1, 2)
        [order, added] = told["differences"]
        assert order == {"path": "order", "change": "changed", "before": first["order"], "after": 7}
        assert (added["path"], added["change"], added["before"]) == ("actions[0]", "added", None)
        assert added["after"]["type"] == "delete"
        [rule] = router.get(f"{path}/differences", **{"from": 1, "to": 3})["differences"]
        assert rule == {"path": "rule", "change": "changed", "before": first["rule"], "after": third["rule"]}
        backwards = router.get(f"{path}/differences", **{"from": 2, "to": 1})["differences"]
        assert [(one["path"], one["change"]) for one in backwards] == [
            ("order", "changed"),
            ("actions[0]", "removed"),
        ]

    def test_of_a_destination_never_show_a_secret(self, router: RouterClient) -> None:
        document = peer()
        path = f"/destinations/{router.post('/destinations', document)['id']}"
        settings = {**document["settings"], "password": f"{SECRET}-2"}
        router.put(path, {**document, "batch": 9, "settings": settings})
        router.put(path, {**document, "batch": 9, "settings": settings})
        router.put(
            path, {**document, "batch": 9, "settings": settings | {"username": None, "password": None}}
        )
        texts = [
            router.rest.request("GET", f"/router{path}/differences?from={before}&to={before + 1}").text
            for before in (1, 2, 3)
        ]
        texts.append(router.rest.request("GET", f"/router{path}/revisions").text)
        assert not any(SECRET in text or "sealed" in text for text in texts)
        nothing = {"before": None, "after": None}
        assert router.get(f"{path}/differences", **{"from": 1, "to": 2})["differences"] == [
            {"path": "batch", "change": "changed", "before": 500, "after": 9},
            {"path": "settings.password", "change": "changed", **nothing},
        ]
        assert router.get(f"{path}/differences", **{"from": 2, "to": 3})["differences"] == []
        assert router.get(f"{path}/differences", **{"from": 3, "to": 4})["differences"] == [
            {"path": "settings.username", "change": "removed", "before": "u", "after": None},
            {"path": "settings.password", "change": "removed", **nothing},
        ]

    @pytest.mark.parametrize(
        ("query", "status"),
        [("", 422), ("from=1", 422), ("from=x&to=1", 422), ("from=1&to=2", 404), ("from=0&to=1", 404)],
    )
    def test_between_what_never_was(
        self, router: RouterClient, destination: Json, query: str, status: int
    ) -> None:
        policy = router.post("/policies", switched_off(destination))
        for path in (f"/policies/{policy['id']}", f"/destinations/{destination['id']}"):
            answer = router.rest.request("GET", f"/router{path}/differences?{query}")
            assert answer.status_code == status, answer.text


def test_a_restored_destination_has_the_secret_it_had(router: RouterClient) -> None:
    document = peer()
    made = router.post("/destinations", document)
    path = f"/destinations/{made['id']}"
    router.put(path, {**document, "settings": {**document["settings"], "password": "another"}})
    router.put(path, {**document, "name": unique("Other "), "settings": {"peer": "alias", "password": None}})
    restored = router.post(f"{path}/restore", {"revision": 1})
    assert (restored["revision"], restored["name"]) == (4, made["name"])
    assert (restored["settings"], restored["secrets_set"]) == (made["settings"], ["password"])
    assert router.get(f"{path}/differences", **{"from": 1, "to": 4})["differences"] == []


def test_a_deleted_destination_comes_back_with_its_history(router: RouterClient) -> None:
    made = router.post("/destinations", peer())
    path = f"/destinations/{made['id']}"
    router.delete(path)
    assert [one["revision"] for one in router.get(f"{path}/revisions")["items"]] == [1]
    restored = router.post(f"{path}/restore", {"revision": 1})
    assert (restored["id"], restored["revision"], restored["secrets_set"]) == (made["id"], 2, ["password"])
    assert router.get(path) == restored


def test_a_deleted_policy_leaves_its_history_and_its_deliveries(
    orthanc: OrthancServer, router: RouterClient, node: Node
) -> None:
    someone = unique("PAT")
    destination = router.destination(unique("Node "), node, enabled=False)
    policy = router.policy(unique("Policy "), patient(someone), destination)
    path = f"/policies/{policy['id']}"
    changed = router.put(path, {**policy, "order": 7})
    image = make_image(PatientID=someone)
    send(orthanc.dicom_port, [image])
    [waiting] = router.wait_for_deliveries(len, policy=policy["id"])
    router.delete(path)

    assert router.get(f"{path}/revisions")["items"] == [as_read(changed), as_read(policy)]
    [order] = router.get(f"{path}/differences", **{"from": 1, "to": 2})["differences"]
    assert order["path"] == "order"

    restored = router.post(f"{path}/restore", {"revision": 1, "comment": "missed"})
    assert (restored["id"], restored["revision"], restored["order"]) == (policy["id"], 3, policy["order"])
    assert [one["revision"] for one in router.get(f"{path}/revisions")["items"]] == [3, 2, 1]

    router.post(f"/destinations/{destination['id']}/enable")
    delivery = router.wait_for_state(waiting["id"], "succeeded")
    node.wait_for([image.SOPInstanceUID])
    assert delivery["policy"] == {"id": policy["id"], "name": policy["name"], "revision": 2}
