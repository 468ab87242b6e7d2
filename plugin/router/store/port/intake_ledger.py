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
    """How far the intake has read one Orthanc's change log.

    `version` grows with every committed plan. `anchor` is the identity of the change at `sequence`
    (its date and resource), by which a replaced Orthanc database is noticed.
    """

    sequence: int
    version: int
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """That an instance came in: the intake's ledger. One per instance; a later one replaces it."""

    instance: str
    series: str
    study: str
    sequence: int
    at: datetime
    #: Of the stored file, where it was asked for; tells a repeat from a correction.
    digest: str = ""
    #: The date of its entry in the change log, as it is written there; empty where that is not known. It
    #: tells the entry from a later one of the same image.
    logged: str = ""


@dataclass(frozen=True, slots=True)
class Fired:
    """What a policy has made of a growing series or study so far."""

    through_sequence: int
    matched: bool


@dataclass(frozen=True, slots=True)
class Growing:
    """A series or study to which images come in.

    `due_at` is when the next policy may fire; None once all have (it stays known, so that late
    images fire only for themselves). `fired` is by policy id.
    """

    level: Level
    resource: str
    last_sequence: int
    last_at: datetime
    due_at: datetime | None
    fired: Mapping[str, Fired] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that follows from a stretch of the change log, or from a resource that went quiet.

    Committed as one: after a crash at any point either none of it or all of it is there.
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
        """Claim the intake of this index, or prolong the claim; False where another owner has it still.

        It saves nodes that share an index from planning the same twice over. What keeps them from
        *committing* twice is the cursor: of all plans that are based on one version, one is committed.
        """
        ...

    def release(self, owner: str) -> None:
        """Give the claim up, for another to have it at once. Nothing happens where it is not held."""
        ...

    def peek(self) -> Cursor | None:
        """The cursor as it stands, for who only looks on: completes nothing."""
        ...

    def cursor(self) -> Cursor | None:
        """Where to go on reading; None before the first `begin`. Completes what a crash left half done."""
        ...

    def begin(self, cursor: Cursor, instead_of: Cursor | None = None) -> None:
        """Set the cursor, for a new installation or a change log that `instead_of` does not fit. Larger
        numbers are brought down to it, in arrivals as in growing resources: that log gives them anew. Raises
        PlanConflict where the cursor is not `instead_of` any more."""
        ...

    def commit(self, plan: Plan) -> None:
        """Carry out the plan as one. Raises PlanConflict where the cursor is not `based_on` any more."""
        ...

    def arrivals_of(self, level: Level, resource: str, after_sequence: int = 0) -> list[Arrival]:
        """Arrivals of a series or study with a greater sequence, by sequence."""
        ...

    def studies_since(self, since: datetime) -> list[str]:
        """The studies of which images have come in since then, in the order in which their first one did."""
        ...

    def arrivals(self, instances: Sequence[str]) -> dict[str, Arrival]:
        """What is known of these instances, by instance; the unknown are left out."""
        ...

    def growing(self, level: Level, resources: Sequence[str]) -> dict[str, Growing]:
        """What is known of these series or studies, by identifier; the unknown are left out."""
        ...

    def growing_due(self, now: datetime, limit: int) -> list[Growing]:
        """Those whose `due_at` has come, the longest due first."""
        ...

    def next_growing_due(self) -> datetime | None:
        """The earliest `due_at` of all, None where nothing grows."""
        ...

    def expire(self, before: datetime) -> int:
        """Forget arrivals older than this and settled growing resources with none newer; how many.

        Arrivals of what has yet to fire are kept. Goes on in portions, so that it holds up nobody; what
        an interruption leaves is for the next call.
        """
        ...
