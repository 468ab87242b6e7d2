# SPDX-License-Identifier: GPL-3.0-or-later
"""The intake's memory: how far it has read, what came in, what still grows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from router.documents.policy import Level
from router.store.port.deliveries import NewDelivery


@dataclass(frozen=True, slots=True)
class Cursor:
    """The intake's position in one Orthanc's change log.

    `version` grows with every committed plan. `anchor` identifies the change at `sequence` (its date and
    resource); the intake notices a replaced Orthanc database by it.
    """

    sequence: int
    version: int
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The arrival of an instance. Each instance has one; a later one replaces it."""

    instance: str
    series: str
    study: str
    sequence: int
    at: datetime
    #: The digest of the stored file, where it was asked for; it tells a repeat from a correction.
    digest: str = ""
    #: The date of its entry in the change log, as written there; empty where it is not known. It
    #: distinguishes the entry from a later one of the same image.
    logged: str = ""


@dataclass(frozen=True, slots=True)
class Fired:
    """How far a policy has handled a growing series or study, and whether it matched."""

    through_sequence: int
    matched: bool


@dataclass(frozen=True, slots=True)
class Growing:
    """A series or study that receives images.

    `due_at` is when the next policy may fire; None once all have fired. The resource stays known then, so
    that policies fire for late images only. `fired` is by policy id.
    """

    level: Level
    resource: str
    last_sequence: int
    last_at: datetime
    due_at: datetime | None
    fired: Mapping[str, Fired] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """All results of a part of the change log, or of a resource that stopped growing.

    It is committed as one: after a crash at any point either none of it or all of it is there.
    `growing` replaces what is known of those resources.
    """

    based_on: Cursor
    cursor: Cursor
    arrivals: Sequence[Arrival] = ()
    growing: Sequence[Growing] = ()
    deliveries: Sequence[NewDelivery] = ()


class IntakeLedger(Protocol):
    """The intake's durable memory of one Orthanc database: the one that the store was opened for."""

    def lease(self, owner: str, until: datetime, now: datetime) -> bool:
        """Lease the intake of this index, or extend the lease. Return False where another owner holds it.

        The lease saves the nodes of an index from planning the same twice. The cursor keeps them from
        *committing* twice: of all plans that are based on one version, one is committed.
        """
        ...

    def release(self, owner: str) -> None:
        """Give the lease up, so that another node can take it at once. Do nothing where it is not held."""
        ...

    def peek(self) -> Cursor | None:
        """Return the cursor as it is, only to show it: this completes nothing."""
        ...

    def cursor(self) -> Cursor | None:
        """Return where to go on reading; None before the first `begin`. Completes what a crash left half
        done."""
        ...

    def begin(self, cursor: Cursor, instead_of: Cursor | None = None) -> None:
        """Set the cursor, for a new installation or for a change log that `instead_of` does not fit. Larger
        sequences of arrivals and growing resources are lowered to the cursor's, because the new log gives
        those numbers again. Raises PlanConflict where the cursor is not `instead_of`."""
        ...

    def commit(self, plan: Plan) -> None:
        """Carry out the plan as one. Raises PlanConflict where the cursor is not `based_on`."""
        ...

    def arrivals_of(self, level: Level, resource: str, after_sequence: int = 0) -> list[Arrival]:
        """Return the arrivals of a resource with a greater sequence, by sequence."""
        ...

    def studies_since(self, since: datetime) -> list[str]:
        """Return the studies whose images arrived since then, in the order of each one's first such
        arrival."""
        ...

    def arrivals(self, instances: Sequence[str]) -> dict[str, Arrival]:
        """Return the arrivals of these instances, by instance; unknown ones are left out."""
        ...

    def growing(self, level: Level, resources: Sequence[str]) -> dict[str, Growing]:
        """Return the growing resources with these identifiers, by identifier; unknown ones are left out."""
        ...

    def growing_due(self, now: datetime, limit: int) -> list[Growing]:
        """Return the growing resources whose `due_at` has come, the longest due first."""
        ...

    def next_growing_due(self) -> datetime | None:
        """Return the earliest `due_at` of all; None where there is none."""
        ...

    def expire(self, before: datetime) -> int:
        """Delete older arrivals, and settled growing resources (without `due_at`) with no newer image; return
        how many.

        Arrivals of resources that have yet to fire are kept. Works in portions, so that other writers need
        not wait; the next call deletes what an interruption leaves.
        """
        ...
