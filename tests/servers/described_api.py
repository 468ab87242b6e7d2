# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what the router answers against the description of its API."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import requests

#: A unit test holds it against the code.
DESCRIPTION: Final = Path(__file__).parents[2] / "docs" / "openapi.json"
_JSON: Final = "application/json"


def check_answer(response: requests.Response, path: str) -> None:
    """Raise AssertionError where the router has answered otherwise than is described.

    `path` is that of the request (`/router/policies`). What Orthanc itself has answered is not looked at.
    """
    method = str(response.request.method).lower()
    if not response.headers.get("Content-Type", "").startswith(_JSON) or not response.content:
        return
    status, answer = str(response.status_code), response.json()
    described = _described(method, path.partition("?")[0])
    if described is None or (
        not response.ok and (status not in _answers(described, method) or "error" not in answer)
    ):
        return
    wrong = [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in _validator(described, method, status).iter_errors(answer)
    ]
    assert not wrong, f"{method} {path} has answered otherwise than docs/openapi.json says: {wrong}"


@cache
def _description() -> Mapping[str, Any]:
    described: Mapping[str, Any] = json.loads(DESCRIPTION.read_text())
    return described


@cache
def _expressions() -> list[tuple[re.Pattern[str], str]]:
    """All paths, those without parameters first."""
    paths = sorted(_description()["paths"], key=lambda path: (path.count("{"), path))
    return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path) for path in paths]


def _described(method: str, path: str) -> str | None:
    """The path under which a request is described; None where it is not."""
    for expression, described in _expressions():
        if method in _description()["paths"][described] and expression.fullmatch(path):
            return described
    return None


def _answers(path: str, method: str) -> Mapping[str, Any]:
    """The answers that are described, by status."""
    answers: Mapping[str, Any] = _description()["paths"][path][method]["responses"]
    return answers


@cache
def _validator(path: str, method: str, status: str) -> jsonschema_rs.Validator:
    """Of the JSON that is answered with a status."""
    answer = _answers(path, method).get(status, {})
    if "$ref" in answer:
        answer = _description()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    content = answer.get("content", {})
    schema = content[_JSON]["schema"] if _JSON in content else False
    whole = {"components": _description()["components"], "allOf": [schema]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
