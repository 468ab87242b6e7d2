# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of codes: by role, recorded without any patient, and deciding about what goes out."""

from typing import Final

from samples import make_image, unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient
from servers.sender import send
from servers.storescp import StoreScp

LISTS: Final = "/pseudonyms/lists"


def imported(router: RouterClient, project: str, rows: str, **more: object) -> Json:
    return router.post(LISTS, {"project": project, "csv": f"patient_id;code\r\n{rows}", **more})


def test_deliveries_wait_for_the_list_and_cannot_be_released_past_it(
    orthanc: OrthancServer, router: RouterClient, storescp: StoreScp
) -> None:
    project, someone = unique("Project "), unique("PAT")
    destination = router.destination(unique("Scp "), storescp)
    transform = {"anonymize": True, "burned_in": "hold", "project": project}
    forward = {"type": "forward", "destination": destination["id"], "transform": transform}
    rule = {"tag": "PatientID", "operator": "equals", "value": someone}
    policy = router.policy(unique("Policy "), rule, actions=[forward])
    imported(router, project, "somebody else;T-1\n", on_miss="hold")
    send(orthanc.dicom_port, [make_image("US", PatientID=someone)])
    [held] = router.wait_for_deliveries(
        lambda found: [one["state"] for one in found] == ["held"], policy=policy["id"]
    )
    assert "is not in the list of codes" in held["note"]
    assert someone not in held["note"]
    router.post(f"/deliveries/{held['id']}/retry")
    [again] = router.wait_for_deliveries(
        lambda found: found[0]["next_attempt_at"] not in {None, held["next_attempt_at"]}, policy=policy["id"]
    )
    assert (again["state"], again["note"]) == ("held", held["note"])
    # Once it is listed it goes on by itself; that somebody has tried it is no look at its pixels.
    imported(router, project, f"{someone};T-2\n", on_miss="hold")
    [held] = router.wait_for_deliveries(
        lambda found: "looked at the pixels" in (found[0]["note"] or ""), policy=policy["id"]
    )
    assert not storescp.files()
    router.post(f"/deliveries/{held['id']}/retry")
    router.wait_until_delivered(1, policy=policy["id"])
    [arrived] = [storescp.read(uid) for uid in storescp.files()]
    assert (arrived.PatientID, arrived.PatientName) == ("T-2", "T-2")


def test_it_is_looked_at_imported_undone_taken_out_and_deleted(router: RouterClient) -> None:
    project = unique("Project ")
    rows = "77;T-1\r\n78;T-2\r\n"
    looked = imported(router, project, rows, dry_run=True)
    assert (looked["dry_run"], looked["codes"], looked["added"]) == (True, 2, 2)
    assert router.rest.request("POST", f"/router{LISTS}/export", json={"project": project}).status_code == 404
    imported(router, project, rows, comment="First ones", revision=0)
    again = imported(router, project, "78;T-3\n79;T-4\n", on_miss="refuse", revision=1)
    assert [again[name] for name in ("added", "changed", "removed")] == [1, 1, 1]
    [told] = [one for one in router.get(LISTS)["items"] if one["project"] == project]
    assert (told["current"]["on_miss"], told["previous"]["codes"]) == ("refuse", 2)
    # Only what becomes of others is changed.
    router.post(LISTS, {"project": project, "on_miss": "hold"})
    assert router.post(f"{LISTS}/undo", {"project": project})["current"]["on_miss"] == "refuse"
    body = {"project": project}
    table = router.rest.request("POST", f"/router{LISTS}/export", json=body).content.decode("utf-8-sig")
    assert table.splitlines()[1:] == ["78,,T-3,,", "79,,T-4,,"]
    named = {"patients": [{"patient_id": "78"}], "project": project}
    assert router.post("/pseudonyms", named)["items"][0]["pseudonym"] == "T-3"
    assert router.rest.request("DELETE", f"/router{LISTS}/{project}").status_code == 204
    assert router.rest.request("POST", f"/router{LISTS}/undo", json=body).status_code == 404
    entries = [
        (one["event"], one["detail"])
        for one in router.get("/audit", limit=50)["items"]
        if project in one["detail"]
    ]
    assert ("codes.imported", f"2 codes of project {project}; of others: derive. First ones") in entries
    assert {event for event, _ in entries} >= {
        "codes.imported",
        "codes.undone",
        "codes.exported",
        "codes.deleted",
    }
    assert not any("T-3" in detail for _, detail in entries)
    assert project not in router.rest.request("GET", "/router/export").text


def test_what_is_damaged_is_refused_and_changes_nothing(router: RouterClient) -> None:
    project = unique("Project ")
    imported(router, project, "77;T-1\n")
    body = {"project": project, "csv": "patient_id;code\n1E+05;T-1\n78;\n"}
    answer = router.rest.request("POST", f"/router{LISTS}", json=body)
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["error"]["details"]] == ["csv[2].patient_id", "csv[3].code"]
    stale = {"project": project, "csv": "patient_id;code\n78;T-1\n", "revision": 0}
    assert router.rest.request("POST", f"/router{LISTS}", json=stale).status_code == 412
    for wrong in ({"project": "@destination"}, {"project": project, "destination": "d"}, {"project": "none"}):
        assert router.rest.request("POST", f"/router{LISTS}", json=wrong).status_code in {404, 422}
    [told] = [one for one in router.get(LISTS)["items"] if one["project"] == project]
    assert told["current"]["revision"] == 1


def test_a_long_list_is_taken(router: RouterClient) -> None:
    project = unique("Project ")
    rows = "".join(
        f"PATIENT-OF-A-HOSPITAL-{number:06};CODE-OF-A-TRIAL-{number:06}\n" for number in range(100_000)
    )
    assert imported(router, project, rows)["codes"] == 100_000
    router.rest.request("DELETE", f"/router{LISTS}/{project}")
