# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail of a running router: what people change, and what is done to patients' data."""

import csv
import io
import sqlite3
from contextlib import closing

import pytest
from pymongo import MongoClient

from samples import make_image, unique
from servers.node import Node
from servers.orthanc import USERNAME, OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until

ONCE = {"attempts": 1, "initial_seconds": 0.05, "max_seconds": 0.2}


def events(router: RouterClient, **filters: object) -> list[str]:
    """Oldest first."""
    return [entry["event"] for entry in reversed(trail(router, **filters))]


def trail(router: RouterClient, **filters: object) -> list[Json]:
    """Newest first."""
    return list(router.get("/audit", limit=1000, **filters)["items"])


class TestChanges:
    def test_everything_that_people_change_is_told(self, router: RouterClient, node: Node) -> None:
        destination = router.destination(unique("Node "), node)
        policy = router.policy(unique("Policy "), patient("none"), destination, comment="for the trial")
        path = f"/policies/{policy['id']}"
        router.put(path, {**policy, "description": "changed", "comment": "better said"})
        router.post(f"{path}/disable", {"comment": "too many"})
        router.post(f"{path}/enable")
        router.post(f"{path}/restore", {"revision": 1})
        router.delete(path)
        router.post(f"/destinations/{destination['id']}/disable")
        router.delete(f"/destinations/{destination['id']}")
        assert events(router, object=policy["id"]) == [
            f"policy.{what}" for what in ("created", "changed", "disabled", "enabled", "restored", "deleted")
        ]
        assert events(router, object=destination["id"]) == [
            f"destination.{what}" for what in ("created", "disabled", "deleted")
        ]
        changed = trail(router, object=policy["id"], event="policy.changed")[0]
        assert changed["actor"] == {"type": "user", "name": USERNAME, "id": "", "address": ""}
        assert changed["object"] == {
            "type": "policy",
            "id": policy["id"],
            "name": policy["name"],
            "revision": 2,
        }
        assert (changed["detail"], changed["outcome"]) == ("better said", "success")
        details = [entry["detail"] for entry in trail(router, object=policy["id"])]
        assert details == ["", "", "", "too many", "better said", "for the trial"]

    def test_what_was_refused_is_not(self, router: RouterClient) -> None:
        before = router.get("/audit", limit=0)["total"]
        with pytest.raises(Exception, match="422"):
            router.post("/policies", {"name": unique()})
        assert router.get("/audit", limit=0)["total"] == before


class TestDeliveries:
    def test_what_was_delivered_whose_and_where_to(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone = unique("PAT")
        destination = router.destination(unique("Node "), node)
        policy = router.policy(unique("Policy "), patient(someone), destination)
        image = make_image(PatientID=someone, PatientName="Müller^Eva", AccessionNumber=unique("ACC"))
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        [entry] = trail(router, search=someone)
        assert entry["event"] == "delivery.succeeded"
        assert entry["actor"] == {"type": "policy", "name": policy["name"], "id": policy["id"], "address": ""}
        assert entry["object"] == {"type": "delivery", "id": delivery["id"], "name": "forward", "revision": 1}
        assert entry["patient"] == {
            "patient_id": someone,
            "patient_name": "Müller^Eva",
            "accession_number": image.AccessionNumber,
            "study_instance_uid": image.StudyInstanceUID,
            "study": delivery["resource"]["study"],
        }
        assert entry["destination"] == delivery["destination"]
        assert (entry["outcome"], entry["instances"]) == ("success", 1)
        assert entry["at"] == delivery["finished_at"]
        assert (
            trail(router, search=image.AccessionNumber)
            == trail(router, object=destination["id"])[:1]
            == [entry]
        )

    def test_what_failed_was_retried_and_given_up(
        self, orthanc: OrthancServer, router: RouterClient, node: Node
    ) -> None:
        someone = unique("PAT")
        destination = router.destination(unique("Node "), node, retry=ONCE)
        router.policy(unique("Policy "), patient(someone), destination)
        node.stop()
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [failed] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["failed"], search=someone
        )
        router.post(f"/destinations/{destination['id']}/disable")
        router.post(f"/deliveries/{failed['id']}/retry")
        router.post("/deliveries/cancel", {"search": someone})
        assert events(router, search=someone) == ["delivery.failed", "delivery.retried", "delivery.cancelled"]
        cancelled, retried, ended = trail(router, search=someone)
        assert ended["detail"] == failed["attempts"][-1]["error"]
        assert (ended["outcome"], ended["instances"]) == ("failure", 0)
        assert retried["actor"]["name"] == cancelled["actor"]["name"] == USERNAME


