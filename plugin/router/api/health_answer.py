# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of `/health`."""

from datetime import datetime
from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from router.api.http import Role
from router.catalog import Altered
from router.dispatch import BreakerState
from router.dispatch.health import Absence
from router.documents.delivery import DestinationReference
from router.documents.node import NodeState
from router.health import Problem


class ShownUser(TypedDict):
    """The user of the request, with roles."""

    name: str
    roles: list[Role]
    #: The authorization plugin's id.
    id: NotRequired[str]
    #: The labels of the studies that the user may see; absent where the user may see all.
    labels: NotRequired[list[str]]


class RepeatedImages(TypedDict):
    """Images that arrived again and that Orthanc did not keep."""

    since: datetime
    images: int
    #: How many of them differ from what is stored, and how many could not be compared.
    differing: int
    uncompared: int
    #: The tags that differ, by keyword.
    tags: NotRequired[list[str]]
    #: The last time, and the sender's AE title.
    at: NotRequired[datetime]
    aet: NotRequired[str]
    #: Orthanc's identifier of the last study that differed; where none differed, of the last study.
    study: NotRequired[str]


class IntakeHealth(TypedDict):
    """The progress of the intake."""

    #: The last change that was read.
    cursor: int | None
    caught_up_at: datetime | None
    #: Images that have come in since the start.
    instances: int
    #: Absent where Orthanc overwrites. None where this Orthanc does not report them; `repeated_not_counted`
    #: then says why.
    repeated: NotRequired[RepeatedImages | None]
    repeated_not_counted: NotRequired[str]
    #: How far the intake is behind; absent before the first measurement.
    lag_changes: NotRequired[int]
    lag_seconds: NotRequired[float]
    lag_measured_at: NotRequired[datetime | None]


class StoreHealth(TypedDict):
    """The state of the store."""

    description: str
    ok: bool
    checked_at: datetime | None


class OrthancHealth(TypedDict):
    """What Orthanc's REST API has reported about Orthanc."""

    aet: str
    dicom_port: int
    version: str
    plugin_version: str
    #: Where Orthanc Explorer 2 shows a study, below Orthanc's root, with `{uid}` in it; empty without
    #: Explorer 2.
    study_page: str
    asked_at: datetime | None


class Lane(TypedDict):
    """Deliveries to one destination, by state, and the state of sending."""

    destination: DestinationReference
    enabled: bool
    waiting: int
    held: int
    running: int
    retrying: int
    succeeded: int
    failed: int
    cancelled: int
    #: Whether this node tries the destination. Absent, like all that follows, before the first sending there.
    breaker: NotRequired[BreakerState]
    last_error: NotRequired[str | None]
    last_success_at: NotRequired[datetime | None]
    next_probe_at: NotRequired[datetime | None]
    away_since: NotRequired[datetime | None]
    #: Images that have arrived there since the start.
    instances: NotRequired[int]


class NodeHealth(TypedDict):
    """A node that shares the store."""

    id: str
    name: str
    state: NodeState
    lag_seconds: float | None
    #: Deliveries that wait until the node is back.
    waiting: int


class CountsByState(TypedDict, total=False):
    """How many deliveries are in each state; empty while the store is away."""

    waiting: int
    held: int
    running: int
    retrying: int
    succeeded: int
    failed: int
    cancelled: int


@with_config(ConfigDict(extra="allow"))
class Health(TypedDict):
    """The router's health. A part may add fields that are not described here."""

    #: `warning`: the router works, but a destination cannot be reached.
    status: Literal["ok", "warning", "degraded"]
    name: str
    version: str
    problems: list[Problem]
    warnings: list[Absence]
    altered: list[Altered]
    intake: IntakeHealth
    store: StoreHealth
    orthanc: OrthancHealth
    deliveries: CountsByState
    #: When the succeeded deliveries were counted; None: now.
    succeeded_counted_at: datetime | None
    lanes: list[Lane]
    nodes: list[NodeHealth]
    user: ShownUser


class HealthAtStart(TypedDict):
    """The health of a router that does not work yet, or cannot work (status 503)."""

    status: Literal["degraded"]
    problems: list[Problem]
    user: NotRequired[ShownUser]
