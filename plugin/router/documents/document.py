# SPDX-License-Identifier: GPL-3.0-or-later
"""What all stored and transmitted documents share."""

import secrets
import time
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer, StringConstraints


def rfc3339(moment: datetime) -> str:
    """The moment (in UTC) as RFC 3339 with milliseconds and a Z: such texts sort by time."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


#: An instant in UTC; in JSON as RFC 3339 with milliseconds and a Z.
Instant = Annotated[AwareDatetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]

#: The reason for a save, in a person's words.
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class Document(BaseModel):
    """A document that refuses unknown fields, so that a misspelt field is never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


def new_id() -> str:
    """An identifier of 24 hexadecimal digits. Identifiers sort by creation time (in milliseconds)."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"
