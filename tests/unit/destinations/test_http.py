# SPDX-License-Identifier: GPL-3.0-or-later
"""Destination kind `http`, against a real server that misbehaves on demand."""

import base64
import hashlib
import hmac
import io
import json
import resource
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme

from router.destinations import (
    Declined,
    DestinationUnavailable,
    LoginRefused,
    Notice,
    Outgoing,
    Parcel,
    time_limit,
)
from router.destinations.bundle import read_bundle, write_multipart, write_zip
from router.destinations.http import HttpSettings, HttpTarget
from servers.http_service import Answer, HttpService
from servers.process import free_port

FILES = [b"first\r\n--\r\n", b"\r\nsecond\n", bytes(range(256)) * 500]


@pytest.fixture
def service() -> Iterator[HttpService]:
    with HttpService() as running:
        yield running


def target(url: str, **settings: Any) -> HttpTarget:
    return HttpTarget(HttpSettings.model_validate({"url": url, "timeout_seconds": 1} | settings))


def notice(key: str = "k1") -> Notice:
    return Notice(key=key, event={"id": key, "study": "Köln"})


def parcel(packing: Any, files: list[bytes] = FILES, **headers: str) -> Parcel:
    images = [Outgoing(str(number), partial(bytes, file)) for number, file in enumerate(files)]
    return Parcel("k1", images, packing, headers)


def results(service: HttpService, answer: Answer, **settings: Any) -> list[bytes]:
    """What comes of a parcel that is answered so."""
    service.usually = answer
    with target(service.url, **settings).process(parcel("multipart")) as given:
        return list(given.results())


