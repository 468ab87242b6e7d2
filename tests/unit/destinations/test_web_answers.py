# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers of the kinds `peer` and `dicomweb` answer, and what that is taken for."""

import gzip
import json
from collections.abc import Iterator

import pytest

from router.destinations import DestinationUnavailable, InstancesRefused, time_limit
from samples import make_image
from servers.broken import BrokenServer
from servers.http_service import Answer, HttpService
from unit.destinations.outgoing_samples import Open, outgoing

LOGIN_PAGE = b"<!DOCTYPE html><html><body><form action='/login'>Welcome</form></body></html>"

#: By kind, an answer of a server that has taken all.
TAKEN = {
    "peer": Answer(200, b'{"ID": "a-b-c-d-e", "Status": "Success"}'),
    "dicomweb": Answer(200),
}


@pytest.fixture
def service() -> Iterator[HttpService]:
    with HttpService() as running:
        yield running


def xml(*failed: str, stored: tuple[str, ...] = (), namespace: str = "") -> bytes:
    """A Store Instances Response in DICOM's XML (PS3.19, annex A)."""

    def value(tag: str, vr: str, text: str) -> str:
        return f'<DicomAttribute tag="{tag}" vr="{vr}"><Value number="1">{text}</Value></DicomAttribute>'

    def sequence(tag: str, uids: tuple[str, ...], more: str = "") -> str:
        items = "".join(
            f'<Item number="{number}">{value("00081155", "UI", uid)}{more}</Item>'
            for number, uid in enumerate(uids, 1)
        )
        return f'<DicomAttribute tag="{tag}" vr="SQ">{items}</DicomAttribute>' if uids else ""

    content = sequence("00081198", failed, value("00081197", "US", "272")) + sequence("00081199", stored)
    declared = f' xmlns="{namespace}"' if namespace else ""
    told = f'<?xml version="1.0" encoding="UTF-8"?><NativeDicomModel{declared}>{content}</NativeDicomModel>'
    return told.encode()


