"""Describes the table of routes as an OpenAPI document, so that the description cannot be another."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from router.api.http import Route
from router.version import VERSION

_REFERENCE = "#/components/schemas/{model}"


def openapi(routes: Sequence[Route]) -> dict[str, Any]:
    """The document (OpenAPI 3.1) of these routes, as they are below `/router`."""
    models = list(dict.fromkeys(route.body for route in routes if route.body))
    references, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template=_REFERENCE
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = "/router" + re.sub(r":\w+\}", "}", route.pattern)
        operation: dict[str, Any] = {
            "summary": route.summary,
            "parameters": _parameters(path, route),
            "responses": {
                "default": {
                    "description": "What was asked for, or an error that says what is wrong",
                    "content": {"application/json": {}},
                }
            },
            "x-role": route.role or "none",
        }
        if route.body is not None:
            schema = references[route.body, "validation"]
            # A body of which nothing is needed may be left out altogether.
            required = any(field.is_required() for field in route.body.model_fields.values())
            operation["requestBody"] = {
                "required": required,
                "content": {"application/json": {"schema": schema}},
            }
        paths.setdefault(path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orthanc Router", "version": VERSION},
        "paths": paths,
        "components": {"schemas": schemas.get("$defs", {})},
    }


def _parameters(path: str, route: Route) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    return in_path + [{"name": name, "in": "query", "schema": {"type": "string"}} for name in route.query]
