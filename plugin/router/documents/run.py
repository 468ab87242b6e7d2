# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs: what is done in the background, and over what of that which Orthanc stores already."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, PlainSerializer, model_validator

from router.documents.action import Priority
from router.documents.delivery import Resource
from router.documents.document import Document, Instant
from router.documents.policy import StoredResource
from router.documents.transform import Transform

RunKind = Literal["preview", "replay", "route", "simulation"]

Verdict = Literal["matched", "unmatched"]
Change = Literal["gained", "lost"]


def _is_of_our_time(moment: datetime) -> datetime:
    if not 1900 <= moment.year <= 2999:
        raise ValueError("must be between the years 1900 and 2999")
    return moment


#: An instant as it was asked for; kept in requests, which are JSON.
Moment = Annotated[
    AwareDatetime,
    AfterValidator(_is_of_our_time),
    PlainSerializer(datetime.isoformat, return_type=str, when_used="json"),
]


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


#: Nothing more happens to these.
OVER = frozenset({RunState.FINISHED, RunState.CANCELLED, RunState.FAILED})


class Selection(Document):
    """Which stored images are meant: named resources, or studies that fulfil all that is given. Nothing at
    all means everything that is stored."""

    model_config = ConfigDict(populate_by_name=True)

    #: Received then or later, and before.
    received_from: Moment | None = Field(default=None, alias="from")
    received_to: Moment | None = Field(default=None, alias="to")
    #: The `Query` of Orthanc's `/tools/find`, at the level of studies.
    studies: dict[str, str] | None = Field(default=None, min_length=1, max_length=50)
    resources: list[StoredResource] | None = Field(default=None, min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Selection":
        if self.resources is not None and (self.studies or self.received_from or self.received_to):
            raise ValueError("resources are named, or found by from, to and studies; not both")
        if self.received_from and self.received_to and self.received_to <= self.received_from:
            raise ValueError("to must come after from")
        return self


class PreviewRequest(Selection):
    """What a policy would do with what is stored; without a draft or revision, the policy as it is stored."""

    #: A policy document that need not be saved.
    draft: dict[str, Any] | None = None
    revision: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _is_one_of_them(self) -> "PreviewRequest":
        if self.draft is not None and self.revision is not None:
            raise ValueError("give a draft or a revision, not both")
        return self


class DraftPreviewRequest(Selection):
    """The same for a policy that is not saved yet."""

    draft: dict[str, Any]


class ReplayRequest(Selection):
    """Have a policy do what it would do with what is stored already."""

    #: None means the policy as it is stored.
    revision: int | None = Field(default=None, ge=1)
    #: A preview: the studies that it has found are meant.
    run: str | None = Field(default=None, min_length=1, max_length=64)
    #: Deliver also what the same action of the policy has delivered already, or is about to.
    again: bool = False
    priority: Priority = "bulk"

    @model_validator(mode="after")
    def _says_what(self) -> "ReplayRequest":
        named = self.received_from or self.received_to or self.studies or self.resources
        if self.run is None and not named:
            raise ValueError("say what is meant: a run, from, to, studies or resources")
        return self


#: That are routed by hand at once.
MOST_RESOURCES: Final = 1000


class RouteRequest(Selection):
    """Send named resources somewhere by hand, or have a policy do with them what it does."""

    #: Also plain identifiers of Orthanc, or a single one.
    resources: list[StoredResource] = Field(min_length=1, max_length=MOST_RESOURCES)
    #: A destination's name or id.
    destination: str | None = Field(default=None, min_length=1)
    transform: Transform | None = None
    #: A policy's id: its actions are carried out, whether its rule matches or not.
    policy: str | None = Field(default=None, min_length=1)
    #: False leaves out what has been sent there by hand before, or by the same action of the policy.
    again: bool = True
    #: None means that of the policy's actions, or `normal`.
    priority: Priority | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "RouteRequest":
        if (self.destination is None) == (self.policy is None):
            raise ValueError("give a destination or a policy")
        if self.policy is not None and self.transform is not None:
            raise ValueError("the policy's own actions say what is changed: leave transform out")
        return self


class SimulationRequest(Document):
    """What a policy would have made of what came in lately; without a draft, the policy as it is stored."""

    draft: dict[str, Any] | None = None
    days: int = Field(default=7, ge=1, le=90)


class DraftSimulationRequest(SimulationRequest):
    """The same for a policy that is not saved yet."""

    draft: dict[str, Any]


class RunPolicy(Document):
    """The policy that a run is about; without an id where it is not saved, without a revision for a draft."""

    id: str | None
    name: str
    revision: int | None


class Progress(Document):
    """How far a run is; `studies_total` is None until it is known."""

    studies_done: int = 0
    studies_total: int | None = None
    #: Images that were looked at.
    instances: int = 0


class Run(Document):
    """One run."""

    id: str
    kind: RunKind
    state: RunState
    #: The router that carries it out: the one whose Orthanc stores what it is about.
    node: str
    policy: RunPolicy | None
    #: The request's body, checked and with what it leaves out.
    request: dict[str, Any]
    created_at: Instant
    created_by: str
    started_at: Instant | None = None
    finished_at: Instant | None = None
    progress: Progress = Progress()
    #: What came of it, once it is over.
    report: dict[str, Any] | None = None
    #: Why it failed.
    error: str | None = None
    #: That whoever cancelled it has its open deliveries cancelled too.
    cancels_deliveries: bool = False


class Amount(Document):
    """What one action is to do; `at` a moment, where that matters."""

    action: str
    at: Instant | None = None
    deliveries: int
    instances: int
    bytes: int
    #: Images among them that came from the destination, and are not sent back to it.
    not_sent_back: int = 0


class RunStudy(Document):
    """One study of a run, and what came of it."""

    #: Orthanc's identifier.
    study: str
    #: In the order of the run.
    position: int
    #: What is meant of it; empty: all of it.
    within: list[StoredResource] = Field(default_factory=list)
    done: bool = False
    #: As a person knows it; None where Orthanc does not have it any more.
    resource: Resource | None = None
    verdict: Verdict | None = None
    #: Against the enabled revision of the policy.
    change: Change | None = None
    #: Why it matches or does not, or why nothing could be done.
    reason: str = ""
    #: Where it matches, the images that the policy fires for; else all that were looked at.
    instances: int = 0
    bytes: int = 0
    #: Those of them that match the rule.
    matching_instances: int = 0
    looked_at: int = 0
    #: By action, where it matches.
    amounts: list[Amount] = Field(default_factory=list)
    #: Images that an action would take and has delivered already, of all actions together.
    skipped: int = 0
    #: One of the images that match.
    sample: str | None = None
