# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells which settings are secrets. In a stored document a secret is `{"router:sealed": "gAAAA..."}`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

SEALED = "router:sealed"


def secret(
    *, title: str, description: str | None = None, format: str | None = None, rare: bool = False
) -> Any:
    """Return a field of a kind's settings that is a secret: the API accepts it and never returns it.

    The field must be in the settings themselves, not in a model inside them; None where no secret is set.
    `format` as in JSON Schema (`multiline` for a private key). `rare`: forms fold it away (`x-rare`).
    """
    extra: dict[str, Any] = {"writeOnly": True}
    if rare:
        extra["x-rare"] = True
    if format is not None:
        extra["format"] = format
    return Field(default=None, repr=False, title=title, description=description, json_schema_extra=extra)


def secret_names(settings: type[BaseModel]) -> frozenset[str]:
    """Return the names of a model's fields that are secrets."""
    return frozenset(
        name
        for name, field in settings.model_fields.items()
        if isinstance(field.json_schema_extra, Mapping) and field.json_schema_extra.get("writeOnly") is True
    )


def is_sealed(value: object) -> bool:
    """Whether this value is a stored (sealed) secret."""
    return isinstance(value, Mapping) and value.keys() == {SEALED}


def sealed_names(settings: Mapping[str, object]) -> list[str]:
    """Return the names of the secrets in stored settings, in order."""
    return sorted(name for name, value in settings.items() if is_sealed(value))
