# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolves secrets that a document refers to: `{"env": "ROUTER_DESTINATION_..."}`."""

import os
import re
from collections.abc import Callable
from typing import Any

from router.destinations import KINDS
from router.secrets import secret_names

#: The environment variables that a document may name: others may hold secrets that are not for destinations.
_VARIABLE = re.compile(r"ROUTER_DESTINATION_[A-Z0-9_]+")

#: Returns a secret for the setting's name and the variable's name; None where there is none.
Secret = Callable[[str, str], str | None]


def from_environment(_setting: str, variable: str) -> str | None:
    """Return the variable of this process's environment; None where it is empty or not set."""
    return os.environ.get(variable) or None


def with_secrets(
    destination: dict[str, Any], path: str, secret: Secret, problems: list[tuple[str, str]]
) -> dict[str, Any]:
    """Return the destination with its references replaced by secrets. `path` is its path in the document;
    faults of references are added to `problems`."""
    kind, settings = KINDS.get(str(destination.get("kind"))), destination.get("settings")
    if kind is None or not isinstance(settings, dict):
        return destination
    resolved = dict(settings)
    for name in sorted(secret_names(kind.settings) & settings.keys()):
        reference = settings[name]
        if not isinstance(reference, dict):
            continue
        variable, at = reference.get("env"), f"{path}.settings.{name}"
        resolved.pop(name)
        if reference.keys() != {"env"} or not isinstance(variable, str) or not _VARIABLE.fullmatch(variable):
            problems.append(
                (at, 'must be a text, or {"env": "ROUTER_DESTINATION_..."} (A to Z, digits, underscores)')
            )
        elif (value := secret(name, variable)) is None:
            problems.append((f"{at}.env", f"The environment variable {variable} is not set."))
        else:
            resolved[name] = value
    return {**destination, "settings": resolved}
