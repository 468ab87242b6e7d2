# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates filled in for what is stored, before a policy that has them is saved."""

import pytest

from samples import make_series, unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient
from servers.sender import send


@pytest.fixture(scope="module")
def study(orthanc: OrthancServer) -> Json:
    """A stored study of three images."""
    someone = unique("PAT")
    send(
        orthanc.dicom_port, make_series(3, PatientID=someone, PatientName="Doe^Jane", StudyDescription="A&E")
    )
    (found,) = orthanc.rest.post("/tools/find", {"Level": "Study", "Query": {"PatientID": someone}})
    return {"level": "study", "id": found, "patient": someone}


def filled(router: RouterClient, study: Json, template: str, **fields: object) -> str:
    resource = {"level": study["level"], "id": study["id"]}
    answer = router.post("/templates/fill", {"template": template, "resource": resource, **fields})
    return str(answer["text"])


def test_a_text_says_what_a_notice_would(router: RouterClient, study: Json) -> None:
    template = "{{ policy }}: {{ instance_count }} images of {{ PatientID }}, {{ StudyDescription }}"
    assert filled(router, study, template, policy="CT") == f"CT: 3 images of {study['patient']}, A&E"


def test_html_cannot_be_broken_by_values(router: RouterClient, study: Json) -> None:
    assert filled(router, study, "<b>{{ StudyDescription }}</b>", use="html") == "<b>A&amp;E</b>"


def test_a_pseudonym_is_the_one_that_is_sent(router: RouterClient, study: Json) -> None:
    texts = {filled(router, study, "{{ pseudonym(PatientID) }}", use="value") for _ in range(2)}
    assert len(texts) == 1
    assert study["patient"] not in texts.pop()


def test_a_path_is_the_one_that_files_get(router: RouterClient, study: Json) -> None:
    template = "/archive/{{ StudyDescription }}/{{ PatientName }}/{{ PatientID }}.dcm"
    assert filled(router, study, template, use="path") == f"/archive/A&E/Doe^Jane/{study['patient']}.dcm"


@pytest.mark.parametrize(
    ("template", "resource", "status"),
    [("{{ NoSuchTag }}", None, 422), ("x", {"level": "study", "id": "nowhere"}, 404), (1, None, 422)],
)
def test_what_cannot_be_filled_in_is_refused(
    router: RouterClient, study: Json, template: object, resource: Json | None, status: int
) -> None:
    body = {"template": template, "resource": resource or {"level": "study", "id": study["id"]}}
    response = router.rest.request("POST", "/router/templates/fill", json=body)
    assert response.status_code == status, response.text
