# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of work: leased once, recorded once, and what takes the place of what has failed."""

import threading
from collections.abc import Callable

import pytest

from router.documents.action import Priority
from router.documents.delivery import INTERRUPTED, SUSPECT_AFTER, Delivery, State
from router.store import DeliveryFilter, LeasedDelivery, NotFound, Outcome, Store
from unit.store.stored_samples import (
    NOON,
    add,
    after,
    attempt,
    delivery,
    exists,
    identifiers,
    lease,
    lease_one,
    record,
    resource,
    until,
)

EVERY = DeliveryFilter()


class TestLeaseOfAHeldDelivery:
    """What a call-back takes, before the time for which the delivery is held."""

    def held(self, store: Store) -> None:
        """A delivery `d` of two images that is held after its first attempt."""
        add(store, delivery(identifier="d", instances=["image-1", "image-2"]))
        outcome = Outcome(State.HELD, ["image-2"], attempt("later"), after(600), "awaited")
        assert record(store, lease_one(store), outcome)

    def test_it_is_leased_before_its_time_and_recorded(self, store: Store) -> None:
        self.held(store)
        leased = store.deliveries.lease_held("d", 1, until(60))
        assert leased is not None
        assert (leased.delivery.state, list(leased.instances)) == (State.RUNNING, ["image-2"])
        assert store.deliveries.lease_held("d", 1, until(60)) is None
        assert record(store, leased, Outcome(State.SUCCEEDED, attempt=attempt()))
        assert store.deliveries.get("d").state == State.SUCCEEDED

    def test_not_after_another_attempt(self, store: Store) -> None:
        self.held(store)
        for attempts in (0, 2):
            assert store.deliveries.lease_held("d", attempts, until(60)) is None
        assert store.deliveries.get("d").state == State.HELD

    def test_not_while_it_waits_or_when_it_is_cancelled(self, store: Store) -> None:
        add(store, delivery(identifier="d"))
        assert store.deliveries.lease_held("d", 0, until(60)) is None
        store.deliveries.cancel("d", NOON)
        assert store.deliveries.lease_held("d", 0, until(60)) is None

    def test_a_lease_that_runs_out_is_anybodys(self, store: Store) -> None:
        self.held(store)
        assert store.deliveries.lease_held("d", 1, until(60, "call-backs"))
        assert identifiers(lease(store, now=after(59))) == []
        assert identifiers(lease(store, now=after(61), seconds=99)) == ["d"]

    def test_one_that_is_not_there_is_told(self, store: Store) -> None:
        with pytest.raises(NotFound):
            store.deliveries.lease_held("none", 0, until(60))


