# SPDX-License-Identifier: GPL-3.0-or-later
"""The action `process`: services get images and give back DICOM, nothing, or an answer later."""

import io
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import FileDataset, dcmread
from pydicom.uid import generate_uid

from integration.conftest import StoreSettings
from samples import file_bytes, make_image, make_series, uids, unique
from servers.example_service import ExampleService
from servers.http_service import Answer, HttpService
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send

QUICK = {"attempts": 5, "initial_seconds": 0.05, "max_seconds": 0.2}
ON_STUDY = {"level": "study", "quiet_seconds": 1}
DICOM = {"Content-Type": "application/dicom"}


@pytest.fixture(scope="module")
def store() -> StoreSettings:
    """What processing does with the store is the same on both."""
    return StoreSettings("sqlite")


@pytest.fixture
def someone() -> str:
    """A patient's ID that belongs to one test."""
    return unique("PAT")


@pytest.fixture
def service() -> Iterator[HttpService]:
    """A service that does what the test tells it."""
    with HttpService() as server:
        yield server


def service_at(router: RouterClient, url: str, **fields: object) -> Json:
    """A destination that leads to a service."""
    settings = {"url": url, "timeout_seconds": 5}
    document = {"name": unique("Service "), "kind": "http", "settings": settings, "retry": QUICK, **fields}
    return router.post("/destinations", document)


def processing(router: RouterClient, someone: str, destination: Json, **fields: object) -> Json:
    """A policy that has one patient's CT images processed; `fields` but `trigger` go over the action."""
    trigger = fields.pop("trigger", {"level": "instance"})
    rule = {"all": [*patient(someone)["all"], {"tag": "Modality", "operator": "equals", "value": "CT"}]}
    action = {"type": "process", "destination": destination["id"], **fields}
    return router.policy(unique("Process "), rule, trigger=trigger, actions=[action])


def stored_of(orthanc: OrthancServer, someone: str) -> list[FileDataset]:
    """All that Orthanc stores of a patient."""
    found = orthanc.rest.post("/tools/find", {"Level": "Instance", "Query": {"PatientID": someone}})
    return [dcmread(io.BytesIO(orthanc.dicom(instance))) for instance in found]


def result_of(image: FileDataset) -> FileDataset:
    """What a service might make of an image."""
    return make_image("OT", study=image.StudyInstanceUID, PatientID=image.PatientID)


