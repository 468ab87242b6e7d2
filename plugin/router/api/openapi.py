# SPDX-License-Identifier: GPL-3.0-or-later
"""Generates the OpenAPI document from the table of routes, so that the two cannot differ."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import TypedDict

from router.api.http import ErrorDocument, Route
from router.version import VERSION

_REFERENCE: Final = "#/components/schemas/{model}"

_JSON: Final = "application/json"

#: Whether a schema describes a request body (`validation`) or an answer (`serialization`).
_Mode = Literal["validation", "serialization"]
#: The schemas of models, or references to them.
_References = Mapping[tuple[Any, _Mode], Mapping[str, Any]]

_NUMBER: Final = {"type": "integer", "minimum": 0}


def _one_of(values: Iterable[str]) -> Mapping[str, object]:
    return {"type": "string", "enum": [*values]}


def _some_of(values: Iterable[str]) -> Mapping[str, object]:
    """Return the schema of one or several values, separated by commas."""
    one = "|".join(values)
    return {"type": "string", "pattern": f"^({one})?(,({one})?)*$"}


_MOMENT: Final = {"type": "string", "description": "A date and time, such as 2024-05-31T08:00:00Z"}
#: Parameters with a narrower schema than any text.
_PARAMETERS: Final[Mapping[str, Mapping[str, object]]] = {
    "level": _one_of(["instances", "series", "studies"]),
    "limit": _NUMBER,
    "offset": _NUMBER,
    "from": {**_NUMBER, "minimum": 1},
    "to": {**_NUMBER, "minimum": 1},
    "after": _NUMBER,
    "enabled": _one_of(["true", "false"]),
    "outcome": _one_of(["success", "failure"]),
    "since": _MOMENT,
    "until": _MOMENT,
}
_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": 'The revision that is to be replaced, such as "3"; without it, whatever there is',
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]+")$'},
}

_REQUESTED_WITH: Final = {
    "name": "X-Requested-With",
    "in": "header",
    "description": "Any value; not needed with Content-Type: application/json",
    "schema": {"type": "string", "pattern": "^[!-~]+$"},
}

#: Orthanc itself answers a request without a login; that answer has no JSON.
_NOT_LOGGED_IN: Final = {"description": "Orthanc asks for a login"}


class OpenApiDocument(TypedDict):
    """A description of an API (https://spec.openapis.org/oas/v3.1.0)."""

    openapi: str
    info: dict[str, str]
    paths: dict[str, dict[str, Any]]
    components: dict[str, Any]


class _Schemas(GenerateJsonSchema):
    """Requires each field of an answer's model, except the optional fields of a TypedDict.

    Other fields are not allowed, except where a TypedDict says `extra="allow"`.
    """

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """Return False: a title would only repeat the field's name."""
        return False

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        if self.mode == "serialization" and field["type"] != "typed-dict-field":
            return True
        return super().field_is_required(field, total)

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return self._closed(super().model_schema(schema))

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        return self._closed(super().dataclass_schema(schema))

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        described = super().typed_dict_schema(schema)
        # The TypedDict's own configuration: pydantic passes it down to the types of its fields.
        config = getattr(schema.get("cls"), "__pydantic_config__", {})
        return self._closed(described, is_open=config.get("extra") == "allow")

    def _closed(self, schema: JsonSchemaValue, *, is_open: bool = False) -> JsonSchemaValue:
        if self.mode != "serialization" or "properties" not in schema:
            return schema
        fields = {name: value for name, value in schema.items() if name != "additionalProperties"}
        return fields if is_open else {**fields, "additionalProperties": False}


def openapi(routes: Sequence[Route]) -> OpenApiDocument:
    """Return the OpenAPI 3.1 document of these routes, with paths below `/router`."""
    models: dict[tuple[Any, _Mode], TypeAdapter[Any]] = {}
    for route in routes:
        if route.body:
            models[route.body, "validation"] = TypeAdapter(route.body)
        for answer in (route.answer, *route.other_answers.values()):
            if answer is not None:
                models[answer, "serialization"] = TypeAdapter(answer)
    models[ErrorDocument, "serialization"] = TypeAdapter(ErrorDocument)
    references, schemas = TypeAdapter.json_schemas(
        [(model, mode, adapter) for (model, mode), adapter in models.items()],
        ref_template=_REFERENCE,
        schema_generator=_Schemas,
    )
    error = references[ErrorDocument, "serialization"]
    paths: dict[str, dict[str, Any]] = {}
    failures: set[int] = set()
    for route in routes:
        own_failures = sorted({*_failures(route), *route.errors})
        failures.update(own_failures)
        path = "/router" + re.sub(r":\w+\}", "}", route.pattern)
        operation: dict[str, Any] = {
            "summary": route.summary,
            "parameters": _parameters(path, route),
            "responses": {
                str(route.status): _success(route, references),
                **{str(status): {"$ref": _failure_reference(status)} for status in own_failures},
                **{
                    str(status): _answered(status, {"anyOf": [references[answer, "serialization"], error]})
                    for status, answer in route.other_answers.items()
                },
            },
            "x-role": route.role or "none",
        }
        if route.body is not None:
            schema = references[route.body, "validation"]
            content = {_JSON: {"schema": schema}}
            operation["requestBody"] = {"required": not route.body_is_optional, "content": content}
        paths.setdefault(path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orthanc Router", "version": VERSION},
        "paths": paths,
        "components": {
            "responses": {
                HTTPStatus(status).name: _NOT_LOGGED_IN
                if status == HTTPStatus.UNAUTHORIZED
                else _answered(status, error)
                for status in sorted(failures)
            },
            "schemas": schemas.get("$defs", {}),
        },
    }


def _parameters(path: str, route: Route) -> list[dict[str, Any]]:
    places = [*((name, "path") for name in re.findall(r"\{(\w+)\}", path))]
    places += [(name, "query") for name in route.query]
    named = [
        {
            "name": name,
            "in": place,
            "required": place == "path",
            "schema": _PARAMETERS.get(name, {"type": "string"}),
        }
        for name, place in places
    ]
    if route.takes_revision:
        named.append(_IF_MATCH)
    if route.method != "GET" and route.role is not None and (route.body is None or route.body_is_optional):
        named.append({**_REQUESTED_WITH, "required": route.body is None})
    return named


def _success(route: Route, references: _References) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Done" if route.method != "GET" else "What was asked for"}
    if route.status != HTTPStatus.NO_CONTENT:
        told["content"] = {
            media_type: {
                "schema": references[route.answer, "serialization"]
                if media_type == _JSON
                else {"type": "string"}
            }
            for media_type in route.media_types
        }
    return told


def _failure_reference(status: int) -> str:
    """Return the reference to the description of an error status, which all routes share."""
    return f"#/components/responses/{HTTPStatus(status).name}"


def _answered(status: int, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": {_JSON: {"schema": schema}}}


def _failures(route: Route) -> Iterator[int]:
    """Yield the error statuses that a route of this form may answer with."""
    yield from (HTTPStatus.UNAUTHORIZED, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)
    if route.role is not None:
        yield HTTPStatus.FORBIDDEN
    if "{" in route.pattern or route.body:  # either may name a missing document
        yield HTTPStatus.NOT_FOUND
    if route.query or route.body:
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    if route.method in {"POST", "PUT"}:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if route.method != "GET":
        yield HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    if route.takes_revision:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.PRECONDITION_FAILED)
