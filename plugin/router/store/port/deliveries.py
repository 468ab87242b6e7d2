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
    """A delivery to record, with the Orthanc identifiers of its instances."""

    delivery: Delivery
    instances: Sequence[str]


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's lease of deliveries: no other worker gets them before `until`."""

    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A delivery to carry out now, its remaining instances, and the token that `Deliveries.record` needs."""

    delivery: Delivery
    instances: Sequence[str]
    token: str
    #: The destination's receipts for instances that it accepted but has not confirmed yet, by instance.
    receipts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an attempt, and the delivery's new state.

    `state` is succeeded, failed, retrying (then with `next_attempt_at`), held or waiting.
    `remaining` are the instances that have not arrived. `attempt` is None where no attempt was made
    (the worker gave the delivery back untouched).
    """

    state: State
    remaining: Sequence[str] = ()
    attempt: Attempt | None = None
    next_attempt_at: datetime | None = None
    note: str | None = None
    #: Of a held delivery: it is held until a person releases it, not until a time.
    until_released: bool = False
    #: When the delivery ended, where no attempt gives that time; None: now.
    ended_at: datetime | None = None
    #: How many interruptions count from now on; None: as many as before. An attempt always sets them to 0.
    interruptions: int | None = None
    #: The new receipts (see `LeasedDelivery`); None leaves them as they were.
    receipts: Mapping[str, str] | None = None
    #: A delivery that takes the place of this one, for example to an alternate destination. It is recorded
    #: in the same write, and only once, because its id is derived from this delivery's id.
    successor: NewDelivery | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries to find; a delivery must match every given field.

    `resource` is an Orthanc identifier: of the resource itself, its series or its study. `search` equals the
    patient id, accession number, study or series UID, or begins the patient name, ignoring case. `indexes`
    are the allowed Orthanc databases. `studies` are the Orthanc identifiers of the allowed studies.
    """

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


#: Deliveries that `all_pages` reads at once, with their instances.
_PAGE = 200


def all_pages(deliveries: "Deliveries", wanted: DeliveryFilter) -> Iterator[NewDelivery]:
    """Yield all matching deliveries, page by page; see `Deliveries.page`. Raises StoreUnavailable."""
    after = None
    while page := deliveries.page(wanted, _PAGE, after):
        yield from page
        after = page[-1].delivery


class Deliveries(Protocol):
    """The ledger of work. `IntakeLedger.commit` and `Runs.record` add deliveries, and `record` adds
    successors.

    A lease takes deliveries of one lane, in the index that the store was opened for. They are waiting, held
    or retrying, and their time has come (`next_attempt_at`; None means at once). Or they are running, and
    another owner's lease of them has run out. That owner has died, or cannot reach the store: the attempt
    that began with its lease is kept as interrupted, and counted (`Delivery.interruptions`).

    The write that ends a delivery, or changes deliveries by a person's `act`, also queues that for the audit
    trail.
    """

    def get(self, identifier: str) -> Delivery:
        """Return the delivery of this id. Raises NotFound."""
        ...

    def instances(self, identifier: str) -> list[str]:
        """Return the Orthanc identifiers of all its instances, delivered or not. Raises NotFound."""
        ...

    def find(
        self, wanted: DeliveryFilter, limit: int, offset: int = 0, total: int | None = None
    ) -> tuple[list[Delivery], int]:
        """Return a page of matching deliveries, newest first, and how many match. A given `total` saves the
        count and is returned as it is."""
        ...

    def page(self, wanted: DeliveryFilter, limit: int, after: Delivery | None = None) -> list[NewDelivery]:
        """Return a page of matching deliveries, oldest first, each with the identifiers of all its instances.
        `after` is the last delivery of the page before. Paging in this way misses no delivery, even if others
        change meanwhile."""
        ...

    def obstacle(self, leased: LeasedDelivery) -> Delivery | None:
        """Return the delivery because of which the images of this one must not be deleted; None where there
        is none.

        It is another delivery of any of these images, in the same index, by an action of another type: the
        oldest open one, else the oldest that failed or was cancelled and whose alternate has not succeeded.
        Raises LeaseLost.
        """
        ...

    def counts(self, at_leisure: bool = False) -> Counts:
        """Return the numbers of deliveries; quick at any number of them. `at_leisure`: the caller can wait
        while the succeeded deliveries are counted anew."""
        ...

    def activity(self, policies: Sequence[str], now: datetime) -> list[Activity]:
        """Return how often each of these policies has fired until `now`, in the order of `policies`."""
        ...

    def counts_of_run(self, run: str) -> dict[State, int]:
        """Return how many deliveries of a run there are, by state."""
        ...

    def lease(self, lane: str, lease: Lease, now: datetime, instances: int) -> list[LeasedDelivery]:
        """Lease the most urgent, then oldest ready deliveries of a lane: the first one, and as many more
        *of the same action of the same policy revision* as fit into `instances` together. A delivery that was
        interrupted `SUSPECT_AFTER` times is leased alone. Two callers never get the same delivery. Empty
        where nothing is ready."""
        ...

    def lease_held(self, identifier: str, attempt_count: int, lease: Lease) -> LeasedDelivery | None:
        """Lease one held delivery before its time. Return None where it is not held, or where its number of
        attempts is not `attempt_count`. Raises NotFound."""
        ...

    def renew(self, tokens: Sequence[str], until: datetime) -> None:
        """Extend those of the leases that are still held."""
        ...

    def release(self, owner: str, *, died: bool = True) -> int:
        """Make the deliveries that this owner has leased ready again; return how many. `died`: an earlier
        process of the owner died; its running attempts are kept as interrupted, and counted."""
        ...

    def record(self, leased: LeasedDelivery, outcome: Outcome) -> bool:
        """Write the outcome of an attempt. The audit trail gets the delivery as it was leased. Return False,
        and write nothing, where the lease is lost (another worker has it, or the delivery was cancelled)."""
        ...

    def next_ready_at(self, lane: str) -> datetime | None:
        """Return when the lane's next delivery can be leased (possibly in the past); None where none can."""
        ...

    def retry(self, wanted: DeliveryFilter | str, now: datetime, act: Act | None = None) -> int:
        """Set failed and cancelled deliveries (one by id, or all found) to waiting, and count their attempts
        anew; make retrying and held ones ready at once. Return how many. Raises NotFound for an unknown
        id."""
        ...

    def send_now(self, identifier: str, now: datetime, act: Act | None = None) -> bool:
        """Make a held delivery ready at once, also outside its window, to be sent alone.

        A delivery that was held until a person releases it counts as released. Return False where it is not
        held. Raises NotFound for an unknown id.
        """
        ...

    def hasten(self, identifiers: Sequence[str], now: datetime) -> set[str]:
        """Make the held and the retrying ones among these deliveries ready at once; return their lanes. The
        others stay as they are."""
        ...

    def cancel(self, wanted: DeliveryFilter | str, now: datetime, act: Act | None = None) -> int:
        """Cancel open deliveries (one by id, or all found), also running ones; return how many.
        Raises NotFound for an unknown id."""
        ...

    def abandon(self, index: str, reason: str, now: datetime, act: Act | None = None) -> int:
        """Set all open deliveries of an index to failed, because no node has its images any more; `reason`
        becomes their note. Return how many."""
        ...

    def expire(self, before: datetime) -> int:
        """Delete deliveries that finished before `before`, unless acts of them are still queued for the audit
        trail; return how many. Works in portions, as `IntakeLedger.expire`."""
        ...
