# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields that the server gives policies and destinations: every save makes a new revision."""

from datetime import datetime
from typing import Any

from pydantic import Field

from router.documents.document import Document, Instant, new_id


class Revision(Document):
    """One save of a document."""

    id: str
    revision: int = Field(ge=1)
    created_at: Instant
    updated_at: Instant
    updated_by: str


#: The server's fields. A client may send them back unchanged with a document.
SERVER_FIELDS = frozenset(Revision.model_fields)


def following(current: Revision | None, at: datetime, user: str) -> dict[str, Any]:
    """The server's fields of the revision after this one, or of the first of a new document."""
    return {
        "id": current.id if current else new_id(),
        "revision": current.revision + 1 if current else 1,
        "created_at": current.created_at if current else at,
        "updated_at": at,
        "updated_by": user,
    }
