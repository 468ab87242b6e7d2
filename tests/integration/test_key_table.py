# SPDX-License-Identifier: GPL-3.0-or-later
"""The key table of pseudonyms: for those who may change policies, and recorded."""

from samples import make_image, unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient
from servers.sender import send

PATIENTS = [{"patient_id": "77"}, {"patient_id": "77", "issuer": "A"}, {"patient_id": "=1+1"}]


def test_it_tells_the_pseudonyms_that_are_sent_and_is_recorded(router: RouterClient) -> None:
    answer = router.post("/pseudonyms", {"patients": PATIENTS, "project": "Lungs"})
    rows = answer["items"]
    assert [row["patient_id"] for row in rows] == ["77", "77", "=1+1"]
    assert len({row["pseudonym"] for row in rows}) == 3
    shared = router.post("/pseudonyms", {"patients": PATIENTS})["items"]
    assert shared[0]["pseudonym"] != rows[0]["pseudonym"]
    entry = router.get("/audit", event="pseudonyms.exported", limit=2)["items"][1]
    assert entry["detail"] == "3 patients (project Lungs)"
    assert rows[0]["pseudonym"] not in str(entry)


def test_as_a_spreadsheet_it_has_no_formulas(router: RouterClient) -> None:
    body = {"patients": PATIENTS, "format": "csv"}
    response = router.rest.request("POST", "/router/pseudonyms", json=body)
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "patient_id,issuer,pseudonym"
    assert lines[3].startswith("'=1+1,,")


def test_of_all_stored_patients_it_comes_in_portions(orthanc: OrthancServer, router: RouterClient) -> None:
    someone = unique()
    images = [
        make_image(PatientID=someone, IssuerOfPatientID="A"),
        make_image(PatientID=someone, IssuerOfPatientID="B"),
        make_image(PatientID=""),
    ]
    send(orthanc.dicom_port, images)
    rows: list[Json] = []
    without, offset = 0, 0
    while offset is not None:
        answer = router.post("/pseudonyms", {"project": "Lungs", "offset": offset, "limit": 2})
        rows += answer["items"]
        without += answer["without_identifier"]
        offset = answer["next_offset"]
    found = {row["issuer"]: row["pseudonym"] for row in rows if row["patient_id"] == someone}
    assert found.keys() == {"A", "B"}
    named = [{"patient_id": someone, "issuer": issuer} for issuer in ("A", "B")]
    told = router.post("/pseudonyms", {"patients": named, "project": "Lungs"})["items"]
    assert [row["pseudonym"] for row in told] == [found["A"], found["B"]]
    assert without >= 1


def test_what_makes_no_sense_is_refused(router: RouterClient) -> None:
    bodies: list[Json] = [
        {"patients": []},
        {"offset": -1},
        {"limit": 100_000},
        {"patients": [{"patient_id": ""}]},
        {"patients": PATIENTS, "project": "@x"},
        {"patients": PATIENTS, "format": "pdf"},
    ]
    for body in bodies:
        assert router.rest.request("POST", "/router/pseudonyms", json=body).status_code == 422
