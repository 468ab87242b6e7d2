# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests' client refuses an answer that is not as it is described."""

import json
from typing import Any

import pytest
import requests

from servers.described_api import check_answer

TRAFFIC = {
    "node": {"id": "n", "name": "N"},
    "since": "2026-01-31T12:00:00Z",
    "seconds": 15,
    "received": [1],
    "sent": [0],
}


def answer(document: object, status: int = 200) -> requests.Response:
    """What `GET /router/traffic` has answered."""
    response = requests.Response()
    response.status_code = status
    response.headers["Content-Type"] = "application/json"
    response.raw = None
    response._content = json.dumps(document).encode()
    response.request = requests.Request("GET", "http://localhost/router/traffic").prepare()
    return response


def test_an_answer_as_it_is_described_passes() -> None:
    check_answer(answer(TRAFFIC), "/router/traffic?unknown=1")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"more": 1}, "more"),
        ({"seconds": "15"}, "seconds"),
        ({"received": [None]}, "received/0"),
        ({"node": {"id": "n"}}, "node"),
    ],
)
def test_another_does_not(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_answer(answer({**TRAFFIC, **changed}), "/router/traffic")


def test_nor_one_that_lacks_a_field() -> None:
    with pytest.raises(AssertionError, match="sent"):
        check_answer(answer({name: TRAFFIC[name] for name in TRAFFIC if name != "sent"}), "/router/traffic")


def test_nor_one_with_a_status_that_is_not_described() -> None:
    with pytest.raises(AssertionError):
        check_answer(answer(TRAFFIC, 202), "/router/traffic")


def test_an_error_is_the_error_document() -> None:
    check_answer(answer({"error": {"code": "x", "message": "X", "details": []}}, 502), "/router/traffic")
    with pytest.raises(AssertionError):
        check_answer(answer({"error": {"message": "X"}}, 502), "/router/traffic")


def test_what_orthanc_itself_answers_is_not_looked_at() -> None:
    check_answer(answer({"HttpStatus": 404}, 404), "/router/traffic")
    check_answer(answer(["a"]), "/router/none/of/it")