class TestLease:
    def test_a_leased_delivery_runs_and_is_not_leased_again(self, store: Store) -> None:
        add(store, delivery(identifier="d", instances=["image-1", "image-2"]))
        leased = lease_one(store)
        assert leased.delivery.id == "d"
        assert leased.delivery.state == State.RUNNING
        assert list(leased.instances) == ["image-1", "image-2"]
        assert store.deliveries.get("d") == leased.delivery
        assert lease(store) == []

    def test_nothing_in_an_empty_or_unknown_lane(self, store: Store) -> None:
        add(store, delivery(lane="other"))
        assert lease(store) == []

    def test_the_urgent_go_first_then_the_oldest(self, store: Store) -> None:
        came: list[tuple[str, Priority, int]] = [
            ("bulk", "bulk", -9),
            ("normal, later", "normal", -1),
            ("normal", "normal", -5),
            ("urgent, later", "urgent", 0),
            ("urgent", "urgent", -2),
        ]
        for identifier, priority, seconds in came:
            add(store, delivery(identifier=identifier, priority=priority, created_at=after(seconds)))
        order = [lease_one(store).delivery.id for _ in range(5)]
        assert order == ["urgent", "urgent, later", "normal", "normal, later", "bulk"]

    def test_one_whose_time_has_come_waits_its_turn_among_the_others(self, store: Store) -> None:
        add(store, delivery(identifier="came later", created_at=after(20)))
        add(store, delivery(identifier="due", created_at=after(-99), next_attempt_at=after(10)))
        add(store, delivery(identifier="came first", created_at=after(0)))
        order = [lease_one(store, now=after(30)).delivery.id for _ in range(3)]
        assert order == ["came first", "due", "came later"]

    def test_one_planned_for_later_waits_until_then(self, store: Store) -> None:
        add(store, delivery(next_attempt_at=after(10), state=State.HELD))
        assert lease(store, now=after(9)) == []
        assert len(lease(store, now=after(10))) == 1

    def test_one_without_a_time_is_ready_even_when_the_clock_was_set_back(self, store: Store) -> None:
        add(store, delivery(created_at=after(3600)))
        assert len(lease(store, now=NOON)) == 1

    def test_as_many_of_the_same_action_as_fit_go_together(self, store: Store) -> None:
        add(
            store,
            *(delivery(identifier=f"d{n}", instances=["a", "b", "c"], created_at=after(n)) for n in range(5)),
        )
        assert identifiers(lease(store, instances=10)) == ["d0", "d1", "d2"]
        assert identifiers(lease(store, instances=6)) == ["d3", "d4"]

    def test_the_first_goes_even_when_it_alone_is_too_large(self, store: Store) -> None:
        add(store, delivery(identifier="large", instances=["a", "b", "c"]))
        add(store, delivery(identifier="small", created_at=after(1)))
        assert identifiers(lease(store, instances=2)) == ["large"]
        assert identifiers(lease(store, instances=2)) == ["small"]

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({"policy_id": "policy-2"}, id="another policy"),
            pytest.param({"revision": 2}, id="another revision"),
            pytest.param({"action": "action-2"}, id="another action"),
            pytest.param({"lane": "other"}, id="another lane"),
            pytest.param({"next_attempt_at": after(10)}, id="later"),
        ],
    )
    def test_others_do_not_go_with_it(self, store: Store, other: dict[str, object]) -> None:
        add(store, delivery(identifier="first", created_at=after(-1)))
        add(store, delivery(identifier="other", **other))  # type: ignore[arg-type]
        assert identifiers(lease(store, instances=10)) == ["first"]

    def test_those_of_the_same_action_are_found_behind_many_others(self, store: Store) -> None:
        add(store, delivery(identifier="first", created_at=after(-1)))
        add(store, *(delivery(action="action-2") for _ in range(100)))
        add(store, delivery(identifier="last", created_at=after(1)))
        assert identifiers(lease(store, instances=10)) == ["first", "last"]

    def test_deliveries_without_instances_are_leased_too(self, store: Store) -> None:
        add(store, *(delivery(instances=[]) for _ in range(3)))
        assert [list(leased.instances) for leased in lease(store, instances=2)] == [[], []]

    def test_several_threads_never_get_the_same(self, store: Store) -> None:
        everyone = [f"d{n}" for n in range(80)]
        add(store, *(delivery(identifier=each, instances=["a", "b"]) for each in everyone))
        taken: list[str] = []

        def work(number: int) -> None:
            while leased := store.deliveries.lease("pacs", until(60, f"worker {number}"), NOON, 5):
                taken.extend(identifiers(leased))
                for each in leased:
                    assert record(store, each, Outcome(State.SUCCEEDED, (), attempt()))

        threads = [threading.Thread(target=work, args=(n,), name=f"worker {n}") for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(taken) == sorted(everyone)
        assert store.deliveries.counts() == {("pacs", State.SUCCEEDED): 80}


class TestLostLease:
    def test_one_whose_lease_has_run_out_is_leased_with_a_new_token(self, store: Store) -> None:
        add(store, delivery())
        late = lease_one(store, now=NOON, seconds=60)
        assert lease(store, now=after(59)) == []
        taken_over = lease_one(store, now=after(60), seconds=120, owner="node-2")
        assert taken_over.delivery.id == late.delivery.id
        assert taken_over.token != late.token

    def test_who_comes_back_late_cannot_record(self, store: Store) -> None:
        add(store, delivery())
        late = lease_one(store, now=NOON, seconds=60)
        taken_over = lease_one(store, now=after(60), seconds=120, owner="node-2")
        before = store.deliveries.get(late.delivery.id)
        assert not record(store, late, Outcome(State.FAILED, ("image-1",), attempt("cut off")))
        assert store.deliveries.get(late.delivery.id) == before
        assert record(store, taken_over, Outcome(State.SUCCEEDED, (), attempt()))

    def test_who_comes_back_late_can_record_while_nobody_has_taken_it(self, store: Store) -> None:
        add(store, delivery())
        late = lease_one(store, now=NOON, seconds=60)
        assert record(store, late, Outcome(State.SUCCEEDED, (), attempt()))

    def test_a_second_record_is_refused(self, store: Store) -> None:
        add(store, delivery())
        leased = lease_one(store)
        assert record(store, leased, Outcome(State.SUCCEEDED, (), attempt()))
        assert not record(store, leased, Outcome(State.FAILED, (), attempt("again")))
        assert store.deliveries.get(leased.delivery.id).state == State.SUCCEEDED

    def test_a_record_upon_a_cancelled_delivery_is_refused(self, store: Store) -> None:
        add(store, delivery())
        leased = lease_one(store)
        assert store.deliveries.cancel(leased.delivery.id, after(1)) == 1
        assert not record(store, leased, Outcome(State.SUCCEEDED, (), attempt()))
        assert store.deliveries.get(leased.delivery.id).state == State.CANCELLED

    @pytest.mark.parametrize("token", ["", "nonsense", "a/b", "/"])
    def test_a_token_that_never_was_records_nothing(self, store: Store, token: str) -> None:
        add(store, delivery(identifier="d"))
        leased = lease_one(store)
        for one in (leased.delivery, delivery(identifier="unknown").delivery):
            never = LeasedDelivery(one, leased.instances, token)
            assert not store.deliveries.record(never, Outcome(State.SUCCEEDED, (), attempt()))

    def test_a_token_is_good_for_its_own_delivery_only(self, store: Store) -> None:
        add(store, delivery(), delivery())
        first, second = lease(store, instances=2)
        assert record(store, first, Outcome(State.SUCCEEDED, (), attempt()))
        store.deliveries.renew([first.token], after(500))
        assert identifiers(lease(store, now=after(60), seconds=900, owner="node-2")) == [second.delivery.id]

    def test_a_renewed_lease_lasts_longer(self, store: Store) -> None:
        add(store, delivery(), delivery())
        first, second = lease(store, instances=2, seconds=60)
        store.deliveries.renew([first.token], after(120))
        assert identifiers(lease(store, now=after(100), seconds=200, owner="node-2")) == [second.delivery.id]
        assert identifiers(lease(store, now=after(120), seconds=200, owner="node-3")) == [first.delivery.id]

    def test_what_an_owner_has_under_way_it_does_not_take_from_itself(self, store: Store) -> None:
        """Its lease may have run out while the store was away; it is still being sent."""
        add(store, delivery(identifier="under way"), delivery(identifier="next", created_at=after(1)))
        sending = lease_one(store, now=NOON, seconds=60)
        assert identifiers(lease(store, now=after(90), instances=5, seconds=150)) == ["next"]
        assert lease(store, now=after(90), seconds=150) == []
        assert record(store, sending, Outcome(State.SUCCEEDED, (), attempt()))

    def test_a_lost_lease_is_not_renewed(self, store: Store) -> None:
        add(store, delivery())
        late = lease_one(store, now=NOON, seconds=60)
        lease_one(store, now=after(60), seconds=120, owner="node-2")
        store.deliveries.renew([late.token, "nonsense"], after(9999))
        assert len(lease(store, now=after(120), seconds=300)) == 1

    def test_release_makes_ready_what_an_earlier_run_of_the_owner_held(self, store: Store) -> None:
        add(store, *(delivery(identifier=f"d{n}", created_at=after(n)) for n in range(3)))
        store.deliveries.lease("pacs", until(60, "node-1"), NOON, 2)
        store.deliveries.lease("pacs", until(60, "node-2"), NOON, 1)
        assert store.deliveries.release("node-1") == 2
        assert store.deliveries.release("node-1") == 0
        assert store.deliveries.counts() == {("pacs", State.WAITING): 2, ("pacs", State.RUNNING): 1}
        assert identifiers(lease(store, instances=5)) == ["d0", "d1"]

    def test_a_released_lease_is_lost(self, store: Store) -> None:
        add(store, delivery())
        leased = lease_one(store)
        store.deliveries.release("node-1")
        assert not record(store, leased, Outcome(State.SUCCEEDED, (), attempt()))


class TestInterruptions:
    def test_an_attempt_that_the_owner_died_in_is_kept_with_when_it_began(self, store: Store) -> None:
        add(store, delivery(identifier="d"))
        lease_one(store, now=after(7))
        assert store.deliveries.release("node-1") == 1
        found = store.deliveries.get("d")
        assert [(one.at, one.error) for one in found.attempts] == [(after(7), INTERRUPTED)]
        assert (found.state, found.interruptions, found.attempt_count) == (State.WAITING, 1, 0)

    def test_so_is_one_that_another_owner_takes_over(self, store: Store) -> None:
        add(store, delivery(identifier="d"))
        lease_one(store, now=after(7))
        taken_over = lease_one(store, now=after(70), seconds=200, owner="node-2")
        assert taken_over.delivery.interruptions == 1
        assert [one.at for one in taken_over.delivery.attempts] == [after(7)]

    def test_one_that_ends_by_order_is_to_blame_for_nothing(self, store: Store) -> None:
        add(store, delivery(identifier="d"))
        lease_one(store)
        assert store.deliveries.release("node-1", died=False) == 1
        found = store.deliveries.get("d")
        assert (found.state, found.interruptions, found.attempts) == (State.WAITING, 0, [])

    def test_an_attempt_that_comes_to_its_end_makes_up_for_them(self, store: Store) -> None:
        interrupted(store, "d", 2)
        assert record(store, lease_one(store), Outcome(State.RETRYING, ["image-1"], attempt("no"), NOON))
        assert store.deliveries.get("d").interruptions == 0

    def test_being_put_off_without_an_attempt_does_not(self, store: Store) -> None:
        interrupted(store, "d", 2)
        assert record(store, lease_one(store), Outcome(State.HELD, ["image-1"], None, after(1)))
        assert store.deliveries.get("d").interruptions == 2

    def test_one_that_was_interrupted_often_is_leased_by_itself(self, store: Store) -> None:
        interrupted(store, "d", SUSPECT_AFTER)
        add(store, delivery(identifier="before", created_at=after(-1)))
        add(store, delivery(identifier="after", created_at=after(1)))
        leased = [identifiers(lease(store, instances=10)) for _ in range(3)]
        assert leased == [["before", "after"], ["d"], []]

    def test_also_where_that_makes_it_the_first(self, store: Store) -> None:
        interrupted(store, "d", SUSPECT_AFTER)
        add(store, delivery(identifier="after", created_at=after(1)))
        leased = [identifiers(lease(store, instances=10)) for _ in range(2)]
        assert leased == [["d"], ["after"]]

    def test_the_outcome_may_say_how_many_still_count(self, store: Store) -> None:
        interrupted(store, "d", SUSPECT_AFTER + 1)
        failed = Outcome(State.FAILED, ["image-1"], ended_at=NOON, interruptions=SUSPECT_AFTER)
        assert record(store, lease_one(store), failed)
        assert store.deliveries.retry("d", NOON) == 1
        assert lease_one(store).delivery.interruptions == SUSPECT_AFTER


def interrupted(store: Store, identifier: str, count: int) -> None:
    """Add a delivery that was under way so often when its owner died."""
    add(store, delivery(identifier=identifier))
    for _ in range(count):
        lease_one(store)
        store.deliveries.release("node-1")


class TestRecord:
    @pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED])
    def test_a_finished_delivery_ends_with_its_attempt(self, store: Store, state: State) -> None:
        add(store, delivery(instances=["image-1", "image-2"]))
        leased = lease_one(store, now=after(5))
        made = attempt(at=after(5), seconds=1.5)
        remaining = () if state is State.SUCCEEDED else ("image-2",)
        assert record(store, leased, Outcome(state, remaining, made, note="as said"))
        found = store.deliveries.get(leased.delivery.id)
        assert found.state == state
        assert found.attempts == [made]
        assert found.attempt_count == 1
        assert found.remaining == len(remaining)
        assert found.finished_at == after(6.5)
        assert found.next_attempt_at is None
        assert found.note == "as said"
        assert lease(store, now=after(9999)) == []

    @pytest.mark.parametrize("state", [State.RETRYING, State.HELD])
    def test_one_put_off_is_leased_when_its_time_has_come(self, store: Store, state: State) -> None:
        add(store, delivery())
        leased = lease_one(store)
        assert record(store, leased, Outcome(state, ("image-1",), None, after(30), "window opens later"))
        found = store.deliveries.get(leased.delivery.id)
        assert (found.state, found.next_attempt_at, found.note) == (state, after(30), "window opens later")
        assert found.finished_at is None
        assert lease(store, now=after(29), seconds=99) == []
        again = lease_one(store, now=after(30), seconds=99)
        assert again.delivery.note is None
        assert again.delivery.next_attempt_at is None

    def test_one_given_back_untouched_is_as_before(self, store: Store) -> None:
        add(store, delivery(identifier="first", created_at=after(-2)), delivery(created_at=after(-1)))
        before = store.deliveries.get("first")
        leased = lease_one(store)
        assert record(store, leased, Outcome(State.WAITING, leased.instances))
        assert store.deliveries.get("first") == before
        assert lease_one(store).delivery.id == "first"

    def test_what_remains_is_what_is_leased_next(self, store: Store) -> None:
        images = ["image-1", "image-2", "image-3"]
        add(store, delivery(identifier="d", instances=images))
        record(
            store, lease_one(store), Outcome(State.RETRYING, ["image-3", "image-2"], attempt("cut"), after(1))
        )
        second = lease_one(store, now=after(1))
        assert list(second.instances) == ["image-3", "image-2"]
        assert (second.delivery.instances, second.delivery.remaining) == (3, 2)
        record(store, second, Outcome(State.RETRYING, ["image-2"], attempt("cut"), after(2)))
        assert list(lease_one(store, now=after(2)).instances) == ["image-2"]
        assert store.deliveries.instances("d") == images

    def test_what_remains_decides_how_many_fit_together(self, store: Store) -> None:
        for n in range(3):
            add(store, delivery(identifier=f"d{n}", instances=["a", "b", "c"], created_at=after(n)))
            record(store, lease_one(store), Outcome(State.RETRYING, ["a"], attempt("cut"), after(10 + n)))
        assert identifiers(lease(store, now=after(20), instances=3)) == ["d0", "d1", "d2"]

    def test_the_last_fifty_attempts_are_kept_and_all_are_counted(self, store: Store) -> None:
        add(store, delivery(identifier="d"))
        for n in range(53):
            leased = lease_one(store, now=after(n), seconds=n + 60)
            record(store, leased, Outcome(State.RETRYING, ["image-1"], attempt(f"error {n}"), after(n + 1)))
        found = store.deliveries.get("d")
        assert [made.error for made in found.attempts] == [f"error {n}" for n in range(3, 53)]
        assert found.attempt_count == 53


