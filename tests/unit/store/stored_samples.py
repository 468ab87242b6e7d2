# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents, plans and deliveries to put into a store."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from router.documents.action import Priority
from router.documents.delivery import (
    ActionReference,
    Attempt,
    Delivery,
    DestinationReference,
    PolicyReference,
    Resource,
    State,
)
from router.documents.destination import Destination
from router.documents.document import new_id
from router.documents.policy import Policy
from router.documents.window import Window
from router.store import Cursor, Lease, LeasedDelivery, NewDelivery, NotFound, Outcome, Plan, Store

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """A moment counted from noon."""
    return NOON + timedelta(seconds=seconds)


def policy(name: str = "CT to research", *, identifier: str | None = None, revision: int = 1) -> Policy:
    return Policy(
        id=identifier or new_id(),
        revision=revision,
        name=name,
        rule={"all": []},
        created_at=NOON,
        updated_at=after(revision),
        updated_by="admin",
    )


def destination(name: str = "research-pacs") -> Destination:
    return Destination(
        id=new_id(),
        revision=1,
        name=name,
        kind="dicom",
        settings={"modality": "RESEARCH"},
        created_at=NOON,
        updated_at=NOON,
        updated_by="admin",
    )


def resource(study: str = "study-1", **known: str) -> Resource:
    """A series of this study."""
    return Resource(level="series", id=f"{study}-series", series=f"{study}-series", study=study, **known)


def delivery(
    *,
    lane: str = "pacs",
    identifier: str | None = None,
    instances: Sequence[str] = ("image-1",),
    priority: Priority = "normal",
    policy_id: str = "policy-1",
    revision: int = 1,
    action: str = "action-1",
    about: Resource | None = None,
    created_at: datetime = NOON,
    next_attempt_at: datetime | None = None,
    state: State = State.WAITING,
    run: str | None = None,
    window: Window | None = None,
) -> NewDelivery:
    """A delivery as the intake plans it, towards the lane's destination."""
    return NewDelivery(
        Delivery(
            id=identifier or new_id(),
            state=state,
            lane=lane,
            priority=priority,
            policy=PolicyReference(id=policy_id, name="CT to research", revision=revision),
            action=ActionReference(id=action, type="forward"),
            destination=DestinationReference(id=lane, name=lane, kind="dicom"),
            resource=about or resource(),
            instances=len(instances),
            remaining=len(instances),
            created_at=created_at,
            next_attempt_at=next_attempt_at,
            run=run,
            window=window,
        ),
        instances,
    )


def add(store: Store, *deliveries: NewDelivery) -> None:
    """Put deliveries into the store as the intake does."""
    cursor = store.intake.cursor()
    if cursor is None:
        cursor = Cursor(0, 0)
        store.intake.begin(cursor)
    moved = Cursor(cursor.sequence + 1, cursor.version + 1)
    store.intake.commit(Plan(based_on=cursor, cursor=moved, deliveries=deliveries))


def until(seconds: float, owner: str = "node-1") -> Lease:
    """A lease that ends so many seconds after noon."""
    return Lease(owner, after(seconds))


def attempt(error: str | None = None, *, at: datetime = NOON, seconds: float = 2) -> Attempt:
    return Attempt(at=at, seconds=seconds, error=error)


def exists(store: Store, identifier: str) -> bool:
    """Whether this delivery is in the store."""
    try:
        store.deliveries.get(identifier)
    except NotFound:
        return False
    return True


def lease(
    store: Store, *, now: datetime = NOON, instances: int = 1, seconds: float = 60, owner: str = "node-1"
) -> list[LeasedDelivery]:
    """Lease from the lane `pacs`, until so many seconds after noon."""
    return store.deliveries.lease("pacs", until(seconds, owner), now, instances)


def lease_one(
    store: Store, *, now: datetime = NOON, seconds: float = 60, owner: str = "node-1"
) -> LeasedDelivery:
    (leased,) = lease(store, now=now, seconds=seconds, owner=owner)
    return leased


def identifiers(leased: list[LeasedDelivery]) -> list[str]:
    return [each.delivery.id for each in leased]


def record(store: Store, leased: LeasedDelivery, outcome: Outcome) -> bool:
    return store.deliveries.record(leased, outcome)


def brought_to(store: Store, state: State, instances: tuple[str, ...] = ("image-1",)) -> str:
    """Adds a delivery and brings it to this state; its id."""
    identifier = new_id()
    # The oldest is leased first, so that others that wait do not come in between.
    created_at = NOON if state is State.WAITING else after(-1)
    add(store, delivery(identifier=identifier, instances=instances, created_at=created_at))
    if state is State.CANCELLED:
        store.deliveries.cancel(identifier, NOON)
    elif state is not State.WAITING:
        leased = lease_one(store, now=NOON)
        error = None if state is State.SUCCEEDED else "refused"
        later = after(1000) if state in (State.RETRYING, State.HELD) else None
        remaining = () if state is State.SUCCEEDED else instances[-1:]
        if state is not State.RUNNING:
            assert record(store, leased, Outcome(state, remaining, attempt(error), later, "said"))
    assert store.deliveries.get(identifier).state == state
    return identifier


def settle(store: Store) -> int:
    """Bring into the audit trail all that has been put down for it; how many entries."""
    settled = 0
    while portion := store.audit.settle():
        settled += portion
    return settled
