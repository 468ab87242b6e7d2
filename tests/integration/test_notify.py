# SPDX-License-Identifier: GPL-3.0-or-later
"""The action `notify`: mails and HTTP events about what came in, once, whatever goes wrong."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from pydicom import FileDataset
from pydicom.uid import generate_uid

from integration.conftest import StoreSettings
from samples import file_bytes, make_image, make_series, unique
from servers.http_service import Answer, HttpService
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.smtp import SmtpServer

QUICK = {"attempts": 5, "initial_seconds": 0.05, "max_seconds": 0.2}
ON_STUDY = {"level": "study", "quiet_seconds": 1}
MAIL = {"type": "notify", "to": ["a@example.org"], "subject": "{{ Modality }} is here", "body": "Look at it"}


@pytest.fixture(scope="module")
def store() -> StoreSettings:
    """What notices do with the store is the same on both."""
    return StoreSettings("sqlite")


@pytest.fixture
def someone() -> str:
    """A patient's ID that belongs to one test."""
    return unique("PAT")


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A mail server without encryption and login."""
    with SmtpServer() as server:
        yield server


@pytest.fixture
def service() -> Iterator[HttpService]:
    """A program that is told of images."""
    with HttpService() as server:
        yield server


def mail_to(router: RouterClient, smtp: SmtpServer, **settings: object) -> Json:
    """A destination that leads to the mail server."""
    given = {"host": "127.0.0.1", "port": smtp.port, "security": "none", "sender": "router@example.org"}
    document = {"name": unique("Mail "), "kind": "email", "settings": given | settings, "retry": QUICK}
    return router.post("/destinations", document)


def events_to(router: RouterClient, service: HttpService, **settings: object) -> Json:
    """A destination that leads to the program."""
    given = {"url": service.url, "timeout_seconds": 2} | settings
    document = {"name": unique("Events "), "kind": "http", "settings": given, "retry": QUICK}
    return router.post("/destinations", document)


def notifying(router: RouterClient, someone: str, destination: Json, **fields: object) -> Json:
    """A policy that notifies of one patient's images; `fields` but `trigger` go over the action."""
    trigger = fields.pop("trigger", {"level": "instance"})
    action = {**(MAIL if destination["kind"] == "email" else {"type": "notify"}), **fields}
    return router.policy(
        unique("Notify "),
        patient(someone),
        trigger=trigger,
        actions=[action | {"destination": destination["id"]}],
    )


def study_of(someone: str, *series: int, **tags: str) -> list[FileDataset]:
    """A study with so many images in each of its series."""
    study = generate_uid()
    return [
        image for number in series for image in make_series(number, study=study, PatientID=someone, **tags)
    ]


