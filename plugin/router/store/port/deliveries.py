# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from router.documents.activity import Activity
from router.documents.audit import Act
from router.documents.delivery import Attempt, Delivery, State
from router.store.port.counts import Counts


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to be recorded, with the Orthanc identifiers of its instances."""

    delivery: Delivery
    instances: Sequence[str]


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
    #: What the destination has given for instances that it took and has yet to confirm, by instance.
    receipts: Mapping[str, str] = field(default_factory=dict)


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
    #: Of one that is held: until a person has it sent, and for no time.
    until_released: bool = False
    #: When it ended, where there was no attempt that tells it.
    ended_at: datetime | None = None
    #: How many interruptions still count; None: none after an attempt, and else as many as before.
    interruptions: int | None = None
    #: See `LeasedDelivery`; None leaves them as they were.
    receipts: Mapping[str, str] | None = None
    #: A delivery that takes this one's place (to an alternate destination, say); recorded with it, and
    #: only once, because its id follows from this one's.
    successor: NewDelivery | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are meant; every given part must hold. `resource` is an Orthanc identifier
    (of the resource itself, its series or its study); `search` is compared with the identifiers a
    person knows: it equals the patient id, accession number, study or series UID, or begins the
    patient name (without regard to case); `indexes` are the Orthanc databases of which it may be one,
    and `studies` the Orthanc identifiers of the studies that it may be of."""

    states: frozenset[State] = frozenset()
    policy: str | None = None
    destination: str | None = None
    resource: str | None = None
    since: datetime | None = None
    search: str | None = None
    run: str | None = None
    index: str | None = None
    indexes: frozenset[str] | None = None
    studies: frozenset[str] | None = None


#: Deliveries, with their instances, that are read at once.
_PAGE = 200


def all_pages(deliveries: "Deliveries", wanted: DeliveryFilter) -> Iterator[NewDelivery]:
    """All deliveries that are meant, page by page; see `Deliveries.page`. Raises StoreUnavailable."""
    after = None
    while page := deliveries.page(wanted, _PAGE, after):
        yield from page
        after = page[-1].delivery


class Deliveries(Protocol):
    """The ledger of work. Deliveries come into being through `IntakeLedger.commit` and `Runs.record`, or as
    successors.

    A lease takes deliveries of one lane, of the index that the store was opened for, that are waiting, held
    or retrying and whose time has come (`next_attempt_at`, at once where None), and running ones whose
    lease another owner has let run out. Such an owner has died, or cannot reach the store: the attempt that
    began with its lease is kept as interrupted, and counted (`Delivery.interruptions`).

    The end of each, and the `act` by which a person changes some, are put down for the audit in the same
    write.
    """

    def get(self, identifier: str) -> Delivery:
        """Raises NotFound."""
        ...

    def instances(self, identifier: str) -> list[str]:
        """The Orthanc identifiers of all its instances, delivered or not. Raises NotFound."""
        ...

    def find(
        self, wanted: DeliveryFilter, limit: int, offset: int = 0, total: int | None = None
    ) -> tuple[list[Delivery], int]:
        """Newest first, and how many there are in all; that is not counted where `total` says it."""
        ...

    def page(self, wanted: DeliveryFilter, limit: int, after: Delivery | None = None) -> list[NewDelivery]:
        """Deliveries as they stand, each with the identifiers of all its instances, oldest first; with
        `after`, the last one of the page before, those that follow it. Reading on in this way misses none,
        whatever becomes of the others meanwhile."""
        ...

    def obstacle(self, leased: LeasedDelivery) -> Delivery | None:
        """The delivery that keeps the images of this one from being deleted; None where nothing does.

        It is another delivery of any of these images, in the same index, by an action of another type: the
        oldest open one, else one that failed or was cancelled and whose alternate has not succeeded in
        its place. Raises LeaseLost.
        """
        ...

    def counts(self, at_leisure: bool = False) -> Counts:
        """How many there are; quick at any number of deliveries. Who is `at_leisure` waits where those that
        have succeeded are to be counted anew."""
        ...

    def activity(self, policies: Sequence[str], now: datetime) -> list[Activity]:
        """How often each of these policies has fired until now, in the order in which they are asked for."""
        ...

    def counts_of_run(self, run: str) -> dict[State, int]:
        """How many of those that a run has made there are by state."""
        ...

    def lease(self, lane: str, lease: Lease, now: datetime, instances: int) -> list[LeasedDelivery]:
        """Claim the most urgent, then oldest ready deliveries of a lane: the first, and as many more
        *of the same action of the same policy revision* as fit into `instances` together; one that has been
        interrupted `SUSPECT_AFTER` times by itself. Two callers never get the same one. Empty where nothing
        is ready."""
        ...

    def lease_held(self, identifier: str, attempt_count: int, lease: Lease) -> LeasedDelivery | None:
        """Claim one delivery that is held, though its time has not come; None where it is not, or another
        number of attempts has been made. Raises NotFound."""
        ...

    def renew(self, tokens: Sequence[str], until: datetime) -> None:
        """Prolong leases that are still held."""
        ...

    def release(self, owner: str, *, died: bool = True) -> int:
        """Make ready again what this owner has leased; how many. Where an earlier run of it `died`, the
        attempts under way then are kept as interrupted, and counted."""
        ...

    def record(self, leased: LeasedDelivery, outcome: Outcome) -> bool:
        """Write how it ended. The audit trail is told of the delivery as it was leased. False, and nothing
        written, where the lease is lost (taken by another, or the delivery was cancelled)."""
        ...

    def next_ready_at(self, lane: str) -> datetime | None:
        """When the lane's next delivery can be leased (possibly in the past), None where none is open."""
        ...

    def retry(self, wanted: DeliveryFilter | str, now: datetime, act: Act | None = None) -> int:
        """Make failed and cancelled deliveries (one by id, or all found) waiting again, with their
        attempts counted anew, and retrying or held ones ready at once; returns how many.
        Raises NotFound for an unknown id."""
        ...

    def send_now(self, identifier: str, now: datetime, act: Act | None = None) -> bool:
        """Make a held delivery ready at once and by itself, outside of its window too.

        A delivery that was held until a person releases it counts as released. False where it is not held.
        Raises NotFound for an unknown id.
        """
        ...

    def hasten(self, identifiers: Sequence[str], now: datetime) -> set[str]:
        """Make those of these deliveries ready at once that are held or wait for their next attempt; the
        lanes that they are in. All others stay as they are."""
        ...

    def cancel(self, wanted: DeliveryFilter | str, now: datetime, act: Act | None = None) -> int:
        """Cancel open deliveries (one by id, or all found), running ones too; returns how many.
        Raises NotFound for an unknown id."""
        ...

    def abandon(self, index: str, reason: str, now: datetime, act: Act | None = None) -> int:
        """Have all open deliveries of an index fail, because no node has its images any more; `reason`
        becomes their note. Returns how many."""
        ...

    def expire(self, before: datetime) -> int:
        """Delete finished deliveries that ended before this and of which the audit tells already; returns how
        many. In portions, as `IntakeLedger.expire`."""
        ...
