# SPDX-License-Identifier: GPL-3.0-or-later
"""What a secret of a destination is bound to: the server that gets it, and the user that it belongs to.

The secret is sealed together with these settings, so that it goes nowhere else. It cannot be unsealed where
someone changes the address but keeps the password, or writes another address into the store.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

PURPOSE: Final = "destination"

#: The settings that a secret is bound to: the server that gets it, and its user.
BINDING: Final = frozenset(
    {
        "host",
        "port",
        "url",
        "peer",
        "server",
        "username",
        "security",
        "host_key",
        "ca_file",
        "token_url",
        "client_id",
    }
)


def place_of(
    kind: str, model: type[BaseModel], settings: Mapping[str, Any], secret: str
) -> dict[str, object]:
    """Return the place of one secret of a destination of this kind, from its stored settings.

    Leaves out settings with their default: a setting that a later version adds changes no place.
    """
    fields = model.model_fields
    bound = {
        name: settings[name]
        for name in sorted(BINDING & fields.keys() & settings.keys())
        if settings[name] is not None and settings[name] != fields[name].default
    }
    return {"kind": kind, "secret": secret, **bound}
