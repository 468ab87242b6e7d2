# SPDX-License-Identifier: GPL-3.0-or-later
"""The library of devices: with revisions, recorded, and in force for all transforms that refer to it."""

from samples import make_image, unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient
from servers.sender import send
from servers.storescp import StoreScp


def test_a_correction_reaches_policies_as_they_are(
    orthanc: OrthancServer, router: RouterClient, storescp: StoreScp
) -> None:
    model, someone = unique("Echo "), unique("PAT")
    destination = router.destination(unique("Scp "), storescp)
    transform = {"anonymize": True, "redact_devices": True, "burned_in": "refuse"}
    forward = {"type": "forward", "destination": destination["id"], "transform": transform}
    rule = {"tag": "PatientID", "operator": "equals", "value": someone}
    policy = router.policy(unique("Policy "), rule, actions=[forward])
    image = make_image("US", PatientID=someone, ManufacturerModelName=model, BurnedInAnnotation="YES")
    send(orthanc.dicom_port, [image])
    [failed] = router.wait_for_deliveries(
        lambda found: [one["state"] for one in found] == ["failed"], policy=policy["id"]
    )
    assert "no redaction" in failed["attempts"][0]["error"]
    entry: Json = {"name": model, "when": {"ManufacturerModelName": model}, "rectangles": [[0, 0, 4, 4]]}
    before = router.get("/devices")
    # What was given out comes in again as it is, with one entry more.
    saved = router.put(
        "/devices", {**before, "redactions": [*before["redactions"], entry], "comment": "Seen"}
    )
    assert (saved["revision"], saved["redactions"][-1]["name"]) == (before["revision"] + 1, model)
    router.post(f"/deliveries/{failed['id']}/retry")
    router.wait_until_delivered(1, policy=policy["id"])
    [arrived] = [storescp.read(uid) for uid in storescp.files()]
    assert arrived.BurnedInAnnotation == "NO"
    assert router.get("/audit", event="devices.changed", limit=1)["items"][0]["detail"] == "Seen"
    again = router.post("/devices/restore", {"revision": saved["revision"], "comment": "Once more"})
    assert again["redactions"] == saved["redactions"]


def test_what_cannot_be_used_is_refused_with_its_place(router: RouterClient) -> None:
    revision = router.get("/devices")["revision"]
    wrong = [
        (
            {"name": "A", "when": {"NoSuchTag": 1}, "rectangles": [[0, 0, 1, 1]]},
            "redactions[0].when.NoSuchTag",
        ),
        ({"name": "A", "rectangles": []}, "redactions[0].rectangles"),
        ({"name": "", "rectangles": [[0, 0, 1, 1]]}, ""),
    ]
    for entry, path in wrong:
        answer = router.rest.request("PUT", "/router/devices", json={"redactions": [entry]})
        assert answer.status_code == 422
        assert answer.json()["error"]["details"][0]["path"] == path
    assert router.rest.request("POST", "/router/devices/restore", json={"revision": 999}).status_code == 404
    assert router.get("/devices")["revision"] == revision
