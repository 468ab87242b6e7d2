# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries: the unit of work, of retries and of records."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from router.documents.action import Action, Priority
from router.documents.document import Document, Instant
from router.documents.policy import Level
from router.documents.window import Window


class State(StrEnum):
    """The state of a delivery."""

    WAITING = "waiting"
    HELD = "held"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: The final states: only a person can have such a delivery retried.
FINISHED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})


#: The note of a delivery that waits for its window.
CLOSED = "Held until its window opens"


#: The note of a delivery that waits until a person releases it. The reason follows.
WITHHELD = "Held until somebody has looked at the pixels: send it now, or cancel it. "

#: The note of a delivery that waits until a list of codes has its patient. The reason follows.
UNLISTED = "Held until the list of codes has the patient: import one that does, or cancel it. "

#: After so many interruptions a delivery runs alone, to find out whether it is the one that ends the process.
SUSPECT_AFTER = 3

#: The error of an attempt that was cut off.
INTERRUPTED = "Not finished: the router ended, or was cut off from its store, while it was under way"


def alternate_of(identifier: str) -> str:
    """The id of the delivery to the alternate destination that takes the place of a failed one."""
    return f"{identifier}-alternate"


class PolicyReference(Document):
    """The policy revision that made a delivery."""

    id: str
    name: str
    revision: int


class ActionReference(Document):
    """The action, in that policy revision, that made a delivery."""

    id: str
    type: str


class DestinationReference(Document):
    """The destination of a delivery."""

    id: str
    name: str
    kind: str


class Resource(Document):
    """The subject of a delivery: an Orthanc resource, and the texts that a person searches for.

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
    """The sender of images; empty where Orthanc does not tell."""

    #: The calling AE title; empty for images that came by HTTP.
    aet: str = ""
    ip: str = ""


class Attempt(Document):
    """One attempt at a delivery; `error` is None where it succeeded."""

    at: Instant
    seconds: float
    error: str | None = None


class ByHand(Document):
    """A person's request for a delivery by hand, without a policy."""

    user: str
    action: Action


class Delivery(Document):
    """One action of one policy revision on one resource or batch, to one destination."""

    id: str
    state: State
    #: The lane whose worker threads carry out the delivery: the destination's id.
    lane: str
    #: The Orthanc database that has its instances: any node on this database may carry out the delivery.
    #: The store sets it; empty where only one node uses the store.
    index: str = ""
    priority: Priority = "normal"
    #: When the delivery may be made, from its action.
    window: Window | None = None
    #: Whether a person has released it: burned-in text no longer holds it.
    released: bool = False
    #: None where a person asked for the delivery by hand; `by_hand` then has the action.
    policy: PolicyReference | None
    action: ActionReference
    by_hand: ByHand | None = None
    #: The run that made the delivery (a replay, for example); None where the intake made it.
    run: str | None = None
    destination: DestinationReference | None = None
    resource: Resource
    #: Whether its instances came after the policy had fired for the rest of the series or study.
    late: bool = False
    #: The number of late instances that do not match the rule, while others of the series or study do.
    unmatched: int = Field(default=0, ge=0)
    #: The senders of its instances, each once; at most ten.
    senders: list[Sender] = Field(default_factory=list)
    #: The number of its instances, and of those that are not delivered yet.
    instances: int = Field(ge=0)
    remaining: int = Field(ge=0)
    #: The size of all its instances as stored, in bytes.
    bytes: int = Field(default=0, ge=0)
    #: The attempts, oldest first; the store keeps the last 50.
    attempts: list[Attempt] = Field(default_factory=list)
    #: The number of attempts since it was planned or last retried by hand.
    attempt_count: int = 0
    #: How many times in a row the router's process died during the delivery, or lost the store for longer
    #: than a lease; 0 after an attempt that ended.
    interruptions: int = Field(default=0, ge=0)
    #: What holds the delivery back, other than an error (a window, a paused destination), in words.
    note: str | None = None
    next_attempt_at: Instant | None = None
    created_at: Instant
    finished_at: Instant | None = None
    #: The id of the failed delivery that this one replaces at the alternate destination.
    instead_of: str | None = None
    lineage: dict[str, Any] | None = None

    @property
    def was_tried(self) -> bool:
        """Whether there was an attempt before, even one before a retry by hand."""
        return bool(self.attempts) or self.attempt_count > 0 or self.interruptions > 0