@pytest.mark.parametrize("kind", ["peer", "dicomweb"])
class TestWhatIsNoAnswerOfSuchAServer:
    def test_images_have_arrived_where_it_is_one(self, service: HttpService, opened: Open, kind: str) -> None:
        service.usually = TAKEN[kind]
        opened(kind, url=service.url).send(outgoing(make_image(), make_image()))

    @pytest.mark.parametrize("status", [200, 201, 203])
    @pytest.mark.parametrize(
        "body", [LOGIN_PAGE, b"Welcome", b'{"ok": true}', b"[]", b"[1]", b"7", b"{}", b'"x"']
    )
    def test_other_pages_take_no_images(
        self, service: HttpService, opened: Open, kind: str, status: int, body: bytes
    ) -> None:
        service.usually = Answer(status, body)
        with pytest.raises(DestinationUnavailable, match="a login or a proxy in between"):
            opened(kind, url=service.url).send(outgoing(make_image()))

    @pytest.mark.parametrize("status", [201, 204, 206, 226])
    def test_a_status_that_says_nothing_of_images(
        self, service: HttpService, opened: Open, kind: str, status: int
    ) -> None:
        service.usually = Answer(status)
        with pytest.raises(DestinationUnavailable, match=f"HTTP {status}"):
            opened(kind, url=service.url).send(outgoing(make_image()))

    @pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
    @pytest.mark.parametrize("location", [None, "/login", "http://[", "http://elsewhere:99999999/", "\xff"])
    def test_a_redirection_leads_nowhere(
        self, service: HttpService, opened: Open, kind: str, status: int, location: str | None
    ) -> None:
        service.usually = Answer(status, TAKEN[kind].body, {} if location is None else {"Location": location})
        with pytest.raises(DestinationUnavailable, match="has moved to"):
            opened(kind, url=service.url).send(outgoing(make_image()))
        assert len(service.calls) == 1

    @pytest.mark.parametrize(
        "body", [b"[" * 100_000, b"9" * 10_000, b'{"Details": [' * 5000, b"[]", b'{"Details": {}}', b"\xff"]
    )
    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_json_that_makes_no_sense(
        self, service: HttpService, opened: Open, kind: str, status: int, body: bytes
    ) -> None:
        service.usually = Answer(status, body)
        with pytest.raises((DestinationUnavailable, InstancesRefused)):
            opened(kind, url=service.url).send(outgoing(make_image()))
        with pytest.raises(DestinationUnavailable):
            opened("peer", url=service.url).test()

    @pytest.mark.parametrize("packed", [False, True])
    @pytest.mark.parametrize("status", [200, 302, 500])
    def test_an_answer_without_end_is_not_taken_in(
        self, service: HttpService, opened: Open, kind: str, packed: bool, status: int
    ) -> None:
        body = gzip.compress(bytes(20_000_000)) if packed else bytes(100_000)
        headers = {"Location": "/there"} | ({"Content-Encoding": "gzip"} if packed else {})
        service.usually = Answer(status, body, headers, endless=not packed)
        with pytest.raises(DestinationUnavailable):
            opened(kind, url=service.url).send(outgoing(make_image()))

    @pytest.mark.parametrize("answer", [Answer(200, b"x" * 10_000, drips=True), Answer(drips_headers=True)])
    def test_an_answer_that_drips_ends(
        self, service: HttpService, opened: Open, kind: str, answer: Answer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time_limit, "_WAITS", 0.2)
        service.usually = answer
        with pytest.raises(DestinationUnavailable, match="is too slow"):
            opened(kind, url=service.url, timeout_seconds=1).send(outgoing(make_image()))

    def test_an_upload_that_is_taken_byte_by_byte_ends(
        self, service: HttpService, opened: Open, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time_limit, "_WAITS", 0.2)
        monkeypatch.setattr(time_limit, "_SLOWEST", 1e12)
        service.sips = True
        with pytest.raises(DestinationUnavailable, match="is too slow"):
            opened(kind, url=service.url, timeout_seconds=1).send(outgoing(make_image(size=20_000_000)))

    def test_an_upload_that_is_not_taken_is_told(self, opened: Open, kind: str) -> None:
        with BrokenServer(reset=False) as silent:
            sender = opened(kind, url=f"http://127.0.0.1:{silent.port}", timeout_seconds=1)
            with pytest.raises(DestinationUnavailable, match="has taken in nothing"):
                sender.send(outgoing(make_image(size=20_000_000)))

    def test_headers_that_are_cut_off_are_no_answer(
        self, service: HttpService, opened: Open, kind: str
    ) -> None:
        service.usually = Answer(200, cut_headers=True)
        with pytest.raises(DestinationUnavailable, match="broken off"):
            opened(kind, url=service.url).send(outgoing(make_image()))

    def test_an_answer_that_is_cut_off(self, service: HttpService, opened: Open, kind: str) -> None:
        service.usually = Answer(200, b"x" * 10_000, cut=True)
        with pytest.raises(DestinationUnavailable, match="broken off its answer"):
            opened(kind, url=service.url).send(outgoing(make_image()))

    def test_a_server_says_when_to_come_again(self, service: HttpService, opened: Open, kind: str) -> None:
        service.usually = Answer(503, headers={"Retry-After": "90"})
        with pytest.raises(DestinationUnavailable) as caught:
            opened(kind, url=service.url).send(outgoing(make_image()))
        assert caught.value.retry_after == 90


class TestPeer:
    @pytest.mark.parametrize("status", ["Success", "AlreadyStored"])
    def test_it_says_that_it_has_the_image(self, service: HttpService, opened: Open, status: str) -> None:
        service.usually = Answer(200, json.dumps({"ID": "a", "Status": status}).encode())
        opened("peer", url=service.url).send(outgoing(make_image()))

    @pytest.mark.parametrize("status", ["FilteredOut", "Failure", "StorageFull"])
    def test_it_says_that_it_has_not(self, service: HttpService, opened: Open, status: str) -> None:
        service.usually = Answer(200, json.dumps({"ID": "a", "Status": status}).encode())
        with pytest.raises(InstancesRefused) as refused:
            opened("peer", url=service.url).send(outgoing(make_image()))
        assert status in next(iter(refused.value.reasons.values()))