class TestExamples:
    """The services in orthanc/services."""

    def test_a_derived_image_comes_back(
        self, orthanc: OrthancServer, router: RouterClient, tmp_path: Path, someone: str
    ) -> None:
        images = make_series(2, PatientID=someone)
        with ExampleService("derived_image", tmp_path, "--secret", "quiet") as example:
            destination = service_at(router, example.url)
            settings = {**destination["settings"], "signing_secret": "quiet"}
            router.put(f"/destinations/{destination['id']}", {**destination, "settings": settings})
            policy = processing(router, someone, destination, send="instance")
            send(orthanc.dicom_port, images)
            deliveries = router.wait_until_delivered(2, policy=policy["id"])
        assert {one["note"] for one in deliveries} <= {"1 result stored", "2 results stored"}
        results = [one for one in stored_of(orthanc, someone) if one.Modality == "OT"]
        assert len(results) == 2
        for result in results:
            assert result.ImageType[:2] == ["DERIVED", "SECONDARY"]
            assert result.StudyInstanceUID == images[0].StudyInstanceUID
            [source] = result.SourceImageSequence
            [image] = [one for one in images if one.SOPInstanceUID == source.ReferencedSOPInstanceUID]
            assert result.pixel_array.shape == (image.Rows, image.Columns)

    def test_a_wrong_signature_is_refused(
        self, orthanc: OrthancServer, router: RouterClient, tmp_path: Path, someone: str
    ) -> None:
        with ExampleService("derived_image", tmp_path, "--secret", "quiet") as example:
            policy = processing(router, someone, service_at(router, example.url))
            send(orthanc.dicom_port, [make_image(PatientID=someone)])
            [delivery] = router.wait_for_deliveries(
                lambda found: found and found[0]["attempts"], policy=policy["id"]
            )
        assert "HTTP 403" in delivery["attempts"][0]["error"]
        router.post("/deliveries/cancel", {"policy": policy["id"]})

    @pytest.mark.parametrize("packing", ["multipart", "zip"])
    def test_a_report_comes_back(
        self, orthanc: OrthancServer, router: RouterClient, tmp_path: Path, someone: str, packing: str
    ) -> None:
        study = generate_uid()
        images = [*make_series(2, study=study, PatientID=someone), make_image(study=study, PatientID=someone)]
        with ExampleService("structured_report", tmp_path) as example:
            destination = service_at(router, example.url)
            policy = processing(router, someone, destination, send=packing, trigger=ON_STUDY)
            send(orthanc.dicom_port, images)
            [delivery] = router.wait_until_delivered(3, policy=policy["id"])
        assert delivery["note"] == "1 result stored"
        [report] = [one for one in stored_of(orthanc, someone) if one.Modality == "SR"]
        [evidence] = report.CurrentRequestedProcedureEvidenceSequence
        named = {
            one.ReferencedSOPInstanceUID
            for series in evidence.ReferencedSeriesSequence
            for one in series.ReferencedSOPSequence
        }
        assert named == set(uids(images))
        # The second opinion: dcmtk reads it as a structured report, and only says that it knows no UTF-8.
        file = tmp_path / "report.dcm"
        file.write_bytes(file_bytes(report))
        read = subprocess.run(["dsrdump", file], capture_output=True, text=True, check=True)
        assert "3 images in 2 series" in read.stdout
        assert [line for line in read.stderr.splitlines() if "Specific Character Set" not in line] == []

    def test_a_report_comes_later(
        self, orthanc: OrthancServer, router: RouterClient, tmp_path: Path, someone: str
    ) -> None:
        login = ["--later", "--orthanc", orthanc.url, "--user", USERNAME, "--password", PASSWORD]
        with ExampleService("structured_report", tmp_path, *login) as example:
            policy = processing(router, someone, service_at(router, example.url))
            send(orthanc.dicom_port, [make_image(PatientID=someone)])
            [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        assert delivery["note"] == "1 result stored by the service"
        assert "call back" in delivery["attempts"][0]["error"]
        assert delivery["attempts"][-1]["error"] is None
        assert [one.Modality for one in stored_of(orthanc, someone)].count("SR") == 1


class TestResults:
    def test_nothing_may_come_back(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        service.usually = Answer(204)
        policy = processing(router, someone, service_at(router, service.url))
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        assert delivery["note"] is None
        assert len(stored_of(orthanc, someone)) == 1

    def test_a_result_knows_where_it_comes_from_and_does_not_fire_its_own_policy(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        image = make_image(PatientID=someone)
        result = result_of(image)
        service.usually = Answer(200, file_bytes(result), DICOM)
        destination = service_at(router, service.url)
        action = {"type": "process", "destination": destination["id"]}
        policy = router.policy(unique("Everything "), patient(someone), actions=[action])
        send(orthanc.dicom_port, [image])
        router.wait_until_delivered(1, policy=policy["id"])
        router.wait_until_caught_up()
        assert len(router.deliveries(policy=policy["id"])) == 1
        assert len(service.calls) == 1
        [stored] = orthanc.rest.call("POST", "/tools/lookup", data=str(result.SOPInstanceUID))
        [edge] = router.get(f"/lineage/instances/{stored['ID']}")["sources"]
        assert edge["policy"]["id"] == policy["id"]
        assert edge["service"] == destination["name"]

    def test_results_fire_other_policies(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        image = make_image(PatientID=someone)
        service.answers = [Answer(200, file_bytes(result_of(image)), DICOM)]
        processing(router, someone, service_at(router, service.url))
        rule = {"all": [*patient(someone)["all"], {"tag": "Modality", "operator": "equals", "value": "OT"}]}
        with HttpService() as second:
            action = {"type": "notify", "destination": service_at(router, second.url)["id"]}
            follows = router.policy(unique("Follows "), rule, actions=[action])
            send(orthanc.dicom_port, [image])
            router.wait_until_delivered(1, policy=follows["id"])
            assert len(second.calls) == 1

    def test_nothing_is_stored_and_nothing_lost_while_answers_are_bad(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        image = make_image(PatientID=someone)
        good = file_bytes(result_of(image))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("good.dcm", good)
            packed.writestr("bad.dcm", b"garbage")
        service.answers = [
            Answer(500),
            Answer(200, b"garbage", DICOM),
            Answer(200, archive.getvalue(), {"Content-Type": "application/zip"}),
            Answer(200, good, DICOM, cut=True),
            Answer(200, good, DICOM),
        ]
        policy = processing(router, someone, service_at(router, service.url))
        send(orthanc.dicom_port, [image])
        [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        errors = [attempt["error"] or "" for attempt in delivery["attempts"]]
        told = ("HTTP 500", "no DICOM file", "Result 2", "broken off", "")
        for error, words in zip(errors, told, strict=True):
            assert words in error
        assert len(stored_of(orthanc, someone)) == 2
        assert len({call.headers["idempotency-key"] for call in service.sent}) == 1

    def test_one_image_that_fails_does_not_keep_the_others(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        service.answers = [Answer(204), Answer(500), Answer(204)]
        service.usually = Answer(204)
        destination = service_at(router, service.url)
        policy = processing(router, someone, destination, send="instance", trigger=ON_STUDY)
        send(orthanc.dicom_port, make_series(3, PatientID=someone))
        [delivery] = router.wait_until_delivered(3, policy=policy["id"])
        assert "1 of 3 refused" in delivery["attempts"][0]["error"]
        assert len(service.calls) == 4
        assert len({call.headers["idempotency-key"] for call in service.calls}) == 3


class TestCallBack:
    def awaited(
        self,
        router: RouterClient,
        service: HttpService,
        orthanc: OrthancServer,
        someone: str,
        **fields: object,
    ) -> tuple[Json, str]:
        """A delivery that waits for its service, and the path where the service is to call."""
        service.answers = [Answer(202)]
        policy = processing(router, someone, service_at(router, service.url), **fields)
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["held"], policy=policy["id"]
        )
        address = service.calls[0].headers["x-router-callback"]
        assert address.startswith(f"{orthanc.url}/router/callbacks/")
        return delivery, address.removeprefix(orthanc.url)

    def test_a_delivery_waits_and_says_so_also_after_a_restart(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        delivery, path = self.awaited(router, service, orthanc, someone)
        assert "call back" in delivery["note"]
        assert delivery["next_attempt_at"]
        orthanc.restart(kill=True)
        answer = orthanc.rest.post(path, {"status": "done"})
        assert answer == {"delivery": delivery["id"], "state": "succeeded"}
        assert router.get(f"/deliveries/{delivery['id']}")["note"] == "0 results stored by the service"

    def test_a_token_is_good_once_and_only_as_it_is(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        _, path = self.awaited(router, service, orthanc, someone)
        statuses = [
            orthanc.rest.request("POST", tried, json={}).status_code
            for tried in (f"{path[:-4]}AAAA", "/router/callbacks/guess", path, path)
        ]
        assert statuses == [404, 404, 200, 409]

    def test_results_are_named_by_either_identifier_and_must_be_there(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        delivery, path = self.awaited(router, service, orthanc, someone)
        results = [make_image("OT", PatientID=someone) for _ in range(2)]
        identifier, _ = (orthanc.rest.upload(file_bytes(one)) for one in results)
        refused = orthanc.rest.request("POST", path, json={"instances": [identifier, "1.2.3"]})
        assert refused.json()["error"]["details"][0]["path"] == "instances[1]"
        orthanc.rest.post(path, {"instances": [identifier, results[1].SOPInstanceUID]})
        assert router.get(f"/deliveries/{delivery['id']}")["note"] == "2 results stored by the service"
        [edge] = router.get(f"/lineage/instances/{identifier}")["sources"]
        assert edge["delivery"] == delivery["id"]

    def test_a_failure_is_told_and_tried_again(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        service.usually = Answer(204)
        delivery, path = self.awaited(router, service, orthanc, someone)
        orthanc.rest.post(path, {"status": "failed", "message": "out of memory"})
        done = router.wait_for_state(delivery["id"], "succeeded")
        assert "out of memory" in done["attempts"][1]["error"]
        assert len(service.calls) == 2

    def test_a_deadline_that_passes_is_another_attempt_and_the_last_one_fails(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        service.usually = Answer(202)
        destination = service_at(router, service.url, retry={**QUICK, "attempts": 2})
        policy = processing(router, someone, destination, deadline_seconds=1)
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["failed"], policy=policy["id"]
        )
        assert delivery["note"] == "No attempt is left"
        assert "call back" in delivery["attempts"][-1]["error"]
        assert len(service.calls) == 2
        early = service.calls[0].headers["x-router-callback"].removeprefix(orthanc.url)
        assert orthanc.rest.request("POST", early, json={}).status_code == 409

    def test_each_image_has_a_token_of_its_own(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        service.usually = Answer(202)
        destination = service_at(router, service.url)
        policy = processing(router, someone, destination, send="instance", trigger=ON_STUDY)
        send(orthanc.dicom_port, make_series(2, PatientID=someone))
        router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["held"], policy=policy["id"]
        )
        paths = [call.headers["x-router-callback"].removeprefix(orthanc.url) for call in service.calls]
        assert orthanc.rest.post(paths[0], {})["state"] == "held"
        assert orthanc.rest.request("POST", paths[0], json={}).status_code == 409
        assert orthanc.rest.post(paths[1], {})["state"] == "succeeded"
