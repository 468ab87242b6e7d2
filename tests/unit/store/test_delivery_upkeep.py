# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of work under a person's hand and over time: retry, cancel, counts, expiry."""

import pytest

from router.documents.delivery import State
from router.documents.window import Window
from router.store import DeliveryFilter, NotFound, Outcome, Store
from unit.store.stored_samples import (
    NOON,
    add,
    after,
    attempt,
    brought_to,
    delivery,
    exists,
    identifiers,
    lease,
    lease_one,
    record,
    resource,
    settle,
)

EVERY = DeliveryFilter()


class TestRetry:
    @pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
    def test_one_that_ended_waits_again_with_its_attempts_counted_anew(
        self, store: Store, state: State
    ) -> None:
        identifier = brought_to(store, state, ("image-1", "image-2"))
        before = store.deliveries.get(identifier)
        assert store.deliveries.retry(identifier, after(50)) == 1
        found = store.deliveries.get(identifier)
        assert found.state == State.WAITING
        assert found.attempt_count == 0
        assert found.attempts == before.attempts
        assert found.finished_at is None
        assert found.next_attempt_at is None
        assert found.note is None
        leased = lease_one(store, now=after(50))
        assert len(leased.instances) == before.remaining

    @pytest.mark.parametrize("state", [State.RETRYING, State.HELD])
    def test_one_that_was_put_off_is_ready_at_once(self, store: Store, state: State) -> None:
        identifier = brought_to(store, state)
        assert lease(store, now=after(50)) == []
        assert store.deliveries.retry(identifier, after(50)) == 1
        found = store.deliveries.get(identifier)
        assert found.next_attempt_at is None
        assert found.attempt_count == 1
        assert lease_one(store, now=after(50), seconds=99).delivery.id == identifier

    @pytest.mark.parametrize("state", [State.WAITING, State.RUNNING, State.SUCCEEDED])
    def test_others_are_left_as_they_are(self, store: Store, state: State) -> None:
        identifier = brought_to(store, state)
        before = store.deliveries.get(identifier)
        assert store.deliveries.retry(identifier, after(50)) == 0
        assert store.deliveries.retry(EVERY, after(50)) == 0
        assert store.deliveries.get(identifier) == before

    @pytest.mark.parametrize("state", [State.RETRYING, State.HELD])
    def test_one_that_is_put_off_can_be_hastened(self, store: Store, state: State) -> None:
        identifier = brought_to(store, state)
        assert store.deliveries.hasten([identifier, "unknown"], after(1)) == {"pacs"}
        found = store.deliveries.get(identifier)
        assert (found.state, found.next_attempt_at) == (state, None)
        assert lease_one(store, now=after(1)).delivery.id == identifier

    @pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED, State.SUCCEEDED])
    def test_one_that_has_ended_is_not_begun_again_by_that(self, store: Store, state: State) -> None:
        identifier = brought_to(store, state)
        before = store.deliveries.get(identifier)
        assert store.deliveries.hasten([identifier], after(1)) == set()
        assert store.deliveries.get(identifier) == before

    def test_a_held_one_is_sent_now_outside_of_its_window(self, store: Store) -> None:
        window = Window.model_validate({"from": "22:00", "to": "06:00", "timezone": "UTC"})
        held = [
            delivery(state=State.HELD, next_attempt_at=after(3600), window=window, identifier=name)
            for name in ("wanted", "other")
        ]
        add(store, *held)
        assert store.deliveries.send_now("wanted", after(1)) is True
        assert store.deliveries.get("wanted").window is None
        # By itself: one that is leased together with others goes by their window.
        assert [one.delivery.id for one in lease(store, now=after(3601), instances=10)] == ["wanted"]
        assert store.deliveries.get("other").window == window

    def test_that_somebody_sends_one_outside_of_its_window_is_no_look_at_its_pixels(
        self, store: Store
    ) -> None:
        add(store, delivery(state=State.HELD, next_attempt_at=after(3600), identifier="wanted"))
        assert store.deliveries.send_now("wanted", after(1)) is True
        assert store.deliveries.get("wanted").released is False
        held = Outcome(State.HELD, ("image-1",), note="Look at it", until_released=True)
        assert store.deliveries.record(lease_one(store, now=after(2)), held)
        assert store.deliveries.send_now("wanted", after(3)) is True
        assert store.deliveries.get("wanted").released is True

    def test_one_that_is_held_for_a_person_waits_until_it_is_released(self, store: Store) -> None:
        add(store, delivery(identifier="seen"))
        leased = lease_one(store)
        held = Outcome(State.HELD, leased.instances, note="Look at it", until_released=True)
        assert store.deliveries.record(leased, held)
        assert store.deliveries.next_ready_at("pacs") is None
        assert lease(store, now=after(10**8)) == []
        assert store.deliveries.send_now("seen", after(1)) is True
        [leased] = lease(store, now=after(2))
        assert (leased.delivery.id, leased.delivery.released) == ("seen", True)

    def test_one_that_is_not_held_is_not_sent_now(self, store: Store) -> None:
        identifier = brought_to(store, State.FAILED)
        assert store.deliveries.send_now(identifier, after(1)) is False
        with pytest.raises(NotFound):
            store.deliveries.send_now("nobody", after(1))

    def test_those_retried_by_hand_do_not_overtake_what_came_before(self, store: Store) -> None:
        identifier = brought_to(store, State.FAILED)
        add(store, delivery(identifier="live", created_at=after(10)))
        store.deliveries.retry(identifier, after(20))
        assert identifiers(lease(store, now=after(20), instances=2)) == ["live", identifier]

    def test_all_that_are_found(self, store: Store) -> None:
        failed = [brought_to(store, State.FAILED) for _ in range(3)]
        brought_to(store, State.SUCCEEDED)
        put_off = brought_to(store, State.RETRYING)
        assert store.deliveries.retry(DeliveryFilter(states=frozenset({State.FAILED})), after(1)) == 3
        assert store.deliveries.counts() == {
            ("pacs", State.WAITING): 3,
            ("pacs", State.SUCCEEDED): 1,
            ("pacs", State.RETRYING): 1,
        }
        assert store.deliveries.retry(EVERY, after(1)) == 1
        assert {each.delivery.id for each in lease(store, now=after(1), instances=9)} == {*failed, put_off}

    def test_only_those_that_are_found(self, store: Store) -> None:
        add(store, delivery(identifier="a", about=resource("study-a")))
        add(store, delivery(identifier="b", about=resource("study-b", patient_id="4711")))
        store.deliveries.cancel(EVERY, NOON)
        assert store.deliveries.retry(DeliveryFilter(resource="study-a"), NOON) == 1
        assert store.deliveries.get("a").state == State.WAITING
        assert store.deliveries.retry(DeliveryFilter(search="4711", policy="policy-1"), NOON) == 1
        assert store.deliveries.get("b").state == State.WAITING

    def test_an_unknown_id_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFound):
            store.deliveries.retry("unknown", NOON)