class TestExport:
    def test_as_a_table(self, orthanc: OrthancServer, router: RouterClient) -> None:
        answer = orthanc.rest.request("GET", "/router/audit/export", params={"event": "policy."})
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "audit.csv" in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [int(row["number"]) for row in rows] == [
            entry["number"] for entry in reversed(trail(router, event="policy."))
        ]

    def test_as_json(self, router: RouterClient) -> None:
        exported = router.get("/audit/export", format="json", event="policy.")
        assert exported == trail(router, event="policy.")[::-1]

    def test_it_is_told_itself(self, router: RouterClient) -> None:
        router.get("/audit/export", format="json", event="policy.", actor="edda")
        told = trail(router, event="audit.exported")[0]
        assert told["actor"]["name"] == USERNAME
        assert told["detail"] == "0 entries (event policy., actor edda)"

    @pytest.mark.parametrize(
        ("wrong", "path"),
        [({"format": "xml"}, "format"), ({"since": "yesterday"}, "since"), ({"outcome": "maybe"}, "outcome")],
    )
    def test_what_makes_no_sense_is_refused(
        self, orthanc: OrthancServer, wrong: dict[str, str], path: str
    ) -> None:
        answer = orthanc.rest.request("GET", "/router/audit/export", params=wrong)
        assert answer.status_code == 422
        assert answer.json()["error"]["details"][0]["path"] == path


class TestVerification:
    def test_nobody_has_changed_anything(self, router: RouterClient) -> None:
        found = router.get("/audit/verify")
        newest = trail(router)[0]
        assert found["ok"], found
        assert (found["first"], found["last"], found["hash"]) == (1, newest["number"], newest["hash"])

    def test_what_somebody_changed_behind_its_back_shows(self, own_orthanc: OrthancServer) -> None:
        with own_orthanc as server:
            router = RouterClient(server.rest)
            for n in range(3):
                router.policy(f"Policy {n}", patient("none"))
            trail(router)
            server.restart(kill=True)
            assert router.get("/audit/verify")["ok"]
            number = trail(router, event="policy.")[1]["number"]
            self._change(server, number)
            found = router.get("/audit/verify")
            assert (found["ok"], found["broken_at"]) == (False, number)

    def _change(self, server: OrthancServer, number: int) -> None:
        settings = server.configuration["Router"]
        if settings["MongoUri"]:
            with MongoClient[Json](settings["MongoUri"]) as client:
                entries = client[settings["MongoDatabase"]]["audit"]
                entries.update_one({"_id": number}, {"$set": {"object.name": "Another"}})
        else:
            file = server.router_directory / "router.sqlite3"
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                connection.execute(
                    "UPDATE audit SET entry = json_set(entry, '$.object.name', 'Another') WHERE number = ?",
                    (number,),
                )


def test_it_tells_when_the_router_ran(own_orthanc: OrthancServer) -> None:
    with own_orthanc as server:
        server.restart()
        router = RouterClient(server.rest)
        expected = ["router.started", "router.stopped", "router.started"]
        wait_until(lambda: events(router, event="router.") == expected, 15, lambda: trail(router))
        assert {entry["node"].partition("-")[0] for entry in trail(router)} == {server.configuration["Name"]}


def test_a_policy_that_is_edited_in_the_database_is_named_until_somebody_accepts_it(
    own_orthanc: OrthancServer, node: Node
) -> None:
    with own_orthanc as server:
        router = RouterClient(server.rest)
        policy = router.policy("Out", patient("SOMEONE"), router.destination("Node", node))
        _edit(server, policy["id"], "SOMEONE", "ANOTHER")
        wait_until(lambda: router.health().get("altered"), 20, router.health)
        health = router.health()
        assert [(one["kind"], one["name"]) for one in health["altered"]] == [("policy", "Out")]
        assert "The policy 'Out' was changed outside the router" in health["problems"][0]["message"]
        # Routing goes on, with what there is now.
        ours, theirs = make_image(PatientID="SOMEONE"), make_image(PatientID="ANOTHER")
        send(server.dicom_port, [ours, theirs])
        node.wait_for([str(theirs.SOPInstanceUID)])
        assert node.accepted() == [str(theirs.SOPInstanceUID)]
        accepted = router.post(f"/policies/{policy['id']}/accept", {"comment": "It was me"})
        assert (accepted["revision"], accepted["rule"]) == (2, patient("ANOTHER"))
        wait_until(lambda: router.health()["status"] == "ok", 10, router.health)
        told = ["policy.created", "policy.altered", "policy.accepted"]
        wait_until(lambda: events(router, event="policy.") == told, 10, lambda: trail(router))
        assert router.get("/audit/verify")["ok"]


def _edit(server: OrthancServer, policy: str, old: str, new: str) -> None:
    """Replace a part of a policy's JSON, as with an editor of the database."""
    settings = server.configuration["Router"]
    if settings["MongoUri"]:
        with MongoClient[Json](settings["MongoUri"]) as client:
            policies = client[settings["MongoDatabase"]]["policies"]
            stored = policies.find_one({"_id": policy})
            assert stored is not None
            body = str(stored["body"]).replace(old, new)
            policies.update_one({"_id": policy}, {"$set": {"body": body}})
    else:
        file = server.router_directory / "router.sqlite3"
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            change = "UPDATE documents SET document = replace(document, ?, ?) WHERE id = ?"
            connection.execute(change, (old, new, policy))
