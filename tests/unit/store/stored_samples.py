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
from router.store import Cursor, Lease, NewDelivery, NotFound, Plan, Store

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
