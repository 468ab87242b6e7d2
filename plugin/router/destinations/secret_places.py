# SPDX-License-Identifier: GPL-3.0-or-later
"""What a secret of a destination belongs to: to whom it is shown, and as whose it is.

It is sealed together with that, so that it goes nowhere else: neither where somebody changes the address and
leaves the password as it is, nor where somebody writes another one into the store.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

PURPOSE: Final = "destination"

#: Settings that say to whom a secret is shown, and as whose.
BINDING: Final = frozenset(
    {"host", "port", "url", "peer", "server", "username", "security", "host_key", "ca_file"}
)


def place_of(
    kind: str, model: type[BaseModel], settings: Mapping[str, Any], secret: str
) -> dict[str, object]:
    """The place of one secret of a destination of this kind with these settings, as they are stored.

    What has its default is left out: a setting that a later version brings changes no place.
    """
    fields = model.model_fields
    bound = {
        name: settings[name]
        for name in sorted(BINDING & fields.keys() & settings.keys())
        if settings[name] is not None and settings[name] != fields[name].default
    }
    return {"kind": kind, "secret": secret, **bound}
