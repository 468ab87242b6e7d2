"""Describes the table of routes as an OpenAPI document, so that the description cannot be another."""

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from router.api.http import Route
from router.version import VERSION

_REFERENCE: Final = "#/components/schemas/{model}"

_NUMBER: Final = {"type": "integer", "minimum": 0}
#: Parameters that are not just any text.
_PARAMETERS: Final[Mapping[str, Mapping[str, object]]] = {
    "level": {"type": "string", "enum": ["instances", "series", "studies"]},
    "limit": _NUMBER,
    "offset": _NUMBER,
    "from": {**_NUMBER, "minimum": 1},
    "to": {**_NUMBER, "minimum": 1},
    "enabled": {"type": "string", "enum": ["true", "false"]},
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

#: What Orthanc itself answers to who has not logged in has no JSON.
_NOT_LOGGED_IN: Final = {"description": "Orthanc asks for a login"}
_ERROR: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details"],
            "properties": {
                "code": {"type": "string", "description": "For programs"},
                "message": {"type": "string", "description": "For people"},
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["path", "message"],
                        "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
                    },
                },
            },
        }
    },
}


def openapi(routes: Sequence[Route]) -> dict[str, Any]:
    """The document (OpenAPI 3.1) of these routes, as they are below `/router`."""
    models: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((route.body, "validation") for route in routes if route.body),
        *((route.answer, "serialization") for route in routes if route.answer),
    ]
    references, schemas = models_json_schema(list(dict.fromkeys(models)), ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = "/router" + re.sub(r":\w+\}", "}", route.pattern)
        answer = references[route.answer, "serialization"] if route.answer else {}
        operation: dict[str, Any] = {
            "summary": route.summary,
            "parameters": _parameters(path, route),
            "responses": {
                str(route.status): _success(route, answer),
                **{str(status): _failure(status) for status in sorted({*_failures(route), *route.errors})},
            },
            "x-role": route.role or "none",
        }
        if route.body is not None:
            schema = references[route.body, "validation"]
            content = {"application/json": {"schema": schema}}
            operation["requestBody"] = {"required": not route.body_is_optional, "content": content}
        paths.setdefault(path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orthanc Router", "version": VERSION},
        "paths": paths,
        "components": {"schemas": {"Error": _ERROR, **schemas.get("$defs", {})}},
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


def _success(route: Route, schema: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Done" if route.method != "GET" else "What was asked for"}
    if route.status != HTTPStatus.NO_CONTENT:
        told["content"] = {media_type: {"schema": schema} for media_type in route.media_types}
    return told


def _failure(status: int) -> dict[str, Any]:
    if status == HTTPStatus.UNAUTHORIZED:
        return _NOT_LOGGED_IN
    schema = {"$ref": _REFERENCE.format(model="Error")}
    return {"description": HTTPStatus(status).phrase, "content": {"application/json": {"schema": schema}}}


def _failures(route: Route) -> Iterator[int]:
    """The errors that routes of this form may answer with."""
    yield from (HTTPStatus.UNAUTHORIZED, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)
    if route.role is not None:
        yield HTTPStatus.FORBIDDEN
    if "{" in route.pattern or route.body:  # which may name something that is not there
        yield HTTPStatus.NOT_FOUND
    if route.query or route.body:
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    if route.method in {"POST", "PUT"}:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if route.method != "GET":
        yield HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    if route.takes_revision:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.PRECONDITION_FAILED)