class TestStoreInstancesResponse:
    """PS3.18, 10.5.3: in JSON or XML, of whatever media type, and the status says little."""

    @pytest.mark.parametrize("status", [200, 202, 409])
    @pytest.mark.parametrize("namespace", ["", "http://dicom.nema.org/PS3.19/models/NativeDICOM"])
    def test_failures_told_in_xml(
        self, service: HttpService, opened: Open, status: int, namespace: str
    ) -> None:
        good, bad = outgoing(make_image(), make_image())
        told = xml(bad.instance, stored=(good.instance,), namespace=namespace)
        service.usually = Answer(status, told, {"Content-Type": "application/dicom+xml"})
        with pytest.raises(InstancesRefused) as refused:
            opened("dicomweb", url=service.url).send([good, bad])
        assert refused.value.reasons.keys() == {bad.instance}
        assert "0x0110" in refused.value.reasons[bad.instance]

    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\r\n "])
    def test_all_stored_told_in_xml(self, service: HttpService, opened: Open, start: bytes) -> None:
        images = outgoing(make_image(), make_image())
        told = xml(stored=tuple(image.instance for image in images))
        service.usually = Answer(200, start + (told.partition(b"?>")[2] if start.isspace() else told))
        opened("dicomweb", url=service.url).send(images)

    def test_a_server_that_knows_only_xml(self, service: HttpService, opened: Open) -> None:
        [image] = outgoing(make_image())
        service.answers = [Answer(406), Answer(200, xml(stored=(image.instance,)))]
        opened("dicomweb", url=service.url).send([image])
        assert [call.headers["accept"] for call in service.sent] == [
            "application/dicom+json",
            "application/dicom+xml",
        ]

    @pytest.mark.parametrize("body", [b"", LOGIN_PAGE, b"accepted", b"{}", b"<NativeDicomModel/>"])
    def test_what_was_only_accepted_is_not_known_to_have_arrived(
        self, service: HttpService, opened: Open, body: bytes
    ) -> None:
        service.usually = Answer(202, body)
        images = outgoing(make_image(), make_image())
        with pytest.raises(InstancesRefused) as refused:
            opened("dicomweb", url=service.url).send(images)
        assert refused.value.reasons.keys() == {image.instance for image in images}
        assert "does not say" in refused.value.reasons[images[0].instance]
        assert len(service.sent) == 1, "asking image by image says no more"

    def test_an_image_in_both_sequences_has_not_arrived(self, service: HttpService, opened: Open) -> None:
        [image] = outgoing(make_image())
        service.usually = Answer(202, xml(image.instance, stored=(image.instance,)))
        with pytest.raises(InstancesRefused):
            opened("dicomweb", url=service.url).send([image])

    @pytest.mark.parametrize(
        "told",
        [
            b'<!DOCTYPE NativeDicomModel [<!ENTITY one "1">]><NativeDicomModel/>',
            b'<!DOCTYPE NativeDicomModel SYSTEM "http://127.0.0.1:9/x.dtd"><NativeDicomModel/>',
            b'<?xml version="1.0" encoding="nonsense"?><NativeDicomModel/>',
            b"<NativeDicomModel>",
            b"<NativeDicomModel>" + b"<Item>" * 20_000,
            b"<NativeDicomModel>&unknown;</NativeDicomModel>",
        ],
    )
    def test_xml_that_is_not_read(self, service: HttpService, opened: Open, told: bytes) -> None:
        service.usually = Answer(200, told)
        with pytest.raises(DestinationUnavailable, match="does not answer as a DICOMweb server"):
            opened("dicomweb", url=service.url).send(outgoing(make_image()))
