# SPDX-License-Identifier: GPL-3.0-or-later
"""Transforms tried on a stored image: tags and pixels before and after, and nothing is sent."""

import base64
import io
from typing import Any

import numpy
import pytest
from pydicom import dcmread

from samples import make_image, unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient
from servers.sender import send


@pytest.fixture(scope="module")
def study(orthanc: OrthancServer) -> Json:
    someone = unique("PAT")
    pixels = numpy.arange(64 * 64, dtype="<u2").tobytes()
    send(orthanc.dicom_port, [make_image(PatientID=someone, size=len(pixels), PixelData=pixels)])
    (found,) = orthanc.rest.post("/tools/find", {"Level": "Study", "Query": {"PatientID": someone}})
    return {"level": "study", "id": found, "patient": someone}


def tried(router: RouterClient, study: Json, transform: Json, **fields: Any) -> Json:
    resource = {"level": study["level"], "id": study["id"]}
    answer: Json = router.post("/transforms/try", {"transform": transform, "resource": resource, **fields})
    return answer


def test_tags_and_pixels_are_shown_before_and_after(router: RouterClient, study: Json) -> None:
    transform = {"anonymize": True, "redact": [{"rectangles": [[0, 0, 64, 32]]}]}
    answer = tried(router, study, transform)
    assert (answer["position"], answer["images"], answer["problem"]) == (0, 1, None)
    tags = {tag["tag"]: tag for tag in answer["tags"]}
    assert tags["0010,0020"]["before"] == study["patient"]
    assert tags["0010,0020"]["changed"] is True
    assert tags["0010,0020"]["after"] not in {None, study["patient"]}
    assert tags["0028,0010"] == {
        "tag": "0028,0010",
        "name": "Rows",
        "before": "64",
        "after": "64",
        "changed": False,
    }
    before, after = (base64.b64decode(answer["pixels"][name]) for name in ("before", "after"))
    assert before.startswith(b"\x89PNG")
    assert after.startswith(b"\x89PNG")
    assert before != after


def test_a_problem_is_told_in_words(router: RouterClient, study: Json) -> None:
    answer = tried(router, study, {"redact": [{"rectangles": [[9999, 0, 1, 1]]}]})
    assert "outside" in answer["problem"]
    assert answer["tags"] == []


@pytest.mark.parametrize(
    ("transform", "resource", "status"),
    [
        ({"replace": {"NoSuchTag": "x"}}, None, 422),
        ({"anonymize": "maybe"}, None, 422),
        ({"anonymize": True}, {"level": "study", "id": "nowhere"}, 404),
        ({"anonymize": True}, {"level": "instance", "id": "nowhere"}, 404),
    ],
)
def test_what_cannot_be_tried_is_refused(
    router: RouterClient, study: Json, transform: Json, resource: Json | None, status: int
) -> None:
    body = {"transform": transform, "resource": resource or {"level": "study", "id": study["id"]}}
    response = router.rest.request("POST", "/router/transforms/try", json=body)
    assert response.status_code == status, response.text


def test_it_is_what_would_be_sent(router: RouterClient, study: Json, orthanc: OrthancServer) -> None:
    (instance,) = orthanc.rest.get(f"/studies/{study['id']}/instances")
    stored = dcmread(io.BytesIO(orthanc.dicom(instance["ID"])))
    answer = tried(router, study, {"uids": "regenerate"}, position=7)
    (uid,) = [tag for tag in answer["tags"] if tag["tag"] == "0008,0018"]
    assert uid["before"] == stored.SOPInstanceUID
    assert uid["after"].startswith("2.25.")
