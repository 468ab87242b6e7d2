# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy would do is told before it is switched on, and nothing is done."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pydicom.uid import generate_uid

from samples import make_image, make_series, unique
from servers.node import Node
from servers.orthanc import OrthancServer, RestError
from servers.router import Json, RouterClient, tag
from servers.runs import finished, studies, wait_for_run
from servers.waiting import wait_until


@pytest.fixture
def patient_id() -> str:
    return unique("P")


def draft(patient_id: str, destination: Json, *conditions: Json, **fields: object) -> Json:
    """A policy for one patient's images."""
    return {
        "name": unique("Policy "),
        "rule": {"all": [tag("PatientID", "equals", patient_id), *conditions]},
        "actions": [{"type": "forward", "destination": destination["id"], **fields.pop("action", {})}],  # type: ignore[dict-item]
        **fields,
    }


def of_patient(patient_id: str) -> Json:
    return {"studies": {"PatientID": patient_id}}


def store(orthanc: OrthancServer, patient_id: str, modality: str = "CT", images: int = 1, **tags: Any) -> str:
    """Store a study of one patient; Orthanc's identifier of it."""
    identifiers = [
        orthanc.rest.upload(encoded(image))
        for image in make_series(images, modality, PatientID=patient_id, **tags)
    ]
    series = orthanc.rest.get(f"/instances/{identifiers[0]}")["ParentSeries"]
    return str(orthanc.rest.get(f"/series/{series}")["ParentStudy"])


def encoded(image: Any) -> bytes:
    buffer = BytesIO()
    image.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def ids(found: list[Json]) -> set[str]:
    return {study["resource"]["study"] for study in found}