class TestCancel:
    @pytest.mark.parametrize("state", [State.WAITING, State.HELD, State.RETRYING, State.RUNNING])
    def test_an_open_one_ends(self, store: Store, state: State) -> None:
        identifier = brought_to(store, state)
        assert store.deliveries.cancel(identifier, after(50)) == 1
        found = store.deliveries.get(identifier)
        assert found.state == State.CANCELLED
        assert found.finished_at == after(50)
        assert found.next_attempt_at is None
        assert lease(store, now=after(9999)) == []

    @pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.CANCELLED])
    def test_a_finished_one_is_left_as_it_is(self, store: Store, state: State) -> None:
        identifier = brought_to(store, state)
        before = store.deliveries.get(identifier)
        assert store.deliveries.cancel(identifier, after(50)) == 0
        assert store.deliveries.cancel(EVERY, after(50)) == 0
        assert store.deliveries.get(identifier) == before

    def test_all_that_are_found(self, store: Store) -> None:
        add(store, *(delivery(lane="pacs") for _ in range(3)), delivery(lane="other"))
        lease_one(store)
        assert store.deliveries.cancel(DeliveryFilter(destination="pacs"), NOON) == 3
        assert store.deliveries.counts() == {("pacs", State.CANCELLED): 3, ("other", State.WAITING): 1}

    def test_an_unknown_id_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFound):
            store.deliveries.cancel("unknown", NOON)


