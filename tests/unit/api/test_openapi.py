# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of the API: complete, valid, and of each answer a model."""

import json
import os
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from router.api.access import Access
from router.api.api import Api
from router.api.http import Route
from router.api.labels import Labels
from router.api.openapi import openapi
from router.api.origin import Origins
from router.orthanc_api import OrthancApi
from router.settings import Settings
from servers.described_api import DESCRIPTION


@pytest.fixture(scope="module")
def routes(table: list[Route]) -> Sequence[Route]:
    """All routes, that of the description too."""
    access = Access(Settings.of_configuration("{}"), lambda _headers: None)
    return Api(table, access, Origins(""), Labels(OrthancApi(1, ""), OrthancApi(1, ""))).routes


@pytest.fixture(scope="module")
def described(routes: Sequence[Route]) -> dict[str, Any]:
    """The description, as it is read."""
    document: dict[str, Any] = json.loads(json.dumps(openapi(routes)))
    return document


def test_every_route_with_a_json_answer_has_a_model_of_it(routes: Sequence[Route]) -> None:
    without = [
        f"{route.method} {route.pattern}"
        for route in routes
        if route.answer is None
        and route.status != HTTPStatus.NO_CONTENT
        and "application/json" in route.media_types
    ]
    assert without == []


def test_the_written_description_is_that_of_the_code(described: dict[str, Any]) -> None:
    """`docs/openapi.json`, of which the page's types are made."""
    text = json.dumps(described, indent=1) + "\n"
    if os.environ.get("WRITE_OPENAPI"):
        DESCRIPTION.write_text(text)
    assert DESCRIPTION.read_text() == text, "run tests/write-openapi"


def test_it_is_valid(described: dict[str, Any]) -> None:
    errors = [error.message for error in OpenAPIV31SpecValidator(described).iter_errors()]
    assert errors == []


def test_an_answer_has_all_fields_of_its_model_and_no_other(described: dict[str, Any]) -> None:
    """So that an answer with a field that is not described fails a test, and the other way round."""
    schemas = described["components"]["schemas"]
    lane = schemas["Lane"]
    assert lane["additionalProperties"] is False
    assert {"destination", "enabled", "waiting"} <= set(lane["required"])
    assert "last_error" not in lane["required"]  # it may be absent
    delivery = schemas["Delivery"]
    assert delivery["additionalProperties"] is False
    assert set(delivery["required"]) == set(delivery["properties"])
    assert "additionalProperties" not in schemas["Health"]  # parts may say more of themselves


def test_every_parameter_in_a_path_is_described(described: dict[str, Any]) -> None:
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path)), (method, path)


def test_every_error_but_of_the_login_is_the_error_document(described: dict[str, Any]) -> None:
    errors = described["components"]["responses"]
    assert "content" not in errors.pop("UNAUTHORIZED")
    assert {"NOT_FOUND", "UNPROCESSABLE_ENTITY", "PRECONDITION_FAILED"} <= errors.keys()
    for answer in errors.values():
        schema = answer["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ErrorDocument"}
