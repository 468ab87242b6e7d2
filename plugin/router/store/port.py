"""The store's port: what the router needs to remember, in the router's own terms.

Both implementations (`sqlite`, `mongodb`) pass the same contract tests. What they promise:
a call that returned has been written so that it survives kill -9 and loss of power, and every
method either does all it says or nothing. Any method may raise `StoreUnavailable`; a write that raised
it may have been carried out all the same, so ask (`cursor`, `get`) before doing it again.
All methods may be called from any thread. Moments are kept to the millisecond.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar

from router.documents.delivery import Attempt, Delivery, State
from router.documents.destination import Destination
from router.documents.lineage import Lineage
from router.documents.policy import Level, Policy


class StoreUnavailable(Exception):  # noqa: N818 - it reads as what it says
    """The store cannot be reached or cannot write now; the message tells an administrator why."""


class NotFound(Exception):  # noqa: N818
    """There is no such document."""


class NameTaken(Exception):  # noqa: N818
    """Another document of this kind has this name (compared without regard to case)."""


class RevisionConflict(Exception):  # noqa: N818
    """Somebody else has saved since; `current` is the revision now in the store."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the document is at revision {current} now")
        self.current = current


class PlanConflict(Exception):  # noqa: N818
    """Another intake has committed since this plan's `based_on` was read: read again, plan again."""


DocumentType = TypeVar("DocumentType", Policy, Destination)


class Documents(Protocol, Generic[DocumentType]):
    """Named documents of one kind (policies or destinations), each save kept as a revision."""

    def generation(self) -> int:
        """A number that grows with every write to this kind; cheap enough to ask every second."""
        ...

    def all(self) -> list[DocumentType]:
        """The current revision of every document, by name."""
        ...

    def get(self, identifier: str) -> DocumentType:
        """The current revision. Raises NotFound."""
        ...

    def create(self, document: DocumentType) -> None:
        """Add a document at revision 1. Raises NameTaken."""
        ...

    def replace(self, document: DocumentType) -> None:
        """Save `document`, whose `revision` is one more than the revision it replaces.

        Raises NotFound, NameTaken, or RevisionConflict where the store is at another revision.
        """
        ...

    def delete(self, identifier: str, revision: int | None = None) -> None:
        """Take the document away; its revisions stay readable and its name is free again.

        Raises NotFound, or RevisionConflict where `revision` is given and is not the current one.
        """
        ...

    def revisions(self, identifier: str) -> list[DocumentType]:
        """Every revision, newest first, also of a deleted document. Raises NotFound."""
        ...

    def revision(self, identifier: str, number: int) -> DocumentType:
        """One revision, also of a deleted document. Raises NotFound."""
        ...


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
class NewDelivery:
    """A delivery to be recorded, with the Orthanc identifiers of its instances."""

    delivery: Delivery
    instances: Sequence[str]


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
    """The intake's durable memory."""

    def cursor(self) -> Cursor | None:
        """Where to go on reading; None before the first `begin`. Completes what a crash left half done."""
        ...

    def begin(self, cursor: Cursor) -> None:
        """Set the cursor, for a new installation or a replaced Orthanc database, whatever it was before."""
        ...

    def commit(self, plan: Plan) -> None:
        """Carry out the plan as one. Raises PlanConflict where the cursor is not `based_on` any more."""
        ...

    def arrivals_of(self, level: Level, resource: str, after_sequence: int = 0) -> list[Arrival]:
        """Arrivals of a series or study with a greater sequence, by sequence."""
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


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's claim on deliveries: nobody else takes them before `until`."""

    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A delivery to carry out now: what remains of it, and the token that recording it needs."""

    delivery: Delivery
    instances: Sequence[str]
    token: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, and what becomes of the delivery.

    `state` is succeeded, failed, retrying (then with `next_attempt_at`), held or waiting.
    `remaining` are the instances that have not arrived. `attempt` is None where none was made
    (a delivery given back untouched).
    """

    state: State
    remaining: Sequence[str] = ()
    attempt: Attempt | None = None
    next_attempt_at: datetime | None = None
    note: str | None = None
    #: A delivery that takes this one's place (to an alternate destination, say); recorded with it, and
    #: only once, because its id follows from this one's.
    successor: NewDelivery | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are meant; every given part must hold. `resource` is an Orthanc identifier
    (of the resource itself, its series or its study); `search` is compared with the identifiers a
    person knows: it equals the patient id, accession number, study or series UID, or begins the
    patient name (without regard to case)."""

    states: frozenset[State] = frozenset()
    policy: str | None = None
    destination: str | None = None
    resource: str | None = None
    since: datetime | None = None
    search: str | None = None


class Deliveries(Protocol):
    """The ledger of work. Deliveries come into being through `IntakeLedger.commit`, or as successors.

    A lease takes deliveries of one lane that are waiting, held or retrying and whose time has come
    (`next_attempt_at`, at once where None), and running ones whose lease has run out.
    """

    def get(self, identifier: str) -> Delivery:
        """Raises NotFound."""
        ...

    def instances(self, identifier: str) -> list[str]:
        """The Orthanc identifiers of all its instances, delivered or not. Raises NotFound."""
        ...

    def find(self, wanted: DeliveryFilter, limit: int, offset: int = 0) -> tuple[list[Delivery], int]:
        """Newest first, and how many there are in all."""
        ...

    def counts(self) -> dict[tuple[str, State], int]:
        """How many there are by lane and state; quick at any number of deliveries."""
        ...

    def lease(self, lane: str, lease: Lease, now: datetime, instances: int) -> list[LeasedDelivery]:
        """Claim the most urgent, then oldest ready deliveries of a lane: the first, and as many more
        *of the same action of the same policy revision* as fit into `instances` together. Two callers
        never get the same one. Empty where nothing is ready."""
        ...

    def lease_held(self, identifier: str, attempt_count: int, lease: Lease) -> LeasedDelivery | None:
        """Claim one delivery that is held, though its time has not come; None where it is not, or another
        number of attempts has been made. Raises NotFound."""
        ...

    def renew(self, tokens: Sequence[str], until: datetime) -> None:
        """Prolong leases that are still held."""
        ...

    def release(self, owner: str) -> int:
        """Make ready again what an earlier run of this owner had leased when it died; how many."""
        ...

    def record(self, identifier: str, token: str, outcome: Outcome) -> bool:
        """Write how it ended. False, and nothing written, where the lease is lost (taken by another,
        or the delivery was cancelled)."""
        ...

    def next_ready_at(self, lane: str) -> datetime | None:
        """When the lane's next delivery can be leased (possibly in the past), None where none is open."""
        ...

    def retry(self, wanted: DeliveryFilter | str, now: datetime) -> int:
        """Make failed and cancelled deliveries (one by id, or all found) waiting again, with their
        attempts counted anew, and retrying or held ones ready at once; returns how many.
        Raises NotFound for an unknown id."""
        ...

    def cancel(self, wanted: DeliveryFilter | str, now: datetime) -> int:
        """Cancel open deliveries (one by id, or all found), running ones too; returns how many.
        Raises NotFound for an unknown id."""
        ...

    def expire(self, before: datetime) -> int:
        """Delete finished deliveries that ended before this; returns how many. In portions, as
        `IntakeLedger.expire`."""
        ...


