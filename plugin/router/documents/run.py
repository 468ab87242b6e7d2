# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs: work in the background, and the stored images that it covers."""

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


#: A requested instant, in the form in which requests (JSON) keep it.
Moment = Annotated[
    AwareDatetime,
    AfterValidator(_is_of_our_time),
    PlainSerializer(datetime.isoformat, return_type=str, when_used="json"),
]


class RunState(StrEnum):
    """The state of a run."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


#: The final states.
OVER = frozenset({RunState.FINISHED, RunState.CANCELLED, RunState.FAILED})


class Selection(Document):
    """Which stored images are meant: named resources, or studies that fulfil all given conditions. An empty
    selection means all stored images."""

    model_config = ConfigDict(populate_by_name=True)

    #: Received at this time or later, and before.
    received_from: Moment | None = Field(default=None, alias="from")
    received_to: Moment | None = Field(default=None, alias="to")
    #: The `Query` of Orthanc's `/tools/find`, at study level.
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
    """What a policy would do with stored images; without a draft or revision, the stored policy."""

    #: A policy document, saved or not.
    draft: dict[str, Any] | None = None
    revision: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _is_one_of_them(self) -> "PreviewRequest":
        if self.draft is not None and self.revision is not None:
            raise ValueError("give a draft or a revision, not both")
        return self


class DraftPreviewRequest(Selection):
    """A preview of a policy that is not saved yet."""

    draft: dict[str, Any]


class ReplayRequest(Selection):
    """Have a policy do for stored images what it does for new ones."""

    #: None means the stored policy.
    revision: int | None = Field(default=None, ge=1)
    #: The id of a preview: its matching studies are meant.
    run: str | None = Field(default=None, min_length=1, max_length=64)
    #: True also delivers what the same action of the policy has delivered already, or has planned.
    again: bool = False
    priority: Priority = "bulk"

    @model_validator(mode="after")
    def _says_what(self) -> "ReplayRequest":
        named = self.received_from or self.received_to or self.studies or self.resources
        if self.run is None and not named:
            raise ValueError("say what is meant: a run, from, to, studies or resources")
        return self


#: The most resources to route by hand at once.
MOST_RESOURCES: Final = 1000


class RouteRequest(Selection):
    """Send named resources to a destination by hand, or carry out a policy's actions on them."""

    #: A request may also give plain identifiers of Orthanc, or a single one.
    resources: list[StoredResource] = Field(min_length=1, max_length=MOST_RESOURCES)
    #: A destination's name or id.
    destination: str | None = Field(default=None, min_length=1)
    transform: Transform | None = None
    #: A policy's id: its actions are carried out even if its rule does not match.
    policy: str | None = Field(default=None, min_length=1)
    #: False leaves out what was sent there by hand before, or by the same action of the policy.
    again: bool = True
    #: None means the priority of the policy's actions, or `normal`.
    priority: Priority | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "RouteRequest":
        if (self.destination is None) == (self.policy is None):
            raise ValueError("give a destination or a policy")
        if self.policy is not None and self.transform is not None:
            raise ValueError("the policy's own actions say what is changed: leave transform out")
        return self


class SimulationRequest(Document):
    """What a policy would have done with recent arrivals; without a draft, the stored policy."""

    draft: dict[str, Any] | None = None
    days: int = Field(default=7, ge=1, le=90)


class DraftSimulationRequest(SimulationRequest):
    """A simulation of a policy that is not saved yet."""

    draft: dict[str, Any]


class RunPolicy(Document):
    """The policy of a run; without an id where it is not saved, without a revision for a draft."""

    id: str | None
    name: str
    revision: int | None


class Progress(Document):
    """The progress of a run; `studies_total` is None until it is known."""

    studies_done: int = 0
    studies_total: int | None = None
    #: The number of images examined.
    instances: int = 0


class Run(Document):
    """One run."""

    id: str
    kind: RunKind
    state: RunState
    #: The router that carries out the run: the one whose Orthanc stores its images.
    node: str
    policy: RunPolicy | None
    #: The body of the request, checked and with defaults filled in.
    request: dict[str, Any]
    created_at: Instant
    created_by: str
    started_at: Instant | None = None
    finished_at: Instant | None = None
    progress: Progress = Progress()
    #: The result, once the run is over.
    report: dict[str, Any] | None = None
    #: Why it failed.
    error: str | None = None
    #: Whether a cancellation of the run also cancels its open deliveries.
    cancels_deliveries: bool = False


class Amount(Document):
    """What one action is to do; `at` is its time, where that matters."""

    action: str
    at: Instant | None = None
    deliveries: int
    instances: int
    bytes: int
    #: The number of its images that came from the destination and so are not sent back.
    not_sent_back: int = 0


class RunStudy(Document):
    """One study of a run, and the result for it."""

    #: Orthanc's identifier.
    study: str
    #: Its place in the order of the run.
    position: int
    #: The resources of the study that are meant; empty means the whole study.
    within: list[StoredResource] = Field(default_factory=list)
    done: bool = False
    #: The study in terms that a person knows; None where Orthanc no longer has it.
    resource: Resource | None = None
    verdict: Verdict | None = None
    #: The change from the verdict of the enabled revision of the policy.
    change: Change | None = None
    #: Why it matches or does not match, or why nothing could be done.
    reason: str = ""
    #: If it matches, the number of images that the policy fires for; else of all examined images.
    instances: int = 0
    bytes: int = 0
    #: The number of these images that match the rule.
    matching_instances: int = 0
    looked_at: int = 0
    #: Amounts by action, if it matches.
    amounts: list[Amount] = Field(default_factory=list)
    #: The number of images that actions left out because they had delivered them, over all actions.
    skipped: int = 0
    #: One of the matching images.
    sample: str | None = None
