# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of deliveries and lanes, for the health report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from router.dispatch.breaker import BreakerState
from router.dispatch.lane_status import LaneStatus
from router.documents.delivery import FINISHED, DestinationReference, State
from router.documents.destination import Destination
from router.health import Health, Problem
from router.store import Counts


@dataclass(frozen=True, slots=True)
class Absence(Problem):
    """A destination that cannot be reached while deliveries wait for it.

    This is no fault of the router, which tries again by itself.
    """

    destination: DestinationReference
    #: Since when; None where only another node has tried it.
    since: datetime | None
    #: How many deliveries wait for it.
    waiting: int


def lane_health(
    counts: Counts, destinations: Iterable[Destination], statuses: Mapping[str, LaneStatus]
) -> Health:
    """Return the deliveries by state, and each lane. `statuses` has this node's lanes, by destination."""
    totals = dict.fromkeys(State, 0)
    for (_, state), count in counts.items():
        totals[state] += count
    absences = []
    lanes = []
    for destination in destinations:
        numbers = {state: counts.get((destination.id, state), 0) for state in State}
        status = statuses.get(destination.id)
        lanes.append(_lane(destination, numbers, status))
        if status is not None and destination.enabled and status.breaker != BreakerState.CLOSED:
            waiting = sum(count for state, count in numbers.items() if state not in FINISHED)
            # Where no delivery waits, no worker probes the destination: its state is unknown.
            if waiting:
                absences.append(_absence(destination, status, waiting))
    answer = {
        "deliveries": {state.value: count for state, count in totals.items()},
        "succeeded_counted_at": counts.succeeded_at,
        "lanes": lanes,
    }
    return Health(warnings=absences, answer=answer)


def nothing_known() -> Health:
    """Return the answer for a time when the store is away."""
    return Health(answer={"deliveries": {}, "succeeded_counted_at": None, "lanes": []})


def _lane(
    destination: Destination, numbers: Mapping[State, int], status: LaneStatus | None
) -> dict[str, Any]:
    lane: dict[str, Any] = {
        "destination": {"id": destination.id, "name": destination.name, "kind": destination.kind},
        "enabled": destination.enabled,
    }
    lane |= {state.value: count for state, count in numbers.items()}
    if status is not None:
        lane |= {
            "breaker": status.breaker,
            "last_error": status.last_error,
            "last_success_at": status.last_success_at,
            "next_probe_at": status.next_probe_at,
            "away_since": status.away_since,
            "instances": status.instances,
        }
    return lane


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