class TestCounts:
    def test_nothing_in_an_empty_store(self, store: Store) -> None:
        assert store.deliveries.counts() == {}

    def test_they_follow_every_change(self, store: Store) -> None:
        for state in State:
            brought_to(store, state)
            brought_to(store, state)
            add(store, delivery(lane="other"))
        assert store.deliveries.counts() == {("pacs", state): 2 for state in State} | {
            ("other", State.WAITING): len(State)
        }
        settle(store)
        store.deliveries.expire(after(9999))
        counted = store.deliveries.counts()
        assert ("pacs", State.FAILED) not in counted
        assert counted[("pacs", State.RUNNING)] == 2

    def test_they_agree_with_what_is_found(self, store: Store) -> None:
        add(store, *(delivery() for _ in range(5)))
        lease(store, instances=2)
        for (_, state), count in store.deliveries.counts().items():
            assert store.deliveries.find(DeliveryFilter(states=frozenset({state})), 0)[1] == count


class TestNextReadyAt:
    def test_none_where_nothing_is_open(self, store: Store) -> None:
        brought_to(store, State.SUCCEEDED)
        brought_to(store, State.FAILED)
        add(store, delivery(lane="other"))
        assert store.deliveries.next_ready_at("pacs") is None

    def test_the_past_where_one_is_ready_at_once(self, store: Store) -> None:
        add(store, delivery(priority="bulk"), delivery(next_attempt_at=after(10), priority="urgent"))
        ready_at = store.deliveries.next_ready_at("pacs")
        assert ready_at is not None
        assert ready_at <= NOON

    def test_the_earliest_of_those_put_off_and_those_leased(self, store: Store) -> None:
        add(
            store,
            delivery(next_attempt_at=after(100)),
            delivery(next_attempt_at=after(200), priority="urgent"),
        )
        assert store.deliveries.next_ready_at("pacs") == after(100)
        lease_one(store, now=after(100), seconds=150)
        assert store.deliveries.next_ready_at("pacs") == after(150)
        lease_one(store, now=after(150), seconds=999, owner="node-2")
        assert store.deliveries.next_ready_at("pacs") == after(200)


class TestExpire:
    def test_those_of_years_go_in_portions(self, store: Store) -> None:
        add(store, *(delivery(identifier=f"{n:04}") for n in range(600)))
        store.deliveries.cancel(EVERY, NOON)
        settle(store)
        assert store.deliveries.expire(after(60)) == 600
        assert store.deliveries.find(EVERY, 0) == ([], 0)

    def test_those_that_ended_before_go(self, store: Store) -> None:
        finished = {state: brought_to(store, state) for state in State}
        settle(store)
        assert store.deliveries.expire(NOON) == 0
        assert store.deliveries.expire(after(60)) == 3
        left = {state for state, identifier in finished.items() if exists(store, identifier)}
        assert left == {State.WAITING, State.HELD, State.RUNNING, State.RETRYING}

    def test_nothing_of_them_is_left(self, store: Store) -> None:
        add(store, delivery(identifier="d", about=resource("study-1", patient_name="DOE^JANE")))
        record(store, lease_one(store), Outcome(State.SUCCEEDED, (), attempt()))
        settle(store)
        store.deliveries.expire(after(60))
        for ask in (store.deliveries.get, store.deliveries.instances):
            with pytest.raises(NotFound):
                ask("d")
        for wanted in (EVERY, DeliveryFilter(resource="study-1"), DeliveryFilter(search="doe")):
            assert store.deliveries.find(wanted, 10) == ([], 0)
        assert store.deliveries.counts() == {}
