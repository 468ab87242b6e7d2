# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations: named, reusable targets. Each kind defines its own `settings`."""

from datetime import UTC, datetime
from typing import Any

from pydantic import Field, model_validator

from router.documents.document import Comment, Document
from router.documents.policy import Name
from router.documents.revision import Revision


class Retry(Document):
    """How often, and after how many seconds, a failed delivery is retried."""

    #: All attempts, with the first. The defaults spread them over a week, so that a destination can be
    #: down over a long weekend and no delivery fails.
    attempts: int = Field(default=200, ge=1, le=1000)
    #: The wait before the second attempt. Each wait is longer than the one before.
    initial_seconds: float = Field(default=5, gt=0, le=86400)
    #: The longest wait.
    max_seconds: float = Field(default=3600, gt=0, le=7 * 86400)

    @model_validator(mode="after")
    def _the_longest_wait_is_not_the_shortest(self) -> "Retry":
        if self.max_seconds < self.initial_seconds:
            raise ValueError("max_seconds must not be less than initial_seconds")
        return self


class DestinationDraft(Document):
    """A destination as a client writes it. `router.destinations` checks `settings` against the kind."""

    #: Unique among destinations; upper and lower case count as the same.
    name: Name
    #: The way to reach it.
    kind: str
    #: Whether anything is sent. While false, deliveries wait.
    enabled: bool = True
    #: Whether it is outside the hospital. What goes there should identify no patient.
    external: bool = False
    #: Settings of the kind, see below.
    settings: dict[str, Any] = Field(default_factory=dict)
    #: How often a failed delivery is retried.
    retry: Retry = Retry()
    #: Deliveries at once, each over one connection. None: for the kinds `dicom` and `peer` the router opens
    #: as many connections as increase the throughput; for others it makes one delivery at a time.
    concurrency: int | None = Field(default=None, ge=1, le=32)
    #: The most instances in one delivery.
    batch: int = Field(default=500, ge=1, le=10_000)
    #: Id or name of the destination to use when a delivery to this one has failed for good.
    alternate: str | None = None
    #: The comment on this save only.
    comment: Comment = ""


class Destination(Revision, DestinationDraft):
    """A stored destination; every save makes a new revision."""


#: The lane of actions that need no destination because they change this Orthanc. No store has it, and
#: nobody can change it.
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
