# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that another web site makes a browser send are refused; security headers are on every answer."""

import json
import socket

import pytest

from router.api.access import Access
from router.api.api import Api
from router.api.http import Request, Response, Role, Route
from router.api.labels import Labels
from router.api.origin import Origins
from router.orthanc_api import OrthancApi
from router.settings import Settings

PUBLIC = "https://pacs.example.org/orthanc"


def answer(
    method: str = "POST",
    headers: dict[str, str] | None = None,
    body: bytes = b"{}",
    public_url: str = PUBLIC,
    role: Role | None = "edit",
    has_login: bool = True,
) -> Response:
    """What a request to Orthanc on this machine is answered."""
    given = {"host": "localhost:8042", "content-type": "application/json"} | (headers or {})
    routes = [Route(method, "/policies", lambda _request: Response.of({}), "", role)]
    access = Access(Settings.of_configuration("{}"), lambda _headers: None)
    api = Api(routes, access, Origins(public_url, has_login), Labels(OrthancApi(1, ""), OrthancApi(1, "")))
    return api.answer(Request(method, "/policies", headers=given, body=body))


def code(response: Response) -> str:
    return str(json.loads(response.body)["error"]["code"])


OWN = [
    {},
    {"origin": "http://localhost:8042"},
    {"origin": "https://pacs.example.org"},
    {"origin": "https://pacs.example.org:443"},
    {"origin": "http://PACS.local", "host": "pacs.local"},
    {"origin": "http://[::1]:8042", "host": "[::1]:8042"},
    {"sec-fetch-site": "same-origin", "origin": "http://localhost:8042"},
    {"sec-fetch-site": "same-origin", "origin": "https://inside.example.org"},
    {"sec-fetch-site": "none"},
]

OTHERS = [
    {"origin": "https://evil.example.org"},
    {"origin": "http://localhost:8043"},
    {"origin": "http://localhost"},
    {"origin": "http://pacs.example.org"},
    {"origin": "https://pacs.example.org.evil.org"},
    {"origin": "https://pacs.example.org:8443"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://localhost:port"},
    {"origin": "https://evil.example.org", "host": ""},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://localhost:8042"},
    {"sec-fetch-site": "none", "origin": "https://evil.example.org"},
]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("headers", OWN, ids=str)
def test_our_own_page_and_programs_may(method: str, headers: dict[str, str]) -> None:
    assert answer(method, headers).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("headers", OTHERS, ids=str)
def test_other_sites_may_not(method: str, headers: dict[str, str]) -> None:
    refused = answer(method, headers)
    assert (refused.status, code(refused)) == (403, "cross_site")


def test_without_a_public_address_only_the_host_counts() -> None:
    assert answer(headers={"origin": "http://localhost:8042"}, public_url="").status == 200
    assert answer(headers={"origin": "https://pacs.example.org"}, public_url="").status == 403
    assert answer(headers={"origin": "null"}, public_url="").status == 403


def test_links_from_elsewhere_lead_to_us() -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example.org"}
    assert answer("GET", headers, b"").status == 200


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"],
)
def test_what_a_form_of_another_site_can_send_is_refused(content_type: str) -> None:
    refused = answer(headers={"content-type": content_type})
    assert (refused.status, code(refused)) == (415, "not_json")


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_not(content_type: str) -> None:
    assert answer(headers={"content-type": content_type}).status == 200


def test_where_no_login_counts_services_may_send_as_they_like() -> None:
    assert answer(headers={"content-type": "text/plain"}, role=None).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_without_a_body_a_header_tells_that_no_other_site_asks(method: str) -> None:
    """What an image's address, or a form, can make a browser send where it names no site."""
    refused = answer(method, {"content-type": ""}, b"")
    assert (refused.status, code(refused)) == (415, "not_json")
    assert answer(method, {"content-type": "", "x-requested-with": "fetch"}, b"").status == 200
    assert answer(method, {"content-type": "application/json"}, b"").status == 200


def test_such_a_header_makes_no_json_of_a_form() -> None:
    headers = {"content-type": "text/plain", "x-requested-with": "fetch"}
    assert answer(headers=headers).status == 415


OUR_NAMES = [
    "localhost:8042",
    "127.0.0.1:8042",
    "[::1]:8042",
    "192.0.2.7",
    "orthanc:8042",
    "pacs.example.org",
]
OUR_NAMES += ["PACS.example.org.:8042", socket.gethostname()]
OTHER_NAMES = [
    "evil.example.org",
    "evil.example.org:8042",
    "pacs.example.org.evil.org",
    "1.2.3.4.evil.org",
    "[x",
    "",
]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
class TestWhereThereIsNoLogin:
    @pytest.mark.parametrize("host", OUR_NAMES)
    def test_the_host_is_one_of_ours(self, method: str, host: str) -> None:
        assert answer(method, {"host": host}, b"", has_login=False).status == 200

    @pytest.mark.parametrize("host", OTHER_NAMES)
    def test_a_name_that_another_site_may_have_is_refused(self, method: str, host: str) -> None:
        headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
        refused = answer(method, headers, b"", has_login=False)
        assert (refused.status, code(refused)) == (403, "wrong_host")

    @pytest.mark.parametrize("host", OTHER_NAMES)
    def test_with_a_login_the_browser_does_not_send_it_there(self, method: str, host: str) -> None:
        headers = {"host": host, "sec-fetch-site": "same-origin"}
        assert answer(method, headers, b"").status == 200


@pytest.mark.parametrize("headers", [{}, {"origin": "null"}, {"content-type": "text/plain"}], ids=str)
def test_every_answer_says_how_it_is_to_be_treated(headers: dict[str, str]) -> None:
    found = answer(headers=headers).headers
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Cache-Control"] == "no-store"
    assert "default-src 'none'" in found["Content-Security-Policy"]
    assert found["Cross-Origin-Resource-Policy"] == "same-origin"
