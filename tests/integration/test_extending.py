# SPDX-License-Identifier: GPL-3.0-or-later
"""The additions that docs/extending.md shows, in a real router: each is one file, or one function of one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from extensions import extended_repository
from samples import make_image, unique
from servers.orthanc import OrthancServer, RestError
from servers.router import RouterClient, patient
from servers.sender import send


@pytest.fixture
def extended(tmp_path: Path) -> Iterator[OrthancServer]:
    """An Orthanc with a router that has the additions."""
    repository = extended_repository(tmp_path / "repository")
    with OrthancServer(tmp_path / "orthanc", repository=repository) as server:
        yield server


def test_they_are_listed_described_checked_and_carried_out(extended: OrthancServer) -> None:
    router = RouterClient(extended.rest)
    kinds = {one["kind"]: one for one in router.get("/destination-kinds")["items"]}
    assert kinds["null"]["actions"] == ["forward"]
    types = {one["type"]: one for one in router.get("/action-types")["items"]}
    assert types["annotate"]["label"] == "Annotate"
    assert types["annotate"]["schema"]["properties"]["number"]["default"] == 1100
    filters = {one["name"]: one for one in router.get("/template-filters")["items"]}
    assert filters["initials"]["documentation"] == "The first letter of each part of a name."
    assert "Annotate-Input" in router.get("/openapi.json")["components"]["schemas"]

    nowhere = router.post(
        "/destinations", {"name": unique("Nowhere "), "kind": "null", "settings": {"note": "for a test"}}
    )
    assert router.post(f"/destinations/{nowhere['id']}/test")["ok"]
    someone = unique("PAT")
    transform = {"replace": {"PatientName": "{{ PatientName | initials }}"}}
    forward = {"type": "forward", "destination": nowhere["id"], "transform": transform}
    draft = {
        "name": unique("All "),
        "rule": patient(someone),
        "actions": [forward, {"type": "annotate", "note": " "}],
    }
    [problem] = router.post("/check", {"draft": draft})["problems"]
    assert problem == {"path": "actions[1].note", "message": "A note needs a text"}
    with pytest.raises(RestError) as refused:
        router.post("/policies", draft)
    assert refused.value.status == 422
    policy = router.post("/policies", draft | {"actions": [forward, {"type": "annotate", "note": "seen"}]})
    assert policy["actions"][1]["number"] == 1100

    send(extended.dicom_port, [make_image(PatientID=someone, PatientName="Doe^Jane")])
    deliveries = router.wait_until_delivered(2, policy=policy["id"])
    assert {one["action"]["type"] for one in deliveries} == {"forward", "annotate"}
    [instance] = extended.instances()
    assert extended.rest.text(f"/instances/{instance}/metadata/1100") == "seen"
    resource = {"level": "instance", "id": instance}
    filled = router.post(
        "/templates/fill", {"template": "{{ PatientName | initials }}", "resource": resource}
    )
    assert filled == {"text": "DJ"}