class TestMail:
    def test_one_mail_tells_of_a_whole_study_and_another_of_what_came_late(
        self, orthanc: OrthancServer, router: RouterClient, smtp: SmtpServer, someone: str
    ) -> None:
        body = (
            "{{ PatientName | name }}: {{ instance_count }} in {{ series_count }}, {{ policy }}, {{ link }}"
        )
        html = "<b>{{ StudyDescription }}</b>"
        destination = mail_to(router, smtp)
        attachments = {"preview": True, "series_csv": True}
        policy = notifying(
            router,
            someone,
            destination,
            trigger=ON_STUDY,
            body=body,
            html=html,
            attachments=attachments,
            cc=["{{ PatientID }}@example.org"],
        )
        # More than the destination takes at once: it is one mail all the same.
        router.put(f"/destinations/{destination['id']}", {**destination, "batch": 2})
        images = study_of(someone, 3, 2, StudyDescription="<i>Head & neck</i>")
        send(orthanc.dicom_port, images)
        [mail] = smtp.wait_for_mails(1)
        study = orthanc.rest.get("/studies", expand="")[-1]["ID"]
        assert mail.message["Subject"] == "CT is here"
        assert mail.recipients == ["a@example.org", f"{someone}@example.org"]
        link = f"{orthanc.url}/router/app/studies/{study}"
        assert mail.text.splitlines()[0] == f"Test, Person: 5 in 2, {policy['name']}, {link}"
        html_part = mail.part("text/html").get_content()
        assert html_part.strip() == "<b>&lt;i&gt;Head &amp; neck&lt;/i&gt;</b>"
        assert mail.part("image/png").get_content().startswith(b"\x89PNG")
        table = list(csv.DictReader(io.StringIO(mail.part("text/csv").get_content().lstrip("\ufeff"))))
        assert sorted(row["Instances"] for row in table) == ["2", "3"]
        assert {row["SeriesInstanceUID"] for row in table} == {image.SeriesInstanceUID for image in images}

        send(orthanc.dicom_port, [make_image(study=images[0].StudyInstanceUID, PatientID=someone)])
        [_, late] = smtp.wait_for_mails(2)
        assert "1 late image" in late.text
        assert late.message["Message-ID"] != mail.message["Message-ID"]
        deliveries = router.wait_until_delivered(6, policy=policy["id"])
        assert [one["late"] for one in deliveries] == [True, False]

    def test_tags_cannot_write_headers(
        self, orthanc: OrthancServer, router: RouterClient, smtp: SmtpServer, someone: str
    ) -> None:
        notifying(router, someone, mail_to(router, smtp), subject="{{ PatientComments }}")
        evil = "CT\r\nBcc: thief@example.org\r\n\r\nHello\u2028\x00"
        orthanc.rest.upload(file_bytes(make_image(PatientID=someone, PatientComments=evil)))
        [mail] = smtp.wait_for_mails(1)
        assert mail.message["Subject"] == "CT Bcc: thief@example.org Hello"
        assert mail.message["Bcc"] is None
        assert mail.recipients == ["a@example.org"]

    def test_a_recipient_made_of_tags_that_is_no_address_fails_at_once(
        self, orthanc: OrthancServer, router: RouterClient, smtp: SmtpServer, someone: str
    ) -> None:
        policy = notifying(router, someone, mail_to(router, smtp), to=["{{ PatientComments }}"])
        evil = "a@example.org, thief@example.org"
        send(orthanc.dicom_port, [make_image(PatientID=someone, PatientComments=evil)])
        [delivery] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["failed"], policy=policy["id"]
        )
        assert "no mail address" in delivery["attempts"][0]["error"]
        assert len(delivery["attempts"]) == 1
        assert smtp.mails == []

    def test_a_recipient_refused_for_good_fails_at_once(
        self, orthanc: OrthancServer, router: RouterClient, smtp: SmtpServer, someone: str
    ) -> None:
        smtp.recipients["a@example.org"] = "550 no such user"
        policy = notifying(router, someone, mail_to(router, smtp))
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["failed"], policy=policy["id"]
        )
        assert "550 no such user" in delivery["attempts"][0]["error"]
        assert len(delivery["attempts"]) == 1

    def test_nothing_is_lost_and_nothing_twice_while_the_server_is_away_or_moody(
        self, orthanc: OrthancServer, router: RouterClient, smtp: SmtpServer, someone: str
    ) -> None:
        smtp.stop()
        destination = mail_to(router, smtp)
        router.put(f"/destinations/{destination['id']}", {**destination, "retry": {**QUICK, "attempts": 100}})
        policy = notifying(router, someone, destination)
        images = [make_image(PatientID=someone) for _ in range(4)]
        send(orthanc.dicom_port, images)
        router.wait_for_deliveries(
            lambda found: any(one["state"] == "retrying" for one in found), policy=policy["id"]
        )
        smtp.data = ["451 later", "cut"]
        smtp.start()
        deliveries = router.wait_until_delivered(4, policy=policy["id"])
        # Where the server took a mail and could not say so, it has the same one twice, and can tell.
        assert len({mail.message["Message-ID"] for mail in smtp.mails}) == len(deliveries)
        assert len(smtp.mails) == len(deliveries) + 1

    def test_a_digest_tells_of_several_at_once(
        self, orthanc: OrthancServer, router: RouterClient, smtp: SmtpServer, someone: str
    ) -> None:
        destination = mail_to(router, smtp, digest_minutes=10080)
        policy = notifying(router, someone, destination, body="{{ StudyDescription }}")
        for name in ("first", "second"):
            send(orthanc.dicom_port, [make_image(PatientID=someone, StudyDescription=name)])
        held = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["held", "held"], policy=policy["id"]
        )
        assert {one["note"] for one in held} == {"Collected for a digest"}
        assert len({one["next_attempt_at"] for one in held}) == 1
        assert all(one["attempts"] == [] for one in held)
        assert smtp.mails == []

    def test_no_more_mails_a_minute_than_wanted(
        self, orthanc: OrthancServer, router: RouterClient, smtp: SmtpServer, someone: str
    ) -> None:
        policy = notifying(router, someone, mail_to(router, smtp, per_minute=1))
        for _ in range(2):
            send(orthanc.dicom_port, [make_image(PatientID=someone)])
            smtp.wait_for_mails(1)
        found = router.wait_for_deliveries(
            lambda found: sorted(one["state"] for one in found) == ["succeeded", "waiting"],
            policy=policy["id"],
        )
        assert len(found) == 2
        assert len(smtp.mails) == 1
        # Pausing ends the wait, so that the test's Orthanc can end at once.
        router.post("/deliveries/cancel", {"policy": policy["id"]})