class TestNotify:
    def test_sends_the_event_as_json_with_a_key(self, service: HttpService) -> None:
        target(service.url).notify(notice())
        [call] = service.calls
        assert (call.method, call.path) == ("POST", "/in")
        assert call.headers["content-type"] == "application/json"
        assert call.headers["idempotency-key"] == "k1"
        assert json.loads(call.body) == {"id": "k1", "study": "Köln"}

    def test_is_signed_over_time_and_body(self, service: HttpService) -> None:
        target(service.url, signing_secret="quiet").notify(notice())
        [call] = service.calls
        stamp = call.headers["x-router-timestamp"]
        assert abs(int(stamp) - time.time()) < 60
        wanted = hmac.new(b"quiet", stamp.encode() + b"." + call.body, hashlib.sha256).hexdigest()
        assert call.headers["x-router-signature"] == f"sha256={wanted}"

    def test_headers_and_logins(self, service: HttpService) -> None:
        target(service.url, headers={"X-Site": "1"}, secret_headers={"X-Api-Key": "k"}).notify(notice())
        target(service.url, bearer_token="abc").notify(notice())
        target(service.url, username="ü", password="p:w", method="PUT").notify(notice())
        plain, bearer, basic = service.calls
        assert (plain.headers["x-site"], plain.headers["x-api-key"]) == ("1", "k")
        assert bearer.headers["authorization"] == "Bearer abc"
        assert base64.b64decode(basic.headers["authorization"].removeprefix("Basic ")) == "ü:p:w".encode()
        assert basic.method == "PUT"

    def test_tls_is_checked(self, tmp_path: Path) -> None:
        authority = trustme.CA()
        ca_file = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        with HttpService(authority) as service:
            target(service.url, ca_file=ca_file).notify(notice())
            with pytest.raises(DestinationUnavailable, match="certificate"):
                target(service.url).notify(notice())
            assert len(service.calls) == 1

    def test_a_redirection_on_the_same_host_is_followed_with_the_same_request(
        self, service: HttpService
    ) -> None:
        service.answers = [Answer(307, headers={"Location": "/there"}), Answer(204)]
        target(service.url).notify(notice())
        first, second = service.calls
        assert second.path == "/there"
        assert (second.method, second.body, second.headers["idempotency-key"]) == (
            first.method,
            first.body,
            "k1",
        )

    def test_a_redirection_to_another_host_is_not_followed(self, service: HttpService) -> None:
        with HttpService() as other:
            service.answers = [Answer(307, headers={"Location": other.url})]
            with pytest.raises(DestinationUnavailable, match="another host"):
                target(service.url, bearer_token="abc").notify(notice())
            assert other.calls == []

    @pytest.mark.parametrize(
        "location",
        [
            "http://[",
            "http://127.0.0.1:x/in",
            "http://127.0.0.1:99999999/in",
            "\\\\elsewhere/in",
            "http:\\\\elsewhere/in",
            "//elsewhere/in",
            "ftp://127.0.0.1/in",
            "\xff\x00",
        ],
    )
    def test_a_redirection_to_what_is_no_address_here(self, service: HttpService, location: str) -> None:
        service.answers = [Answer(307, headers={"Location": location})]
        service.usually = Answer(204)
        with suppress(DestinationUnavailable):
            target(service.url, bearer_token="abc").notify(notice())
        # Whatever it is taken for, it is asked for here.
        assert {call.headers["host"] for call in service.calls} == {f"127.0.0.1:{service.port}"}

    def test_what_a_redirection_leads_to_is_always_a_path_here(self, service: HttpService) -> None:
        """Another parser may take what comes after a backslash, or two slashes, for a host."""
        for location in (f"{service.url}/../..//elsewhere/x?a=b", "/\\elsewhere/x?a=b"):
            service.answers = [Answer(307, headers={"Location": location}), Answer(204)]
            target(service.url).notify(notice())
            path = service.calls[-1].path
            assert path.endswith("elsewhere/x?a=b")
            assert not path.startswith("//")

    @pytest.mark.parametrize("status", [200, 307, 500])
    def test_an_answer_without_end_to_what_wants_none(self, service: HttpService, status: int) -> None:
        service.usually = Answer(status, b"x" * 100_000, {"Location": "/in"}, endless=True)
        with pytest.raises((DestinationUnavailable, Declined)):
            target(service.url, max_answer_megabytes=1).notify(notice())

    @pytest.mark.parametrize("answer", [Answer(body=b"x" * 10_000, drips=True), Answer(drips_headers=True)])
    @pytest.mark.parametrize("status", [200, 307, 500])
    def test_an_answer_that_drips_ends(
        self, service: HttpService, answer: Answer, status: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time_limit, "_WAITS", 0.2)
        service.usually = replace(answer, status=status)
        with pytest.raises((DestinationUnavailable, Declined)):
            target(service.url).notify(notice())

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("9" * 5000, 86400),
            ("-1", 0),
            ("1e9", 0),
            ("\u00b2", 0),
            ("soon", 0),
            ("Fri, 31 Feb 2040 10:00:00 GMT", 0),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
            ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", 0),
            ("Fri, 31 Dec 9999 23:59:59 -9999", 0),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ],
    )
    def test_when_to_come_again(self, service: HttpService, text: str, seconds: float) -> None:
        service.answers = [Answer(503, headers={"Retry-After": text})]
        with pytest.raises(DestinationUnavailable) as caught:
            target(service.url).notify(notice())
        assert caught.value.retry_after == seconds

    def test_redirections_in_a_circle_end(self, service: HttpService) -> None:
        service.usually = Answer(308, headers={"Location": "/in"})
        with pytest.raises(DestinationUnavailable, match="circle"):
            target(service.url).notify(notice())
        assert len(service.calls) == 4

    @pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504, 507])
    def test_a_service_that_is_away_for_a_while(self, service: HttpService, status: int) -> None:
        service.answers = [Answer(status, b"soon\n  back", {"Retry-After": "120"})]
        with pytest.raises(DestinationUnavailable, match=f"HTTP {status}: soon back") as caught:
            target(service.url).notify(notice())
        assert caught.value.retry_after == 120

    @pytest.mark.parametrize(("status", "lasting"), [(500, False), (400, True), (404, True), (422, True)])
    def test_a_service_that_refuses_this(self, service: HttpService, status: int, lasting: bool) -> None:
        service.answers = [Answer(status, b"no")]
        with pytest.raises(Declined, match=f"HTTP {status}: no") as caught:
            target(service.url).notify(notice())
        assert caught.value.lasting is lasting

    def test_wrong_credentials(self, service: HttpService) -> None:
        service.usually = Answer(401)
        with pytest.raises(LoginRefused, match="correct user, password or token"):
            target(service.url).notify(notice())
        with pytest.raises(LoginRefused):
            target(service.url).test()

    def test_an_unknown_host(self) -> None:
        with pytest.raises(DestinationUnavailable, match="not known"):
            target("http://no-such-host.invalid/in").notify(notice())

    def test_nobody_listens(self) -> None:
        with pytest.raises(DestinationUnavailable, match="cannot be reached"):
            target(f"http://127.0.0.1:{free_port()}/in").notify(notice())

    def test_a_service_that_says_nothing(self, service: HttpService) -> None:
        service.usually = Answer(silent=True)
        with pytest.raises(DestinationUnavailable, match="not answered within 1 s"):
            target(service.url).notify(notice())

    def test_the_query_which_may_hold_a_key_is_not_told(self, service: HttpService) -> None:
        service.usually = Answer(503)
        with pytest.raises(DestinationUnavailable) as caught:
            target(f"{service.url}?key=hidden").notify(notice())
        assert service.calls[0].path == "/in?key=hidden"
        assert "hidden" not in str(caught.value)


class TestTest:
    @pytest.mark.parametrize("status", [200, 204, 400, 404, 405, 415, 501])
    def test_sends_nothing_and_is_content_with_an_answer(self, service: HttpService, status: int) -> None:
        service.usually = Answer(status)
        assert str(status) in target(service.url).test()
        assert [(call.method, call.body) for call in service.calls] == [("OPTIONS", b"")]

    @pytest.mark.parametrize("status", [401, 403, 429, 500, 503, 507])
    def test_tells_what_is_wrong(self, service: HttpService, status: int) -> None:
        service.usually = Answer(status)
        with pytest.raises(DestinationUnavailable, match=str(status)):
            target(service.url).test()