class TestSuccessor:
    """What takes the place of a delivery that has failed for good."""

    FAILED = Outcome(
        State.FAILED,
        ("image-2",),
        attempt("refused"),
        successor=delivery(identifier="d-alternate", lane="alternate", instances=["image-2"]),
    )

    def test_it_comes_with_the_outcome(self, store: Store) -> None:
        add(store, delivery(identifier="d", instances=["image-1", "image-2"]))
        assert record(store, lease_one(store), self.FAILED)
        assert store.deliveries.counts() == {("pacs", State.FAILED): 1, ("alternate", State.WAITING): 1}
        assert store.deliveries.instances("d-alternate") == ["image-2"]
        (leased,) = store.deliveries.lease("alternate", until(60), NOON, 1)
        assert leased.delivery.id == "d-alternate"
        assert store.deliveries.find(EVERY, 10)[1] == 2

    def test_it_does_not_come_where_the_lease_is_lost(self, store: Store) -> None:
        add(store, delivery(identifier="d", instances=["image-1", "image-2"]))
        leased = lease_one(store)
        store.deliveries.cancel("d", NOON)
        assert not record(store, leased, self.FAILED)
        assert not exists(store, "d-alternate")

    def test_it_comes_once_when_the_first_is_retried_and_fails_again(self, store: Store) -> None:
        add(store, delivery(identifier="d", instances=["image-1", "image-2"]))
        assert record(store, lease_one(store), self.FAILED)
        (alternate,) = store.deliveries.lease("alternate", until(60), NOON, 1)
        assert record(store, alternate, Outcome(State.SUCCEEDED, (), attempt()))
        store.deliveries.retry("d", NOON)
        assert record(store, lease_one(store), self.FAILED)
        assert store.deliveries.counts() == {("pacs", State.FAILED): 1, ("alternate", State.SUCCEEDED): 1}