class TestEvents:
    def test_a_program_is_told_what_came(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        policy = notifying(router, someone, events_to(router, service), trigger=ON_STUDY)
        images = study_of(someone, 2, 1)
        send(orthanc.dicom_port, images)
        [call] = service.wait_for_calls(1)
        [delivery] = router.wait_until_delivered(3, policy=policy["id"])
        event = json.loads(call.body)
        assert call.headers["idempotency-key"] == event["id"] == delivery["id"]
        assert (event["event"], event["late"], event["instances"], event["series"]) == ("study", False, 3, 2)
        assert event["policy"] == {"id": policy["id"], "name": policy["name"], "revision": 1}
        assert event["resource"]["study_instance_uid"] == images[0].StudyInstanceUID
        assert event["resource"]["patient_id"] == someone

    def test_a_payload_is_filled_in_and_stays_json(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        payload = {
            "text": "{{ StudyDescription }} for {{ PatientID }}",
            "fields": [{"n": 1, "late": "{{ late }}"}],
        }
        notifying(router, someone, events_to(router, service), payload=payload)
        evil = 'Head","admin":"yes'
        send(orthanc.dicom_port, [make_image(PatientID=someone, StudyDescription=evil)])
        [call] = service.wait_for_calls(1)
        assert json.loads(call.body) == {"text": f"{evil} for {someone}", "fields": [{"n": 1, "late": ""}]}

    def test_nothing_is_lost_whatever_the_program_does(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        away = Answer(503, headers={"Retry-After": "0"})
        service.answers = [Answer(500), away, Answer(200, b"cut in the middle", cut=True)]
        policy = notifying(router, someone, events_to(router, service))
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_until_delivered(1, policy=policy["id"])
        errors = [attempt["error"] or "" for attempt in delivery["attempts"]]
        for error, words in zip(errors, ("HTTP 500", "HTTP 503", "broken off", ""), strict=True):
            assert words in error
        assert len({call.headers["idempotency-key"] for call in service.sent}) == 1
        assert len({call.body for call in service.sent}) == 1

    def test_a_refusal_fails_at_once(
        self, orthanc: OrthancServer, router: RouterClient, service: HttpService, someone: str
    ) -> None:
        service.usually = Answer(422, b"unknown study")
        policy = notifying(router, someone, events_to(router, service))
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        [delivery] = router.wait_for_deliveries(
            lambda found: [one["state"] for one in found] == ["failed"], policy=policy["id"]
        )
        assert "unknown study" in delivery["attempts"][0]["error"]
        assert len(service.calls) == 1


class TestSaving:
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"to": []}, "to"),
            ({"to": ["nobody"]}, "to[0]"),
            ({"to": ["{{ Nonsense }}@example.org"]}, "to[0]"),
            ({"cc": ["a@example.org", "{{ PatientID"]}, "cc[1]"),
            ({"subject": "{{ PatientNme }}"}, "subject"),
            ({"subject": ""}, "subject"),
            ({"body": "{% for x in y %}{% endfor %}"}, "body"),
            ({"body": "", "html": ""}, "body"),
            ({"html": "{{ ''.__class__ }}"}, "html"),
            ({"payload": {"text": "x"}}, "payload"),
            ({"attachments": {"preview": True, "max_bytes": 1}}, "attachments.max_bytes"),
        ],
    )
    def test_what_is_wrong_with_a_mail_is_named(
        self, router: RouterClient, smtp: SmtpServer, fields: Json, path: str
    ) -> None:
        self._refused(router, MAIL | fields | {"destination": mail_to(router, smtp)["id"]}, path)

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"to": ["a@example.org"]}, "to"),
            ({"payload": {"a": [{"b": "{{ Nonsense }}"}]}}, "payload.a[0].b"),
            ({"attachments": {"preview": True}}, "attachments"),
        ],
    )
    def test_what_is_wrong_with_an_event_is_named(
        self, router: RouterClient, service: HttpService, fields: Json, path: str
    ) -> None:
        destination = events_to(router, service)
        self._refused(router, {"type": "notify", "destination": destination["id"], **fields}, path)

    def test_a_destination_must_be_able_to_do_what_is_asked_of_it(
        self, router: RouterClient, smtp: SmtpServer, destination: Json
    ) -> None:
        self._refused(router, MAIL | {"destination": destination["id"]}, "destination")
        mail = mail_to(router, smtp)
        self._refused(router, {"type": "forward", "destination": mail["id"]}, "destination")
        self._refused(router, {"type": "process", "destination": mail["id"]}, "destination")
        kinds = {one["kind"]: one["actions"] for one in router.get("/destination-kinds")["items"]}
        assert (kinds["email"], kinds["http"], kinds["dicom"]) == (
            ["notify"],
            ["notify", "process"],
            ["forward"],
        )

    def test_a_destination_that_is_used_cannot_become_of_another_kind(
        self, router: RouterClient, smtp: SmtpServer, service: HttpService, someone: str
    ) -> None:
        mail = mail_to(router, smtp)
        notifying(router, someone, mail)
        changed = {**mail, "kind": "http", "settings": {"url": service.url}}
        response = router.rest.request("PUT", f"/router/destinations/{mail['id']}", json=changed)
        assert response.status_code == 422
        assert response.json()["error"]["details"][0]["path"] == "kind"

    def test_an_alternate_must_be_able_to_do_the_same(
        self, router: RouterClient, smtp: SmtpServer, service: HttpService, destination: Json
    ) -> None:
        mail, events = mail_to(router, smtp), events_to(router, service)
        for alternate, status in ((destination, 422), (events, 200)):
            changed = {**mail, "alternate": alternate["id"]}
            response = router.rest.request("PUT", f"/router/destinations/{mail['id']}", json=changed)
            assert response.status_code == status, response.text

    def _refused(self, router: RouterClient, action: Json, path: str) -> None:
        document = {"name": unique("Wrong "), "rule": {"all": []}, "enabled": False, "actions": [action]}
        response = router.rest.request("POST", "/router/policies", json=document)
        assert response.status_code == 422, response.text
        assert response.json()["error"]["details"][0]["path"] == f"actions[0].{path}"
