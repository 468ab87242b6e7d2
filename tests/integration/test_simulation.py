# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy would have made of what came in lately."""

from integration.test_preview import draft, store
from samples import unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, tag
from servers.runs import finished, studies
from servers.waiting import wait_until


def caught_up(orthanc: OrthancServer, router: RouterClient) -> None:
    last = orthanc.rest.get("/changes", last="")["Last"]
    wait_until(lambda: router.health()["intake"]["cursor"] >= last)


def test_deliveries_and_bytes_by_the_hour(
    orthanc: OrthancServer, router: RouterClient, destination: Json
) -> None:
    patient_id = unique("P")
    study = store(orthanc, patient_id, "CT", 3)
    store(orthanc, patient_id, "MR", 2)
    caught_up(orthanc, router)
    document = draft(
        patient_id,
        destination,
        tag("Modality", "equals", "CT"),
        trigger={"level": "study", "quiet_seconds": 60},
    )
    run = router.post("/simulate", {"draft": document, "days": 1})
    assert run["kind"] == "simulation"
    report = finished(router, run)
    [total] = report["totals"]
    assert total["destination"]["id"] == destination["id"]
    assert (total["deliveries"], total["instances"]) == (1, 3)
    [hour] = report["hours"]
    assert (hour["deliveries"], hour["instances"], hour["bytes"]) == (1, 3, total["bytes"])
    assert report["missed_windows"] == []
    [matched] = studies(router, run, verdict="matched")
    assert matched["resource"]["study"] == study


def test_a_stored_policy_that_nothing_has_matched(router: RouterClient, destination: Json) -> None:
    policy = router.post("/policies", draft(unique("P"), destination, enabled=False))
    run = router.post(f"/policies/{policy['id']}/simulate", {})
    assert finished(router, run) == {"hours": [], "totals": [], "missed_windows": []}
    assert router.get(f"/runs/{run['id']}")["request"]["days"] == 7


def test_bad_input_is_refused(router: RouterClient) -> None:
    for body, path in (
        ({"days": 0, "draft": {}}, "days"),
        ({}, "draft"),
        ({"draft": {"name": "x"}}, "draft.rule"),
    ):
        answer = router.rest.request("POST", "/router/simulate", json=body)
        assert answer.status_code == 422
        assert answer.json()["error"]["details"][0]["path"] == path