def test_deliveries_are_there_when_the_store_is_opened_again(
    store: Store, open_again: Callable[[], Store]
) -> None:
    add(store, delivery(instances=["image-1", "image-2"]))
    record(store, lease_one(store), Outcome(State.RETRYING, ["image-2"], attempt("cut off"), after(5)))
    (kept,), _ = store.deliveries.find(EVERY, 10)
    store.close()
    again = open_again()
    assert again.deliveries.find(EVERY, 10) == ([kept], 1)
    assert list(lease_one(again, now=after(5)).instances) == ["image-2"]


def test_a_delivery_comes_back_whole(store: Store) -> None:
    new = delivery(
        about=resource(
            patient_id="4711",
            patient_name="山田^太郎",
            accession_number="A-1",
            study_description="CT Chest",
            study_date="20240517",
            modality="CT",
            study_instance_uid="1.2.3",
            series_instance_uid="1.2.3.4",
        )
    )
    complete = Delivery.model_validate(
        new.delivery.model_dump()
        | {"lineage": {"a.b": {"$set": [1, None]}}, "note": "held", "destination": None}
    )
    add(store, type(new)(complete, new.instances))
    assert store.deliveries.get(complete.id) == complete


class TestReceipts:
    """What a destination has given for images that it took and has yet to confirm."""

    def test_are_kept_from_attempt_to_attempt_until_they_are_changed(self, store: Store) -> None:
        add(store, delivery(identifier="d", instances=["image-1", "image-2"]))
        first = lease_one(store)
        assert first.receipts == {}
        given = {"image-1": "one", "image-2": "two"}
        held = Outcome(State.HELD, ["image-1", "image-2"], attempt("taken"), NOON, "waits", receipts=given)
        assert record(store, first, held)
        second = lease_one(store)
        assert second.receipts == given
        assert record(store, second, Outcome(State.HELD, ["image-1", "image-2"], None, NOON))
        third = lease_one(store)
        assert third.receipts == given
        left = {"image-2": "two"}
        assert record(store, third, Outcome(State.RETRYING, ["image-2"], attempt("x"), NOON, receipts=left))
        fourth = lease_one(store)
        assert fourth.receipts == left
        assert record(store, fourth, Outcome(State.FAILED, ["image-2"], attempt("x")))
        store.deliveries.retry("d", NOON)
        fifth = lease_one(store)
        assert fifth.receipts == left
        assert record(store, fifth, Outcome(State.WAITING, ["image-2"], receipts={}))
        assert lease_one(store).receipts == {}