class TestWhatAServiceGets:
    def test_one_image(self, service: HttpService) -> None:
        with target(service.url).process(parcel("instance", FILES[:1], X_Router="1")) as answer:
            assert list(answer.results()) == []
        [call] = service.calls
        assert call.headers["content-type"] == "application/dicom"
        assert call.headers["x_router"] == "1"
        assert call.body == FILES[0]

    def test_several_images_as_multipart(self, service: HttpService) -> None:
        with target(service.url).process(parcel("multipart")):
            pass
        [call] = service.calls
        assert call.headers["content-type"].startswith('multipart/related; type="application/dicom"')
        assert int(call.headers["content-length"]) == len(call.body)
        assert list(read_bundle(io.BytesIO(call.body), call.headers["content-type"], 10**9)) == FILES

    def test_several_images_as_zip(self, service: HttpService) -> None:
        with target(service.url).process(parcel("zip")):
            pass
        with zipfile.ZipFile(io.BytesIO(service.calls[0].body)) as archive:
            assert [archive.read(name) for name in archive.namelist()] == FILES


class TestWhatAServiceGives:
    def test_nothing(self, service: HttpService) -> None:
        assert results(service, Answer(204)) == []
        assert results(service, Answer(200)) == []

    @pytest.mark.parametrize("status", [200, 201])
    def test_one_file(self, service: HttpService, status: int) -> None:
        answer = Answer(status, FILES[0], {"Content-Type": "application/dicom"})
        assert results(service, answer) == FILES[:1]

    @pytest.mark.parametrize("write", [write_multipart, write_zip])
    def test_several_files(self, service: HttpService, write: Any) -> None:
        body = io.BytesIO()
        content_type = write(FILES, body)
        assert results(service, Answer(200, body.getvalue(), {"Content-Type": content_type})) == FILES

    def test_later(self, service: HttpService) -> None:
        service.usually = Answer(202)
        with target(service.url).process(parcel("zip")) as answer:
            assert answer.later

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("text/html", b"<h1>Welcome</h1>"),
            ("application/octet-stream", b"no dicom"),
            ("application/zip", b"no zip"),
            ("multipart/related", b"--b\r\n\r\nx\r\n--b--\r\n"),
            ("multipart/related; boundary=b", b"no parts"),
            ("multipart/related; boundary=b", b"--b\r\nContent-Type: application/dicom\r\n\r\nhalf a par"),
        ],
    )
    def test_garbage_is_told_and_may_be_better_the_next_time(
        self, service: HttpService, content_type: str, body: bytes
    ) -> None:
        with pytest.raises(Declined) as caught:
            results(service, Answer(200, body, {"Content-Type": content_type}))
        assert not caught.value.lasting

    def test_an_answer_that_is_cut_off(self, service: HttpService) -> None:
        answer = Answer(200, FILES[2], {"Content-Type": "application/dicom"}, cut=True)
        with pytest.raises(DestinationUnavailable, match="broken off"):
            results(service, answer)

    def test_an_answer_without_end(self, service: HttpService) -> None:
        answer = Answer(200, b"x" * 100_000, {"Content-Type": "application/dicom"}, endless=True)
        with pytest.raises(Declined, match="more than 1,048,576 bytes") as caught:
            results(service, answer, max_answer_megabytes=1)
        assert caught.value.lasting

    def test_a_zip_that_unpacks_to_too_much(self, service: HttpService) -> None:
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bomb.dcm", bytes(2_000_000))
        answer = Answer(200, body.getvalue(), {"Content-Type": "application/zip"})
        with pytest.raises(Declined, match="too much"):
            results(service, answer, max_answer_megabytes=1)


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file can become larger than this; to who writes it, it is as if the disk were full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


class TestFullDisk:
    @pytest.mark.parametrize("packing", ["instance", "multipart", "zip"])
    def test_a_request_that_cannot_be_put_together(self, service: HttpService, packing: Any) -> None:
        with (
            small_disk(1000),
            pytest.raises(DestinationUnavailable, match="Temporary files"),
            target(service.url).process(parcel(packing)),
        ):
            pytest.fail("the request was sent")
        assert service.calls == []

    @pytest.mark.parametrize("write", [write_multipart, write_zip])
    def test_an_answer_that_cannot_be_kept(self, service: HttpService, write: Any) -> None:
        body = io.BytesIO()
        content_type = write([bytes(500_000)], body)
        answer = Answer(200, body.getvalue(), {"Content-Type": content_type})
        with small_disk(200_000), pytest.raises(DestinationUnavailable, match="Temporary files"):
            results(service, answer)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"url": "ftp://host/in"}, "url"),
        ({"url": "https://user:secret@host/in"}, "url"),
        ({"url": "https://host/in#there"}, "url"),
        ({"headers": {"Host": "other"}}, "headers"),
        ({"headers": {"X Y": "1"}}, "headers"),
        ({"headers": {"X": "1\r\nY: 2"}}, "headers"),
        ({"secret_headers": {"Authorization": "x"}}, "secret_headers"),
        ({"username": "u"}, "both user and password"),
        ({"username": "u", "password": "p", "bearer_token": "t"}, "either"),
        ({"method": "GET"}, "method"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
    ],
)
def test_settings_that_are_wrong_are_named(settings: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        HttpSettings.model_validate({"url": "https://host/in"} | settings)
