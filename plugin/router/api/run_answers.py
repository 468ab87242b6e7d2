# SPDX-License-Identifier: GPL-3.0-or-later
"""What is answered of runs: each kind has a report of its own."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from router.administration.changed_tags import ChangedTag
from router.documents.delivery import ActionReference, DestinationReference, Resource, State
from router.documents.document import Instant
from router.documents.run import Change, Progress, RunPolicy, RunState, Verdict


class FoundStudies(TypedDict):
    """How many studies match, and how many gain or lose against the revision in effect."""

    matched: int
    unmatched: int
    gained: int
    lost: int


class PreviewedAction(TypedDict):
    """What one action would do."""

    #: None where it needs no destination, or where that was deleted.
    destination: DestinationReference | None
    action: ActionReference
    studies: int
    deliveries: NotRequired[int]
    instances: int
    bytes: int
    #: Images that came from the destination, and do not go back.
    not_sent_back: NotRequired[int]


class Sample(TypedDict):
    """What a transform makes of one image, or why it cannot."""

    resource: Resource
    action: ActionReference
    tags: list[ChangedTag]
    problem: NotRequired[str]


class PreviewReport(TypedDict):
    """What a policy would do."""

    studies: FoundStudies
    instances: int
    bytes: int
    #: The revision that is in effect.
    compared_revision: int | None
    destinations: list[PreviewedAction]
    samples: list[Sample]


class FailedStudy(TypedDict):
    """A study of which nothing could be made. `study` is Orthanc's identifier."""

    study: str
    reason: str


class DeliveringReport(TypedDict):
    """What a run has planned."""

    planned: int
    skipped_already_delivered: int
    failed_to_plan: list[FailedStudy]
    instances: int
    bytes: int
    not_sent_back: NotRequired[int]


class SimulatedHour(TypedDict):
    """Deliveries of one hour to one destination."""

    at: Instant
    destination: DestinationReference
    deliveries: int
    instances: int
    bytes: int
    #: Deliveries that wait at the end of the hour.
    queue: int


class SimulatedTotal(TypedDict):
    """Deliveries of the whole time to one destination."""

    destination: DestinationReference
    deliveries: int
    instances: int
    bytes: int
    not_sent_back: NotRequired[int]
    #: What the destination has taken lately; None where that is not known.
    bytes_per_second: NotRequired[int | None]


class MissedWindow(TypedDict):
    """Deliveries that would not have been made before their window closed."""

    action: ActionReference
    destination: DestinationReference
    deliveries: int
    message: str


class SimulationReport(TypedDict):
    """How destinations would have kept up."""

    hours: list[SimulatedHour]
    totals: list[SimulatedTotal]
    missed_windows: list[MissedWindow]


class AnyRun(TypedDict):
    """What runs of all kinds have."""

    id: str
    state: RunState
    #: Without an id where it is not saved, without a revision where a draft of it was looked at.
    policy: RunPolicy | None
    #: The body of the request, checked.
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
    #: What became of the deliveries that it has made: how many are in each state.
    deliveries: dict[State, int]


class SimulationRun(AnyRun):
    """A simulation."""

    kind: Literal["simulation"]
    report: SimulationReport | None


ShownRun = PreviewRun | DeliveringRun | SimulationRun


class ShownRunStudy(TypedDict):
    """What a run says of one study."""

    #: None where Orthanc does not have it any more.
    resource: Resource | None
    verdict: Verdict | None
    change: Change | None
    reason: str
    instances: int
    matching_instances: int
    bytes: int
