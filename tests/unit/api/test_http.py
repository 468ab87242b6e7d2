# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, and the table of routes."""

import json

import pytest

from router.api.access import Access
from router.api.api import Api
from router.api.http import ApiError, Request, Response, Route, Router
from router.api.labels import Labels
from router.api.origin import Origins
from router.orthanc_api import OrthancApi
from router.secrets import SecretsUnreadable
from router.settings import Settings


def answered(request: Request) -> Response:
    return Response.of({"path": request.path})


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"order": NaN}', b"[Infinity]", b"[-Infinity]", b"\xff", b"[" * 100_000]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError) as raised:
        Request("POST", "/policies", body=body).json()
    assert raised.value.status == 400


@pytest.mark.parametrize("text", ["-1", "1.5", "ten", "²", "1001"])
def test_a_number_out_of_bounds_names_its_parameter(text: str) -> None:
    with pytest.raises(ApiError) as raised:
        Request("GET", "/policies", query=[("limit", text)]).number("limit", 10, 1000)
    assert raised.value.status == 422
    assert raised.value.details[0]["path"] == "limit"


def test_what_is_one_value_is_given_once() -> None:
    twice = Request("GET", "/deliveries", [("policy", "a"), ("policy", "a"), ("limit", "")])
    assert (twice.value("policy"), twice.value("limit")) == ("a", None)
    different = Request(
        "GET", "/deliveries", [("policy", "a"), ("policy", "b"), ("limit", "5"), ("limit", "6")]
    )
    for name in ("policy", "limit"):
        with pytest.raises(ApiError) as raised:
            different.number(name, 1, 10)
        assert (raised.value.status, raised.value.details[0]["path"]) == (422, name)


def test_values_may_be_repeated_or_parted_by_commas() -> None:
    request = Request("GET", "/deliveries", query=[("state", "failed,held"), ("state", "running")])
    assert request.values("state") == ["failed", "held", "running"]


class TestRouter:
    router = Router(
        [
            Route("GET", "/policies/{id}", lambda _request, id: Response.of({"id": id}), ""),
            Route("GET", "/app/{place:path}", lambda _request, place: Response.of({"place": place}), ""),
            Route("POST", "/policies", answered, ""),
        ]
    )

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/policies/a b", b'{"id": "a b"}'),
            ("/app/studies/1", b'{"place": "studies/1"}'),
            ("/app/", b'{"place": ""}'),
        ],
    )
    def test_parts_of_the_path_go_to_the_handler(self, path: str, body: bytes) -> None:
        route, parameters = self.router.find(Request("GET", path))
        assert route.handler(Request("GET", path), **parameters).body == body

    @pytest.mark.parametrize("path", ["/policies/a/b", "/", "/nothing"])
    def test_what_there_is_not(self, path: str) -> None:
        with pytest.raises(ApiError) as raised:
            self.router.find(Request("GET", path))
        assert raised.value.status == 404

    def test_a_wrong_method_is_told_the_right_one(self) -> None:
        with pytest.raises(ApiError) as raised:
            self.router.find(Request("DELETE", "/policies/a"))
        response = raised.value.response()
        assert (response.status, response.headers) == (405, {"Allow": "GET"})


def test_a_key_that_is_gone_is_told_in_words() -> None:
    def handler(_request: Request) -> Response:
        raise SecretsUnreadable("The key of all secrets is gone")

    api = Api(
        [Route("GET", "/cases", handler, "", None)],
        Access(Settings.of_configuration("{}"), lambda _headers: None),
        Origins(""),
        Labels(OrthancApi(1, ""), OrthancApi(1, "")),
    )
    response = api.answer(Request("GET", "/cases"))
    assert (response.status, json.loads(response.body)["error"]["message"]) == (
        503,
        "The key of all secrets is gone",
    )
