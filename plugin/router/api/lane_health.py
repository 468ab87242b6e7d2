"""How the lanes are, and what is wrong with the stored documents, as health tells it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from router.catalog import Catalog, Snapshot
from router.dispatch import BreakerState, Dispatcher, LaneStatus
from router.documents.delivery import FINISHED, DestinationReference, State
from router.documents.destination import Destination
from router.store import Store


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should look at."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A destination that cannot be reached while deliveries wait for it.

    This is no fault of the router, which tries again by itself.
    """

    code: str
    message: str
    destination: DestinationReference
    #: None where only another node has tried it.
    since: datetime | None
    #: Deliveries that wait for it.
    waiting: int


@dataclass(frozen=True, slots=True)
class Altered:
    """A policy or destination that was changed outside the router."""

    kind: Literal["policy", "destination"]
    id: str
    name: str
    since: datetime


@dataclass(slots=True)
class LaneHealth:
    """Deliveries and lanes at one moment; empty while the store is away."""

    deliveries: dict[str, int] = field(default_factory=dict)
    #: When those that have succeeded were counted; None: now.
    succeeded_counted_at: datetime | None = None
    lanes: list[dict[str, Any]] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    altered: list[Altered] = field(default_factory=list)


def lane_health(store: Store, catalog: Catalog, dispatcher: Dispatcher) -> tuple[LaneHealth, list[Problem]]:
    """Deliveries by state, each lane, and what is wrong with policies and destinations. Raises
    StoreUnavailable."""
    counts = store.deliveries.counts()
    snapshot = catalog.current()
    totals = dict.fromkeys(State, 0)
    for (_, state), count in counts.items():
        totals[state] += count
    health = LaneHealth({state.value: count for state, count in totals.items()}, counts.succeeded_at)
    health.altered = _altered(snapshot)
    statuses = dispatcher.statuses()
    for destination in snapshot.destinations.values():
        lane: dict[str, Any] = {
            "destination": {"id": destination.id, "name": destination.name, "kind": destination.kind},
            "enabled": destination.enabled,
        }
        lane |= {state.value: counts.get((destination.id, state), 0) for state in State}
        status = statuses.get(destination.id)
        if status is not None:
            lane |= {
                "breaker": status.breaker,
                "last_error": status.last_error,
                "last_success_at": status.last_success_at,
                "next_probe_at": status.next_probe_at,
                "away_since": status.away_since,
                "instances": status.instances,
            }
            if destination.enabled and status.breaker != BreakerState.CLOSED:
                waiting = sum(counts.get((destination.id, state), 0) for state in frozenset(State) - FINISHED)
                # Where nothing waits, it is not looked for any more: nobody knows how it is.
                if waiting:
                    health.absences.append(_absence(destination, status, waiting))
        health.lanes.append(lane)
    return health, _problems(snapshot)


def _problems(snapshot: Snapshot) -> list[Problem]:
    problems = [
        Problem("policy", f"The policy {snapshot.policies[identifier].name!r} cannot be used: {reason}")
        for identifier, reason in snapshot.unusable.items()
    ]
    for kind, unreadable in (
        ("policy", snapshot.unreadable_policies),
        ("destination", snapshot.unreadable_destinations),
    ):
        problems += [
            Problem(
                kind,
                f"The {kind} {one.name!r} ({one.id}) cannot be used: {one.reason}. Have all routers of"
                " one version, or delete it and restore a revision of it that can be read",
            )
            for one in unreadable
        ]
    return problems + [
        Problem(
            one.kind,
            f"The {one.kind} {one.name!r} was changed outside the router, or damaged; that was noticed at"
            f" {one.since:%Y-%m-%d %H:%M:%S} UTC. It is used as it is now, as far as it can be. Open it:"
            " Accept keeps it so, and History brings an earlier revision back",
        )
        for one in _altered(snapshot)
    ]


def _altered(snapshot: Snapshot) -> list[Altered]:
    return [
        *(Altered("policy", one.id, one.name, one.since) for one in snapshot.altered_policies),
        *(Altered("destination", one.id, one.name, one.since) for one in snapshot.altered_destinations),
    ]


def _absence(destination: Destination, status: LaneStatus, waiting: int) -> Absence:
    since = f" since {status.away_since:%Y-%m-%d %H:%M:%S} UTC" if status.away_since else ""
    deliveries = "1 delivery waits" if waiting == 1 else f"{waiting} deliveries wait"
    return Absence(
        "destination",
        f"The destination {destination.name!r} cannot be reached{since}; {deliveries} for it."
        f" {status.last_error or ''}".rstrip(),
        DestinationReference(id=destination.id, name=destination.name, kind=destination.kind),
        status.away_since,
        waiting,
    )