class TestFindings:
    def test_what_matches_and_what_does_not_with_reasons(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, node: Node, patient_id: str
    ) -> None:
        ct = store(orthanc, patient_id, "CT", 3)
        mr = store(orthanc, patient_id, "MR", 2)
        policy = draft(patient_id, destination, tag("Modality", "equals", "CT"))
        run = router.post("/preview", {"draft": policy, **of_patient(patient_id)})
        assert run["state"] == "waiting"
        assert run["policy"] == {"id": None, "name": policy["name"], "revision": None}
        report = finished(router, run)
        assert report["studies"] == {"matched": 1, "unmatched": 1, "gained": 0, "lost": 0}
        assert report["instances"] == 3
        [there] = report["destinations"]
        assert there["destination"]["name"] == destination["name"]
        assert (there["studies"], there["deliveries"], there["instances"]) == (1, 1, 3)
        assert there["bytes"] == report["bytes"] > 0
        [matched] = studies(router, run, verdict="matched")
        assert matched["resource"]["study"] == ct
        assert matched["resource"]["patient_id"] == patient_id
        assert (matched["instances"], matched["matching_instances"]) == (3, 3)
        assert 'Modality: "CT" is "CT".' in matched["reason"]
        [unmatched] = studies(router, run, verdict="unmatched")
        assert unmatched["resource"]["study"] == mr
        assert unmatched["reason"] == 'Modality: "MR" is not "CT".'
        assert router.get(f"/runs/{run['id']}")["progress"] == {
            "studies_done": 2,
            "studies_total": 2,
            "instances": 5,
        }
        assert router.deliveries(resource=ct) == []
        assert node.accepted() == []

    def test_what_is_gained_and_lost_against_the_enabled_revision(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        ct, mr = store(orthanc, patient_id, "CT"), store(orthanc, patient_id, "MR")
        us = store(orthanc, patient_id, "US")
        old = draft(patient_id, destination, tag("Modality", "in", ["CT", "US"]))
        policy = router.post("/policies", old)
        new = draft(patient_id, destination, tag("Modality", "in", ["MR", "US"]))
        new["trigger"] = {"level": "study", "quiet_seconds": 60}
        run = router.post(f"/policies/{policy['id']}/preview", {"draft": new, **of_patient(patient_id)})
        report = finished(router, run)
        assert report["studies"] == {"matched": 2, "unmatched": 1, "gained": 1, "lost": 1}
        assert report["compared_revision"] == 1
        assert ids(studies(router, run, verdict="gained")) == {mr}
        assert ids(studies(router, run, verdict="lost")) == {ct}
        assert ids(studies(router, run, verdict="matched")) == {mr, us}

    def test_a_stored_revision(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        store(orthanc, patient_id, "CT")
        policy = router.post("/policies", draft(patient_id, destination, enabled=False))
        changed = {**policy, "rule": {"any": []}}
        router.put(f"/policies/{policy['id']}", changed)
        for revision, matched in ((1, 1), (2, 0)):
            run = router.post(
                f"/policies/{policy['id']}/preview", {"revision": revision, **of_patient(patient_id)}
            )
            report = finished(router, run)
            assert (report["studies"]["matched"], report["compared_revision"]) == (matched, None)
            assert run["policy"]["revision"] == revision
        assert (
            finished(router, router.post(f"/policies/{policy['id']}/preview", of_patient(patient_id)))[
                "studies"
            ]["matched"]
            == 0
        )

    def test_other_policies_that_stop_take_what_they_take(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        store(orthanc, patient_id, "CT")
        first = router.post(
            "/policies",
            draft(patient_id, destination, tag("Modality", "equals", "CT"), stop=True, order=-5),
        )
        for fields, reason in (
            ({}, f"The policy {first['name']!r} comes first, and stops."),
            ({"fallback": True, "order": -9}, "Another policy matches, and this one is a fallback."),
            ({"order": -9}, f'PatientID: "{patient_id}" is "{patient_id}".'),
        ):
            if "fallback" in fields:
                router.put(f"/policies/{first['id']}", {**first, "stop": False})
            document = draft(patient_id, destination, **fields)
            run = router.post("/preview", {"draft": document, **of_patient(patient_id)})
            finished(router, run)
            [study] = studies(router, run)
            assert study["reason"] == reason

    def test_only_the_images_that_match_where_the_action_selects_them(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, patient_id: str
    ) -> None:
        study = generate_uid()
        store(orthanc, patient_id, "CT", 4, StudyInstanceUID=study)
        store(orthanc, patient_id, "SR", 1, StudyInstanceUID=study)
        small = router.destination(unique("Small "), node, batch=3)
        document = draft(patient_id, small, tag("Modality", "equals", "CT"))
        document["trigger"] = {"level": "study", "quiet_seconds": 60}
        document["actions"] += [{"type": "forward", "destination": small["id"], "select": "matching"}]
        run = router.post("/preview", {"draft": document, **of_patient(patient_id)})
        everything, matching = finished(router, run)["destinations"]
        assert (everything["deliveries"], everything["instances"]) == (2, 5)
        assert (matching["deliveries"], matching["instances"]) == (2, 4)
        assert everything["bytes"] > matching["bytes"]
        [told] = studies(router, run)
        assert (told["instances"], told["matching_instances"]) == (5, 4)

    def test_tags_that_only_the_file_tells(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        thin = store(orthanc, patient_id, SliceThickness="1")
        store(orthanc, patient_id, SliceThickness="5")
        document = draft(patient_id, destination, tag("SliceThickness", "less_than", 2))
        run = router.post("/preview", {"draft": document, **of_patient(patient_id)})
        finished(router, run)
        assert ids(studies(router, run, verdict="matched")) == {thin}
        [unmatched] = studies(router, run, verdict="unmatched")
        assert unmatched["reason"] == 'SliceThickness: "5" is not less than 2.'

    def test_what_a_transform_changes_is_shown(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        store(orthanc, patient_id)
        transform = {"replace": {"PatientName": "Nobody"}, "remove": ["AccessionNumber"]}
        document = draft(patient_id, destination, action={"transform": transform})
        run = router.post("/preview", {"draft": document, **of_patient(patient_id)})
        [sample] = finished(router, run)["samples"]
        assert sample["resource"]["level"] == "instance"
        assert sample["action"]["type"] == "forward"
        assert sample["tags"] == [
            {"tag": "0008,0050", "name": "Accession Number", "before": "A1", "after": None},
            {"tag": "0010,0010", "name": "Patient's Name", "before": "Test^Person", "after": "Nobody"},
        ]


class TestSelection:
    def test_a_span_means_what_came_in_then(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        uid = generate_uid()
        early = store(orthanc, patient_id, StudyInstanceUID=uid)
        # Orthanc keeps to the second when an image came in.
        began = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        # Its clock may be a tick of the kernel's behind this one.
        wait_until(lambda: datetime.now(UTC) >= began + timedelta(milliseconds=50))
        store(orthanc, patient_id, StudyInstanceUID=uid)
        late = store(orthanc, patient_id)

        def found(span: Json, level: str) -> dict[str, int]:
            trigger = {"level": level}
            document = draft(patient_id, destination, trigger=trigger)
            run = router.post("/preview", {"draft": document, **of_patient(patient_id), **span})
            finished(router, run)
            return {
                one["resource"]["study"]: one["instances"] for one in studies(router, run, verdict="matched")
            }

        # Of the first study, the second image came in later; a policy for studies takes all of it.
        assert found({"from": began.isoformat()}, "instance") == {early: 1, late: 1}
        assert found({"from": began.isoformat()}, "study") == {early: 2, late: 1}
        assert found({"to": began.isoformat()}, "instance") == {early: 1}
        assert found({"from": "2001-01-01T00:00:00Z", "to": "2002-01-01T00:00:00Z"}, "study") == {}

    def test_named_resources_of_any_level(
        self, orthanc: OrthancServer, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        whole = store(orthanc, patient_id, images=2)
        other = store(orthanc, patient_id, images=3)
        image = orthanc.rest.get(f"/studies/{other}/instances")[0]
        resources = [
            {"level": "study", "id": whole},
            {"level": "instance", "id": image["ID"]},
        ]
        run = router.post("/preview", {"draft": draft(patient_id, destination), "resources": resources})
        assert finished(router, run)["instances"] == 3
        series = {"level": "series", "id": image["ParentSeries"]}
        run = router.post("/preview", {"draft": draft(patient_id, destination), "resources": [series]})
        assert finished(router, run)["instances"] == 3

    def test_nothing_found_is_a_clear_report(
        self, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        run = router.post("/preview", {"draft": draft(patient_id, destination), **of_patient(patient_id)})
        report = finished(router, run)
        assert report["studies"] == {"matched": 0, "unmatched": 0, "gained": 0, "lost": 0}
        assert (report["instances"], report["samples"]) == (0, [])
        assert router.get(f"/runs/{run['id']}")["progress"]["studies_total"] == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"from": "yesterday"}, "from"),
            ({"from": "2026-01-02T00:00:00"}, "from"),
            ({"to": "9999-12-31T23:59:59.9Z"}, "to"),
            ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, ""),
            ({"studies": {"NoSuchTag": "1"}}, "studies.NoSuchTag"),
            ({"studies": {"@RemoteAET": "1"}}, "studies.@RemoteAET"),
            ({"studies": {"StudyDate": 5}}, "studies.StudyDate"),
            ({"resources": [{"level": "study", "id": "none"}]}, "resources[0].id"),
            ({"resources": [{"level": "patient", "id": "none"}]}, "resources[0].level"),
            ({"resources": []}, "resources"),
            ({"revision": 1, "draft": {}}, ""),
            ({"draft": {"name": "x"}}, "draft.rule"),
            ({"drafts": {}}, "drafts"),
        ],
    )
    def test_bad_input_is_refused_with_its_path(
        self, router: RouterClient, policy: Json, body: Json, path: str
    ) -> None:
        with pytest.raises(RestError) as refused:
            router.post(f"/policies/{policy['id']}/preview", body)
        assert refused.value.status == 422
        assert refused.value.response.json()["error"]["details"][0]["path"] == path

    @pytest.fixture
    def policy(self, router: RouterClient) -> Json:
        return router.post("/policies", {"name": unique("P "), "enabled": False, "rule": {"any": []}})

    def test_what_is_not_there(self, router: RouterClient, policy: Json) -> None:
        for method, path, body in (
            ("POST", "/policies/none/preview", {}),
            ("POST", f"/policies/{policy['id']}/preview", {"revision": 99}),
            ("POST", "/policies/none/preview", {"draft": policy}),
            ("GET", "/runs/none", None),
            ("GET", "/runs/none/studies", None),
            ("POST", "/runs/none/pause", {}),
            ("DELETE", "/runs/none", None),
        ):
            assert router.rest.request(method, f"/router{path}", json=body).status_code == 404, path

    def test_lists_refuse_what_they_do_not_know(self, router: RouterClient) -> None:
        for path in ("/runs?kind=review", "/runs?state=open"):
            assert router.rest.request("GET", f"/router{path}").status_code == 422


class TestLife:
    def test_one_that_is_over_can_only_be_deleted(
        self, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        run = router.post("/preview", {"draft": draft(patient_id, destination), **of_patient(patient_id)})
        finished(router, run)
        for order in ("pause", "resume", "cancel"):
            answer = router.rest.request("POST", f"/router/runs/{run['id']}/{order}", json={})
            assert answer.status_code == 409
        router.delete(f"/runs/{run['id']}")
        assert router.rest.request("GET", f"/router/runs/{run['id']}").status_code == 404

    def test_they_are_listed_by_kind_state_and_policy(
        self, router: RouterClient, destination: Json, patient_id: str
    ) -> None:
        policy = router.post("/policies", draft(patient_id, destination, enabled=False))
        run = router.post(f"/policies/{policy['id']}/preview", of_patient(patient_id))
        finished(router, run)
        found = router.get("/runs", policy=policy["id"], kind="preview", state="finished")
        assert ([one["id"] for one in found["items"]], found["total"]) == ([run["id"]], 1)
        assert router.get("/runs", policy=policy["id"], kind="replay")["total"] == 0

    def test_pause_resume_and_cancel(self, own_orthanc: OrthancServer, node: Node, patient_id: str) -> None:
        router = RouterClient(own_orthanc.start().rest)
        for number in range(60):
            own_orthanc.rest.upload(encoded(make_image(PatientID=patient_id, StudyID=str(number))))
        document = draft(patient_id, router.destination("Node", node))

        def begun() -> tuple[Json, list[Json]]:
            """One that is far from its end, because it takes turns with many others; and those."""
            *others, run = [router.post("/preview", {"draft": document}) for _ in range(15)]
            return run, others

        def cancel(runs: list[Json]) -> None:
            for run in runs:
                router.rest.request("POST", f"/router/runs/{run['id']}/cancel", json={})

        run, others = begun()
        paused = router.post(f"/runs/{run['id']}/pause")
        cancel(others)
        assert paused["state"] == "paused"
        with pytest.raises(RestError):
            router.delete(f"/runs/{run['id']}")
        assert router.post(f"/runs/{run['id']}/resume")["state"] == "waiting"
        assert finished(router, run)["studies"]["matched"] == 60
        again, others = begun()
        assert router.post(f"/runs/{again['id']}/cancel")["state"] == "cancelled"
        cancel(others)
        ended = wait_for_run(router, again)
        assert ended["finished_at"]
        router.delete(f"/runs/{again['id']}")
