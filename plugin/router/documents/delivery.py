# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries: the unit of work, of retry and of record."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from router.documents.action import Action, Priority
from router.documents.document import Document, Instant
from router.documents.policy import Level
from router.documents.window import Window


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    HELD = "held"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: Nothing more will happen to these unless a person asks for it.
FINISHED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})


#: The note of a delivery that is held for its window.
CLOSED = "Held until its window opens"


#: The note of a delivery that is held until a person releases it, before the reason.
WITHHELD = "Held until somebody has looked at the pixels: send it now, or cancel it. "

#: The note of a delivery that is held until a list of codes has its patient, before the reason.
UNLISTED = "Held until the list of codes has the patient: import one that does, or cancel it. "

#: After so many interruptions a delivery is carried out while no other is, so that it is known whether it is
#: what the process dies of.
SUSPECT_AFTER = 3

#: The error of an attempt that did not come to its end.
INTERRUPTED = "Not finished: the router ended, or was cut off from its store, while it was under way"


def alternate_of(identifier: str) -> str:
    """The id of the delivery that takes the place of a failed one, at the alternate destination."""
    return f"{identifier}-alternate"


class PolicyReference(Document):
    """The policy revision that made a delivery."""

    id: str
    name: str
    revision: int


class ActionReference(Document):
    """The action of that policy revision."""

    id: str
    type: str


class DestinationReference(Document):
    """Where a delivery goes."""

    id: str
    name: str
    kind: str


class Resource(Document):
    """What a delivery is about: an Orthanc resource, and what a person would search for.

    `id`, `series` and `study` are Orthanc's identifiers; a batch of instances has the level
    `instance` and names the study and series of its first one.
    """

    level: Level
    id: str
    study: str = ""
    series: str = ""
    patient_id: str = ""
    patient_name: str = ""
    accession_number: str = ""
    study_description: str = ""
    study_date: str = ""
    modality: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""


class Sender(Document):
    """Who has sent images here; empty where Orthanc does not tell."""

    #: The calling AE title; none of what came by HTTP.
    aet: str = ""
    ip: str = ""


class Attempt(Document):
    """One try at a delivery; `error` is None where it succeeded."""

    at: Instant
    seconds: float
    error: str | None = None


class ByHand(Document):
    """What a person has asked for by hand, and no policy."""

    user: str
    action: Action


class Delivery(Document):
    """One action of one policy revision upon one resource or batch, towards one destination."""

    id: str
    state: State
    #: Whose worker threads carry it out: the destination's id.
    lane: str
    #: The Orthanc database that its instances are in: any node that works on it may carry it out. Said by
    #: the store; empty where that is one node's own.
    index: str = ""
    priority: Priority = "normal"
    #: When it may be made, from the action that made it.
    window: Window | None = None
    #: That a person has looked at it and had it sent: it is held no more for what its pixels may show.
    released: bool = False
    #: None where a person has asked for it by hand; then it says itself what is to be done.
    policy: PolicyReference | None
    action: ActionReference
    by_hand: ByHand | None = None
    #: The run that has made it (a replay, say); None where the intake has.
    run: str | None = None
    destination: DestinationReference | None = None
    resource: Resource
    #: That its instances came after the policy had fired for the rest of the series or study.
    late: bool = False
    #: Of late instances: how many do not match the rule themselves, but others of the series or study.
    unmatched: int = Field(default=0, ge=0)
    #: Who has sent its instances here, each once; at most ten.
    senders: list[Sender] = Field(default_factory=list)
    #: How many instances it stands for; how many of them have not arrived yet.
    instances: int = Field(ge=0)
    remaining: int = Field(ge=0)
    #: The size of all its instances as they are stored.
    bytes: int = Field(default=0, ge=0)
    #: The attempts made, oldest first; the store keeps the last 50.
    attempts: list[Attempt] = Field(default_factory=list)
    #: All attempts ever made since it was planned or last retried by hand.
    attempt_count: int = 0
    #: How often in a row it was under way when the router's process died, or was cut off from the store for
    #: longer than a lease; 0 after an attempt that came to its end.
    interruptions: int = Field(default=0, ge=0)
    #: Said in words while something other than an error holds it back (a window, a paused destination).
    note: str | None = None
    next_attempt_at: Instant | None = None
    created_at: Instant
    finished_at: Instant | None = None
    #: The delivery that failed for good and whose place this one takes, at the alternate destination.
    instead_of: str | None = None
    lineage: dict[str, Any] | None = None

    @property
    def was_tried(self) -> bool:
        """Whether an attempt was made before, be it long ago and by hand since."""
        return bool(self.attempts) or self.attempt_count > 0 or self.interruptions > 0
