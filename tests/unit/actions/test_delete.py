# SPDX-License-Identifier: GPL-3.0-or-later
"""The action `delete` on a store of its own: what it waits for, and how often it asks."""

from collections import Counter
from typing import Any, cast

import pytest

from router.actions import Work, delete
from router.dispatch import Dispatcher
from router.dispatch.recording import outcome_of
from router.documents.delivery import ActionReference, State
from router.documents.destination import Retry
from router.signals import Signals
from router.store import Arrival, Growing, NewDelivery, Outcome, Plan, Store
from servers.orthanc_in_memory import OrthancInMemory
from unit.actions.services_sample import ServicesSample
from unit.store.stored_samples import add, after, attempt, delivery, resource, until

LATER = after(10_000)


@pytest.fixture
def orthanc() -> OrthancInMemory:
    return OrthancInMemory()


@pytest.fixture
def services(store: Store, orthanc: OrthancInMemory) -> ServicesSample:
    return ServicesSample(orthanc, store)


@pytest.fixture
def dispatcher(store: Store, services: ServicesSample) -> Dispatcher:
    """One without lanes, for what follows from the end of a delivery."""
    without_lanes: Any = None
    return Dispatcher(
        store, without_lanes, cast(Any, services), without_lanes, "node-1", lambda: LATER, Signals()
    )


def deleting(image: str, made_after: float = 0) -> NewDelivery:
    new = delivery(
        lane="orthanc", identifier=f"delete-{image}", instances=(image,), created_at=after(made_after)
    )
    action = ActionReference(id="delete", type="delete")
    return NewDelivery(new.delivery.model_copy(update={"action": action}), new.instances)


def forwarding(image: str, made_after: float = 0) -> NewDelivery:
    return delivery(identifier=f"forward-{image}", instances=(image,), created_at=after(made_after))


def look(store: Store, services: ServicesSample, dispatcher: Dispatcher) -> int:
    """Carry out each deletion that is ready, once; how many there were."""
    count = 0
    while leased := store.deliveries.lease("orthanc", until(99_999), LATER, 1):
        action: Any = None
        sent = delete.perform(Work(action, leased, action, cast(Any, services), LATER))
        outcome = outcome_of(leased[0], sent, Retry(), LATER, LATER, cast(Any, None))
        assert store.deliveries.record(leased[0], outcome)
        dispatcher.recorded(leased[0].delivery, outcome)
        count += 1
    return count


def succeed(store: Store, dispatcher: Dispatcher) -> str:
    """Have the oldest delivery to `pacs` succeed; its id."""
    [leased] = store.deliveries.lease("pacs", until(99_999), LATER, 1)
    outcome = Outcome(State.SUCCEEDED, (), attempt())
    assert store.deliveries.record(leased, outcome)
    dispatcher.recorded(leased.delivery, outcome)
    return leased.delivery.id


def test_an_image_goes_as_soon_as_its_own_delivery_has_ended(
    store: Store, services: ServicesSample, orthanc: OrthancInMemory, dispatcher: Dispatcher
) -> None:
    images = [f"image-{n:02}" for n in range(20)]
    add(store, *(forwarding(image, n) for n, image in enumerate(images)))
    add(store, *(deleting(image, n) for n, image in enumerate(images)))
    assert look(store, services, dispatcher) == 20
    assert orthanc.deleted == []
    for number, image in enumerate(images, 1):
        assert succeed(store, dispatcher) == f"forward-{image}"
        assert look(store, services, dispatcher) == 1
        assert orthanc.deleted == images[:number]


def test_the_end_of_one_delivery_costs_as_much_whatever_waits(
    store: Store, services: ServicesSample, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    database = store.deliveries._database  # type: ignore[attr-defined]
    for name in ("read", "write"):
        original = getattr(database, name)

        def counted(*arguments: Any, original: Any = original, name: str = name, **named: Any) -> Any:
            asked[name] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(database, name, counted)
    costs = []
    for first, count in ((0, 5), (5, 100)):
        images = [f"image-{n:03}" for n in range(first, first + count)]
        add(store, *(forwarding(image, n) for n, image in enumerate(images, first)))
        add(store, *(deleting(image, n) for n, image in enumerate(images, first)))
        look(store, services, dispatcher)
        asked.clear()
        succeed(store, dispatcher)
        look(store, services, dispatcher)
        costs.append(asked.copy())
    assert costs[0] == costs[1]


def test_a_delivery_that_is_held_keeps_its_image_while_hundreds_of_others_end(
    store: Store, services: ServicesSample, orthanc: OrthancInMemory, dispatcher: Dispatcher
) -> None:
    held = delivery(
        lane="archive",
        identifier="held",
        instances=("image",),
        state=State.HELD,
        next_attempt_at=after(99_999),
    )
    add(store, held, *(forwarding(f"other-{n:03}", 1 + n) for n in range(600)))
    add(store, deleting("image"))
    for _ in range(600):
        succeed(store, dispatcher)
        store.deliveries.hasten(["delete-image"], LATER)
        look(store, services, dispatcher)
    assert orthanc.deleted == []
    waiting = store.deliveries.get("delete-image")
    assert waiting.state == State.HELD
    assert "held" in (waiting.note or "")


def test_a_deletion_that_is_cancelled_while_it_looks_deletes_nothing(
    store: Store, services: ServicesSample, orthanc: OrthancInMemory
) -> None:
    add(store, deleting("image"))
    leased = store.deliveries.lease("orthanc", until(99_999), LATER, 1)
    store.deliveries.cancel("delete-image", LATER)
    action: Any = None
    delete.perform(Work(action, leased, action, cast(Any, services), LATER))
    assert orthanc.deleted == []


def test_of_a_whole_study_the_growing_series_are_waited_for(
    store: Store, services: ServicesSample, orthanc: OrthancInMemory
) -> None:
    """Of what has yet to fire, the time at which it does is when the deletion looks again."""
    about = resource("study-1").model_copy(update={"level": "study"})
    new = deleting("image")
    add(
        store,
        NewDelivery(new.delivery.model_copy(update={"resource": about}), new.instances),
    )
    cursor = store.intake.cursor()
    assert cursor is not None
    moved = type(cursor)(cursor.sequence + 1, cursor.version + 1)
    arrival = Arrival("image", "study-1-series", "study-1", 1, after(0))
    growing = Growing("series", "study-1-series", 1, after(0), after(20_000))
    store.intake.commit(Plan(cursor, moved, [arrival], [growing]))
    leased = store.deliveries.lease("orthanc", until(99_999), LATER, 1)
    action: Any = None
    sent = delete.perform(Work(action, leased, action, cast(Any, services), LATER))
    assert orthanc.deleted == []
    assert sent.held_until is not None
    assert sent.held_until >= after(20_000)
