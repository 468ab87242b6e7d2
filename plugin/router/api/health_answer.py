# SPDX-License-Identifier: GPL-3.0-or-later
"""What `/health` answers."""

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
    """The person who asks, and what that person may do."""

    name: str
    roles: list[Role]
    #: The authorization plugin's id.
    id: NotRequired[str]
    #: Those of the studies that may be seen, where not all may.
    labels: NotRequired[list[str]]


class RepeatedImages(TypedDict):
    """Images that came again and that Orthanc did not keep."""

    since: datetime
    images: int
    #: How many of them differ from what is stored, and how many could not be compared.
    differing: int
    uncompared: int
    #: In which tags, by keyword.
    tags: NotRequired[list[str]]
    #: The last time, and who sent it.
    at: NotRequired[datetime]
    aet: NotRequired[str]
    #: Orthanc's identifier of the last study that differed, or of the last of all where none did.
    study: NotRequired[str]


class IntakeHealth(TypedDict):
    """How far the intake is."""

    #: The last change that was read.
    cursor: int | None
    caught_up_at: datetime | None
    #: Images that have come in since the start.
    instances: int
    #: Absent where Orthanc overwrites; None where this Orthanc does not tell, and then what to say of it.
    repeated: NotRequired[RepeatedImages | None]
    repeated_not_counted: NotRequired[str]
    #: How far it is behind, once that was measured.
    lag_changes: NotRequired[int]
    lag_seconds: NotRequired[float]
    lag_measured_at: NotRequired[datetime | None]


class StoreHealth(TypedDict):
    """How the store is."""

    description: str
    ok: bool
    checked_at: datetime | None


class OrthancHealth(TypedDict):
    """How Orthanc's REST API is, and what it has told."""

    aet: str
    dicom_port: int
    version: str
    plugin_version: str
    #: Where Orthanc Explorer 2 shows a study, below its root, with `{uid}` in it; empty where it is not.
    study_page: str
    asked_at: datetime | None


class Lane(TypedDict):
    """Deliveries to one destination, by state, and how sending goes."""

    destination: DestinationReference
    enabled: bool
    waiting: int
    held: int
    running: int
    retrying: int
    succeeded: int
    failed: int
    cancelled: int
    #: Whether this node tries it; absent where it has not sent anything there yet, as all that follows.
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
    #: Deliveries that nobody makes before it is back.
    waiting: int


class CountsByState(TypedDict, total=False):
    """How many deliveries are in each state; nothing while the store is away."""

    waiting: int
    held: int
    running: int
    retrying: int
    succeeded: int
    failed: int
    cancelled: int


@with_config(ConfigDict(extra="allow"))
class Health(TypedDict):
    """How the router is. A part may say more of itself than is described here."""

    #: Warning: it works, and a destination cannot be reached.
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
    #: When those that have succeeded were counted; None: now.
    succeeded_counted_at: datetime | None
    lanes: list[Lane]
    nodes: list[NodeHealth]
    user: ShownUser


class HealthAtStart(TypedDict):
    """How a router is that does not work yet, or at all (with status 503)."""

    status: Literal["degraded"]
    problems: list[Problem]
    user: NotRequired[ShownUser]
