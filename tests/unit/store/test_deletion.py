# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps images from being deleted, and reading deliveries page by page while they change."""

import pytest

from router.documents.delivery import ActionReference, State
from router.store import DeliveryFilter, LeasedDelivery, LeaseLost, NewDelivery, Outcome, Store, all_pages
from unit.store.stored_samples import (
    NOON,
    add,
    after,
    attempt,
    delivery,
    lease,
    lease_one,
    record,
    resource,
    until,
)


def deleting(*instances: str, identifier: str = "deleting", study: str = "study-1") -> NewDelivery:
    """A delivery in the lane `orthanc` that deletes these images."""
    new = delivery(lane="orthanc", identifier=identifier, instances=instances, about=resource(study))
    action = ActionReference(id="delete", type="delete")
    return NewDelivery(new.delivery.model_copy(update={"action": action}), new.instances)


def leased_deletion(store: Store, *instances: str) -> LeasedDelivery:
    add(store, deleting(*instances))
    [leased] = store.deliveries.lease("orthanc", until(60), NOON, 1)
    return leased


def obstacle(store: Store, leased: LeasedDelivery) -> str | None:
    found = store.deliveries.obstacle(leased)
    return found.id if found else None


class TestObstacle:
    def test_nothing_stands_in_the_way_of_images_that_no_other_delivery_has(self, store: Store) -> None:
        add(store, delivery(instances=["image-2"]), delivery(about=resource("study-2")))
        assert obstacle(store, leased_deletion(store, "image-1")) is None

    @pytest.mark.parametrize("state", [State.WAITING, State.HELD, State.RUNNING, State.RETRYING])
    def test_an_open_delivery_of_one_of_the_images_does(self, store: Store, state: State) -> None:
        add(store, delivery(identifier="other", instances=["image-0", "image-2"]))
        if state != State.WAITING:
            leased = lease_one(store)
            if state != State.RUNNING:
                assert record(store, leased, Outcome(state, leased.instances, None, after(99)))
        assert obstacle(store, leased_deletion(store, "image-1", "image-2")) == "other"

    def test_one_whose_part_of_the_images_has_arrived_does(self, store: Store) -> None:
        """It has the whole resource to answer for until it has ended."""
        add(store, delivery(identifier="other", instances=["image-1", "image-2"]))
        assert record(store, lease_one(store), Outcome(State.RETRYING, ["image-2"], attempt("x"), after(99)))
        assert obstacle(store, leased_deletion(store, "image-1")) == "other"

    def test_one_that_succeeded_does_not(self, store: Store) -> None:
        add(store, delivery(identifier="other"))
        assert record(store, lease_one(store), Outcome(State.SUCCEEDED, (), attempt()))
        assert obstacle(store, leased_deletion(store, "image-1")) is None

    def test_nor_does_another_deletion(self, store: Store) -> None:
        add(store, deleting("image-1", identifier="another"))
        add(store, deleting("image-1"))
        leased = store.deliveries.lease("orthanc", until(60), NOON, 1)
        assert obstacle(store, leased[0]) is None

    @pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
    def test_one_that_ended_without_success_does(self, store: Store, state: State) -> None:
        add(store, delivery(identifier="other"))
        if state == State.CANCELLED:
            store.deliveries.cancel("other", NOON)
        else:
            assert record(store, lease_one(store), Outcome(State.FAILED, ["image-1"], attempt("x")))
        assert obstacle(store, leased_deletion(store, "image-1")) == "other"

    def test_one_whose_alternate_succeeded_does_not(self, store: Store) -> None:
        add(store, delivery(identifier="other"))
        successor = delivery(identifier="other-alternate", lane="second", created_at=after(1))
        outcome = Outcome(State.FAILED, ["image-1"], attempt("x"), successor=successor)
        assert record(store, lease_one(store), outcome)
        leased = leased_deletion(store, "image-1")
        assert obstacle(store, leased) == "other-alternate"
        [alternate] = store.deliveries.lease("second", until(60), after(2), 1)
        assert record(store, alternate, Outcome(State.SUCCEEDED, (), attempt()))
        assert obstacle(store, leased) is None

    def test_an_open_one_is_named_before_one_that_failed(self, store: Store) -> None:
        add(store, delivery(identifier="failed"))
        assert record(store, lease_one(store), Outcome(State.FAILED, ["image-1"], attempt("x")))
        add(store, delivery(identifier="open", created_at=after(5)))
        assert obstacle(store, leased_deletion(store, "image-1")) == "open"

    def test_a_deletion_that_was_cancelled_is_told_so(self, store: Store) -> None:
        leased = leased_deletion(store, "image-1")
        store.deliveries.cancel("deleting", NOON)
        with pytest.raises(LeaseLost):
            store.deliveries.obstacle(leased)

    def test_it_is_found_among_many_that_end_meanwhile(self, store: Store) -> None:
        add(store, delivery(identifier="oldest", lane="archive", instances=["image-1"], created_at=after(-9)))
        add(store, *(delivery(instances=[f"other-{n}"], created_at=after(n)) for n in range(300)))
        leased = leased_deletion(store, "image-1")
        while ended := lease(store, now=after(500), instances=50, seconds=900):
            for one in ended:
                assert record(store, one, Outcome(State.SUCCEEDED, (), attempt()))
            assert obstacle(store, leased) == "oldest"


class TestPages:
    def test_all_are_read_with_their_instances_oldest_first(self, store: Store) -> None:
        made = [
            delivery(identifier=f"{n:03}", instances=[f"image-{n}"], created_at=after(n // 7))
            for n in range(50)
        ]
        add(store, *reversed(made))
        found: list[NewDelivery] = []
        while page := store.deliveries.page(DeliveryFilter(), 8, found[-1].delivery if found else None):
            found += page
        assert [one.delivery.id for one in found] == [one.delivery.id for one in made]
        assert [list(one.instances) for one in found] == [list(one.instances) for one in made]

    def test_those_that_end_meanwhile_hide_no_others(self, store: Store) -> None:
        add(store, *(delivery(identifier=f"{n:03}", created_at=after(n)) for n in range(450)))
        is_open = DeliveryFilter(states=frozenset({State.WAITING}), resource="study-1")
        seen = []
        for found in all_pages(store.deliveries, is_open):
            seen.append(found.delivery.id)
            if len(seen) % 100 == 0:
                for identifier in seen:
                    store.deliveries.cancel(identifier, NOON)
        assert seen == [f"{n:03}" for n in range(450)]
