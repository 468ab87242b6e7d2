# SPDX-License-Identifier: GPL-3.0-or-later
"""Bearer tokens that a login server gives out (OAuth 2, client credentials), with real servers."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from router.destinations import DestinationUnavailable, LoginRefused, Notice
from router.destinations.dicomweb import DicomWebSettings
from router.destinations.http import HttpSettings, HttpTarget
from router.destinations.secret_places import place_of
from router.destinations.web import WebServer, WebSettings
from servers.http_service import Answer, HttpService
from servers.process import free_port

CLIENT = {"client_id": "router & co", "client_secret": "quiet: very"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def service() -> Iterator[HttpService]:
    with HttpService() as running:
        yield running


@pytest.fixture
def login() -> Iterator[HttpService]:
    with HttpService() as running:
        yield running


def gives(token: str, **more: object) -> Answer:
    """The answer of a login server with a token."""
    answer = {"access_token": token, "token_type": "Bearer", "expires_in": 3600, **more}
    return Answer(body=json.dumps(answer).encode(), headers=JSON)


def server(service: HttpService, login: HttpService, **settings: Any) -> WebServer:
    given = {"url": service.url, "token_url": login.url, "timeout_seconds": 1, **CLIENT, **settings}
    return WebServer(service.url, WebSettings.model_validate(given), 10_000)


def tokens(service: HttpService) -> list[str]:
    """What the requests were sent with."""
    return [call.headers["authorization"] for call in service.calls]


def test_one_token_serves_many_requests_at_once(service: HttpService, login: HttpService) -> None:
    login.usually = gives("first")
    asked = server(service, login)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _number: asked.call("POST", "/studies", b"body"), range(8)))
    assert tokens(service) == ["Bearer first"] * 8
    [call] = login.calls
    assert call.method == "POST"
    assert parse_qs(call.body.decode()) == {"grant_type": ["client_credentials"]}
    # The parts are encoded as in a form (RFC 6749, 2.3.1).
    expected = base64.b64encode(b"router+%26+co:quiet%3A+very").decode()
    assert call.headers["authorization"] == f"Basic {expected}"


def test_a_client_may_log_in_by_the_body_and_name_a_scope(service: HttpService, login: HttpService) -> None:
    login.usually = gives("first")
    server(service, login, client_login="body", scope="https://dicom.example/.default").call("GET", "/")
    [call] = login.calls
    assert "authorization" not in call.headers
    assert parse_qs(call.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["https://dicom.example/.default"],
        "client_id": [CLIENT["client_id"]],
        "client_secret": [CLIENT["client_secret"]],
    }


@pytest.mark.parametrize("lasts", [3600, "3600", None, "soon", float("inf")])
def test_a_token_is_replaced_shortly_before_its_end(
    service: HttpService, login: HttpService, monkeypatch: pytest.MonkeyPatch, lasts: object
) -> None:
    now = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("router.destinations.access_token.time", clock)
    login.answers = [gives("first", expires_in=lasts), gives("second")]
    asked = server(service, login)
    asked.call("GET", "/")
    asked.call("GET", "/")
    now[0] += (3600 if lasts in (3600, "3600") else 300) - 50
    asked.call("GET", "/")
    assert tokens(service) == ["Bearer first", "Bearer first", "Bearer second"]


def test_a_token_that_is_refused_is_renewed_once(service: HttpService, login: HttpService) -> None:
    login.answers = [gives("old"), gives("new")]
    service.answers = [Answer(401)]
    assert server(service, login).call("POST", "/studies", b"body").status == 200
    assert tokens(service) == ["Bearer old", "Bearer new"]
    assert [call.body for call in service.calls] == [b"body", b"body"]


def test_a_client_that_may_not_is_told_after_one_renewal(service: HttpService, login: HttpService) -> None:
    login.usually, service.usually = gives("any"), Answer(401)
    with pytest.raises(LoginRefused, match="refuses the token"):
        server(service, login).call("GET", "/")
    assert len(service.calls) == 2


def test_services_get_them_too(service: HttpService, login: HttpService) -> None:
    login.answers = [gives("old"), gives("new")]
    service.answers = [Answer(401)]
    given = {"url": service.url, "token_url": login.url, **CLIENT}
    HttpTarget(HttpSettings.model_validate(given)).notify(Notice(key="k1", event={"id": 1}))
    assert tokens(service) == ["Bearer old", "Bearer new"]
    assert [json.loads(call.body) for call in service.calls] == [{"id": 1}] * 2


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            Answer(401, b'{"error": "invalid_client", "error_description": "Unknown\\nclient"}', JSON),
            r"refuses the client: .* \(Unknown client\)",
        ),
        (Answer(400, b'{"error": "invalid_scope"}', JSON), r"refuses the client: .* \(invalid_scope\)"),
        (Answer(403, b"<html>"), r"refuses the client: .* \(HTTP 403\)"),
        (Answer(404, b"[]"), r"refuses the client: .* \(HTTP 404\)"),
    ],
)
def test_a_login_server_that_refuses(
    service: HttpService, login: HttpService, answer: Answer, told: str
) -> None:
    login.usually = answer
    with pytest.raises(LoginRefused, match=told) as refused:
        server(service, login).call("GET", "/")
    assert CLIENT["client_secret"] not in str(refused.value)
    assert service.calls == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(body=b"<html>"), "gives out no access token"),
        (Answer(body=b"[" * 100_000), "gives out no access token"),
        (Answer(body=b'{"access_token": 5}'), "gives out no access token"),
        (Answer(body=b'{"access_token": "a\\r\\nb: c"}'), "gives out no access token"),
        (Answer(302, headers={"Location": "http://127.0.0.1:9/"}), "gives out no access token"),
        (Answer(503), r"gives out no access token \(HTTP 503\)"),
        (Answer(429), r"gives out no access token \(HTTP 429\)"),
        (gives("first", token_type="mac"), "another kind than Bearer"),
        (Answer(body=b"x" * 2_000_000), "does not answer as one does"),
        (Answer(body=b"{}", cut=True), "does not answer as one does"),
        (Answer(silent=True), "has not answered within 1"),
    ],
)
def test_a_login_server_that_is_unwell(
    service: HttpService, login: HttpService, answer: Answer, told: str
) -> None:
    login.usually = answer
    with pytest.raises(DestinationUnavailable, match=told) as away:
        server(service, login).call("GET", "/")
    assert not isinstance(away.value, LoginRefused)
    assert service.calls == []


def test_a_login_server_that_is_away(service: HttpService, login: HttpService) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/token?key=quiet"
    with pytest.raises(DestinationUnavailable, match="cannot be reached") as away:
        server(service, login, token_url=nowhere).call("GET", "/")
    assert "quiet" not in str(away.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"token_url": "https://login.example/token"}, "a token URL, a client ID and a client secret"),
        ({"client_secret": "quiet"}, "a token URL, a client ID and a client secret"),
        ({"token_url": "https://login.example/token", **CLIENT, "bearer_token": "word"}, "either"),
        ({"username": "ada", "password": "quiet", "bearer_token": "word"}, "either"),
        ({"bearer_token": "two words"}, "one word"),
        ({**CLIENT, "token_url": "ftp://login.example"}, "must be an address"),
        ({**CLIENT, "token_url": "https://ada:quiet@login.example/"}, "must not hold"),
        ({**CLIENT, "token_url": "https://login.example/#part"}, "fragment"),
    ],
)
@pytest.mark.parametrize("model", [WebSettings, HttpSettings, DicomWebSettings])
def test_logins_that_are_none(model: Any, given: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        model.model_validate({"url": "https://pacs.example/dicom-web", **given})


def test_the_client_secret_belongs_to_the_login_server_and_the_client() -> None:
    settings = {"url": "https://pacs.example", "token_url": "https://login.example", "client_id": "router"}
    place = place_of("dicomweb", DicomWebSettings, settings, "client_secret")
    for changed in ({"token_url": "https://elsewhere.example"}, {"client_id": "other"}):
        assert place_of("dicomweb", DicomWebSettings, settings | changed, "client_secret") != place
