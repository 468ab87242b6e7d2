# SPDX-License-Identifier: GPL-3.0-or-later
"""Which settings are secrets, and how one stands in a stored document: `{"router:sealed": "gAAAA..."}`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

SEALED = "router:sealed"


def secret(*, title: str, description: str | None = None, format: str | None = None) -> Any:
    """A field of a kind's settings that is a secret: the API takes it and never gives it back.

    It is a field of the settings themselves, not of a model inside them, and None where there is none.
    `format` as in JSON Schema (`multiline` for a private key).
    """
    extra: dict[str, Any] = {"writeOnly": True}
    if format is not None:
        extra["format"] = format
    return Field(default=None, repr=False, title=title, description=description, json_schema_extra=extra)


def secret_names(settings: type[BaseModel]) -> frozenset[str]:
    """The names of a model's fields that are secrets."""
    return frozenset(
        name
        for name, field in settings.model_fields.items()
        if isinstance(field.json_schema_extra, Mapping) and field.json_schema_extra.get("writeOnly") is True
    )


def is_sealed(value: object) -> bool:
    """Whether this is a secret as it is stored."""
    return isinstance(value, Mapping) and value.keys() == {SEALED}


def sealed_names(settings: Mapping[str, object]) -> list[str]:
    """The names of the secrets in stored settings."""
    return sorted(name for name, value in settings.items() if is_sealed(value))