class Lineages(Protocol):
    """Where results come from. Kept for as long as the store is."""

    def record(self, lineages: Sequence[Lineage]) -> None:
        """Remember these; what is known already of the same result instance is replaced."""
        ...

    def claim(self, lineage: Lineage) -> Lineage:
        """Remember it, unless something is known already of the same result instance; what is known from now
        on. Of several callers at once one wins."""
        ...

    def of_results(self, instances: Sequence[str]) -> dict[str, Lineage]:
        """Where these instances come from, by instance; those that came from outside are left out."""
        ...

    def find(
        self, side: Literal["source", "result"], level: Level, resources: Sequence[str], limit: int
    ) -> list[Lineage]:
        """Those whose source or result is one of these resources or lies in it, oldest first."""
        ...

    def of_delivery(self, delivery: str, limit: int) -> list[Lineage]:
        """What a delivery has made, oldest first."""
        ...


class Store(Protocol):
    """The whole of it. Opening makes tables, collections and indexes where they are missing."""

    policies: Documents[Policy]
    destinations: Documents[Destination]
    intake: IntakeLedger
    deliveries: Deliveries
    lineages: Lineages

    def remember(self, name: str, text: str) -> str:
        """Keep `text` under this name, unless something is kept there already; what is kept from now on.
        Of several callers at once one wins, and all get the same."""
        ...

    def check(self) -> None:
        """Raises StoreUnavailable unless a write would succeed now."""
        ...

    def describe(self) -> str:
        """What and where it is, for people; without credentials."""
        ...

    def close(self) -> None:
        """Release all that is held; called once, at the end."""
        ...
