# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations: named, reusable targets. What `settings` may hold is each kind's own affair."""

from datetime import UTC, datetime
from typing import Any

from pydantic import Field, model_validator

from router.documents.document import Comment, Document
from router.documents.policy import Name
from router.documents.revision import Revision


class Retry(Document):
    """How often, and after how many seconds, a delivery that failed is tried again."""

    #: Attempts in all, the first one included. With the other defaults these are spread over a week: a
    #: destination that is away over a long weekend costs nobody a delivery.
    attempts: int = Field(default=200, ge=1, le=1000)
    #: Before the second attempt; each wait is longer than the one before.
    initial_seconds: float = Field(default=5, gt=0, le=86400)
    #: The longest wait.
    max_seconds: float = Field(default=3600, gt=0, le=7 * 86400)

    @model_validator(mode="after")
    def _the_longest_wait_is_not_the_shortest(self) -> "Retry":
        if self.max_seconds < self.initial_seconds:
            raise ValueError("max_seconds must not be less than initial_seconds")
        return self


class DestinationDraft(Document):
    """What a client writes. `router.destinations` checks `settings` against the kind."""

    #: Of this destination alone, whatever the case of its letters.
    name: Name
    #: How it is reached.
    kind: str
    #: Whether anything is sent; what waits for it goes on waiting where not.
    enabled: bool = True
    #: Outside the hospital: what goes there is meant to name no patient.
    external: bool = False
    #: By its kind, below.
    settings: dict[str, Any] = Field(default_factory=dict)
    #: How often a delivery that failed is tried again.
    retry: Retry = Retry()
    #: Deliveries under way at once, each over one connection. None: the router opens as many connections as
    #: bring something (kinds `dicom` and `peer`), and else makes one delivery after the other.
    concurrency: int | None = Field(default=None, ge=1, le=32)
    #: Instances a delivery at most.
    batch: int = Field(default=500, ge=1, le=10_000)
    #: Id or name of the destination to use when this one has failed for good.
    alternate: str | None = None
    #: Of this save alone: the next one has its own.
    comment: Comment = ""


class Destination(Revision, DestinationDraft):
    """A stored destination; every save is a new revision."""


#: The lane of the actions that need no destination, because it is this Orthanc that they change. It is in no
#: store and nobody can change it.
THIS_ORTHANC = Destination(
    id="orthanc",
    name="Orthanc",
    kind="orthanc",
    concurrency=2,
    batch=100,
    revision=1,
    created_at=datetime(1970, 1, 1, tzinfo=UTC),
    updated_at=datetime(1970, 1, 1, tzinfo=UTC),
    updated_by="",
)
