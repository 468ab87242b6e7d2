# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers about runs: each kind has its own report."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from router.administration.changed_tags import ChangedTag
from router.documents.delivery import ActionReference, DestinationReference, Resource, State
from router.documents.document import Instant
from router.documents.run import Change, Progress, RunPolicy, RunState, Verdict


class FoundStudies(TypedDict):
    """How many studies match, and how many start or stop matching compared with the revision in effect."""

    matched: int
    unmatched: int
    gained: int
    lost: int


class PreviewedAction(TypedDict):
    """The predicted work of one action."""

    #: None where the action needs no destination, or where the destination was deleted.
    destination: DestinationReference | None
    action: ActionReference
    studies: int
    deliveries: NotRequired[int]
    instances: int
    bytes: int
    #: Images that came from the destination and are not sent back.
    not_sent_back: NotRequired[int]


class Sample(TypedDict):
    """The result of a transform on one image, or why the transform failed."""

    resource: Resource
    action: ActionReference
    tags: list[ChangedTag]
    problem: NotRequired[str]


class PreviewReport(TypedDict):
    """The predicted work of a policy."""

    studies: FoundStudies
    instances: int
    bytes: int
    #: The revision in effect.
    compared_revision: int | None
    destinations: list[PreviewedAction]
    samples: list[Sample]


class FailedStudy(TypedDict):
    """A study for which no delivery could be made. `study` is Orthanc's identifier."""

    study: str
    reason: str


class DeliveringReport(TypedDict):
    """The deliveries that a run has planned."""

    planned: int
    skipped_already_delivered: int
    failed_to_plan: list[FailedStudy]
    instances: int
    bytes: int
    not_sent_back: NotRequired[int]


class SimulatedHour(TypedDict):
    """Deliveries to one destination in one hour."""

    at: Instant
    destination: DestinationReference
    deliveries: int
    instances: int
    bytes: int
    #: Deliveries that wait at the end of the hour.
    queue: int


class SimulatedTotal(TypedDict):
    """Deliveries to one destination in the whole time."""

    destination: DestinationReference
    deliveries: int
    instances: int
    bytes: int
    not_sent_back: NotRequired[int]
    #: The destination's recent throughput; None where it is not known.
    bytes_per_second: NotRequired[int | None]


class MissedWindow(TypedDict):
    """Deliveries that would not have finished before their window closed."""

    action: ActionReference
    destination: DestinationReference
    deliveries: int
    message: str


class SimulationReport(TypedDict):
    """The predicted load of destinations."""

    hours: list[SimulatedHour]
    totals: list[SimulatedTotal]
    missed_windows: list[MissedWindow]


class AnyRun(TypedDict):
    """The fields of all kinds of runs."""

    id: str
    state: RunState
    #: Without an id where the policy is not saved; without a revision where a draft was evaluated.
    policy: RunPolicy | None
    #: The validated body of the request.
    request: dict[str, Any]
    created_at: Instant
    created_by: str
    started_at: Instant | None
    finished_at: Instant | None
    progress: Progress
    error: str | None


class PreviewRun(AnyRun):
    """A preview."""

    kind: Literal["preview"]
    report: PreviewReport | None


class DeliveringRun(AnyRun):
    """A replay, or routing by hand."""

    kind: Literal["replay", "route"]
    report: DeliveringReport | None
    #: How many of the run's deliveries are in each state.
    deliveries: dict[State, int]


class SimulationRun(AnyRun):
    """A simulation."""

    kind: Literal["simulation"]
    report: SimulationReport | None


ShownRun = PreviewRun | DeliveringRun | SimulationRun


class ShownRunStudy(TypedDict):
    """A run's result for one study."""

    #: None where Orthanc no longer has the study.
    resource: Resource | None
    verdict: Verdict | None
    change: Change | None
    reason: str
    instances: int
    matching_instances: int
    bytes: int
