# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail: what is done is in it once, in one chain, whoever adds to it; no change goes unseen."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from router.documents.audit import (
    NOTHING_BEFORE,
    Act,
    Actor,
    AuditEntry,
    AuditRecord,
    ObjectReference,
    Patient,
)
from router.documents.delivery import State
from router.store import AuditFilter, DeliveryFilter, Ends, Link, Outcome, Store
from unit.store.conftest import OpenStore
from unit.store.stored_samples import (
    NOON,
    add,
    after,
    attempt,
    brought_to,
    delivery,
    destination,
    lease_one,
    policy,
    record,
    resource,
    settle,
)

EDDA = Actor(type="user", name="edda", address="10.1.2.3")


def act(event: str = "policy.created", at: float = 0, detail: str = "") -> Act:
    return Act(event=event, at=after(at), node="node-1", actor=EDDA, detail=detail)


def told(event: str = "access.refused", at: float = 0, **more: object) -> AuditRecord:
    return AuditRecord(**{**dict(act(event, at)), **more})


def trail(store: Store) -> list[AuditEntry]:
    """All of it, oldest first, after settling; that it is a chain."""
    settle(store)
    entries = list(store.audit.after(0, 10_000))
    anchor, head = (ends := store.audit.ends()).anchor, ends.head
    assert [entry.number for entry in entries] == list(range(anchor.number + 1, head.number + 1))
    assert [entry.previous for entry in entries[:1]] == [anchor.hash][: len(entries)]
    assert all(later.previous == earlier.hash for earlier, later in pairwise(entries))
    assert all(entry.hash == entry.expected_hash() for entry in entries)
    assert [entries[-1].hash if entries else anchor.hash] == [head.hash]
    return entries


def events(store: Store) -> list[str]:
    return [entry.event for entry in trail(store)]


class TestTheChain:
    def test_it_begins_empty(self, store: Store) -> None:
        assert trail(store) == []
        assert store.audit.ends() == Ends(Link(0, NOTHING_BEFORE), Link(0, NOTHING_BEFORE))

    def test_an_entry_says_what_was_recorded(self, store: Store) -> None:
        everything = told(
            "delivery.succeeded",
            object=ObjectReference(type="delivery", id="d1", name="forward", revision=3),
            patient=Patient(patient_id="P1", patient_name="DOE^ÄNN", accession_number="A1", study="study-1"),
            destination=delivery().delivery.destination,
            outcome="failure",
            detail="it said \x00 and half a letter: \ud800",
            instances=4,
        )
        store.audit.record(everything)
        (entry,) = trail(store)
        assert dict(entry) == dict(everything) | {
            "number": 1,
            "previous": NOTHING_BEFORE,
            "keyed": None,
            "hash": entry.expected_hash(),
        }

    def test_it_outlives_the_store(self, open_again: OpenStore) -> None:
        open_again().audit.record(told())
        again = open_again()
        again.audit.record(told())
        assert len(trail(again)) == 2

    def test_of_several_who_add_at_once_each_comes_once(self, open_again: OpenStore) -> None:
        stores = [open_again() for _ in range(3)]

        def work(store: Store, name: str) -> None:
            for n in range(15):
                store.audit.record(told(detail=f"{name}-{n}"))

        threads = [threading.Thread(target=work, args=(store, n)) for n, store in enumerate(stores)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        details = [entry.detail for entry in trail(stores[0])]
        assert sorted(details) == sorted(f"{name}-{n}" for name in range(3) for n in range(15))

    def test_several_who_settle_the_same_bring_it_in_once(self, open_again: OpenStore) -> None:
        stores = [open_again() for _ in range(3)]
        add(stores[0], *(delivery(identifier=f"d{n}") for n in range(250)))
        stores[0].deliveries.cancel(DeliveryFilter(), NOON, act("delivery.cancelled"))
        threads = [threading.Thread(target=settle, args=(store,)) for store in stores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        objects = [entry.object.id for entry in trail(stores[0]) if entry.object]
        assert sorted(objects) == sorted(f"d{n}" for n in range(250))


class TestWhatIsDoneToDocuments:
    def test_every_write_is_told(self, store: Store) -> None:
        one = policy("CT to research")
        store.policies.create(one, act("policy.created", 1, "for the trial"))
        changed = one.model_copy(update={"revision": 2, "name": "CT to archive"})
        store.policies.replace(changed, act("policy.changed", 2))
        store.policies.delete(one.id, None, act("policy.deleted", 3))
        entries = trail(store)
        assert [(entry.event, entry.detail) for entry in entries] == [
            ("policy.created", "for the trial"),
            ("policy.changed", ""),
            ("policy.deleted", ""),
        ]
        assert [entry.object for entry in entries] == [
            ObjectReference(type="policy", id=one.id, name="CT to research", revision=1),
            ObjectReference(type="policy", id=one.id, name="CT to archive", revision=2),
            ObjectReference(type="policy", id=one.id, name="CT to archive", revision=2),
        ]
        assert {entry.actor for entry in entries} == {EDDA}

    def test_destinations_too(self, store: Store) -> None:
        store.destinations.create(destination("PACS"), act("destination.created"))
        (entry,) = trail(store)
        assert entry.object
        assert (entry.object.type, entry.object.name) == ("destination", "PACS")

    def test_what_was_refused_is_not(self, store: Store) -> None:
        one = policy()
        store.policies.create(one)
        attempts: tuple[Callable[[], None], ...] = (
            lambda: store.policies.create(policy(one.name), act()),
            lambda: store.policies.replace(one.model_copy(update={"revision": 7}), act()),
            lambda: store.policies.delete(one.id, 7, act()),
            lambda: store.policies.delete("none", None, act()),
        )
        for attempted in attempts:
            with pytest.raises(Exception, match=r".*"):
                attempted()
        assert trail(store) == []

    def test_a_name_is_free_again_while_its_deletion_is_not_settled(self, store: Store) -> None:
        one = policy("CT")
        store.policies.create(one, act())
        store.policies.delete(one.id, None, act("policy.deleted"))
        store.policies.create(policy("CT"), act())
        assert [each.name for each in store.policies.all()] == ["CT"]
        assert events(store).count("policy.created") == 2


class TestWhatIsDoneToDeliveries:
    about = resource("study-1", patient_id="P1", patient_name="DOE^ANN", accession_number="A1")

    @pytest.mark.parametrize(
        ("state", "outcome", "detail"),
        [(State.SUCCEEDED, "success", "said"), (State.FAILED, "failure", "refused")],
    )
    def test_its_end_is_told(self, store: Store, state: State, outcome: str, detail: str) -> None:
        add(store, delivery(identifier="d1", instances=["a", "b", "c"], about=self.about))
        error = None if state is State.SUCCEEDED else "refused"
        remaining = () if state is State.SUCCEEDED else ("b",)
        assert record(store, lease_one(store), Outcome(state, remaining, attempt(error), note="said"))
        (entry,) = trail(store)
        assert (entry.event, entry.outcome, entry.detail) == (f"delivery.{state}", outcome, detail)
        assert (entry.at, entry.node) == (after(2), "node-1")
        assert entry.actor == Actor(type="policy", id="policy-1", name="CT to research")
        assert entry.object == ObjectReference(type="delivery", id="d1", name="forward", revision=1)
        assert entry.destination == store.deliveries.get("d1").destination
        assert entry.instances == 3 - len(remaining)
        assert entry.patient == Patient(
            patient_id="P1", patient_name="DOE^ANN", accession_number="A1", study="study-1"
        )

    @pytest.mark.parametrize("state", [State.WAITING, State.RETRYING, State.HELD, State.RUNNING])
    def test_what_goes_on_is_not(self, store: Store, state: State) -> None:
        brought_to(store, state)
        assert trail(store) == []

    def test_one_that_is_planned_as_failed_is_told(self, store: Store) -> None:
        add(store, delivery(state=State.FAILED))
        (entry,) = trail(store)
        assert (entry.event, entry.outcome, entry.instances) == ("delivery.failed", "failure", 0)

    def test_what_takes_its_place_is_told_by_itself(self, store: Store) -> None:
        add(store, delivery(identifier="d1"))
        instead = delivery(identifier="d1-alternate", lane="alternate")
        record(store, lease_one(store), Outcome(State.FAILED, ["image-1"], attempt("cut"), successor=instead))
        assert [entry.object and entry.object.id for entry in trail(store)] == ["d1"]

    def test_what_people_do_is_told_of_each_that_it_changed(self, store: Store) -> None:
        failed, waiting = brought_to(store, State.FAILED), brought_to(store, State.WAITING)
        brought_to(store, State.SUCCEEDED)
        settle(store)
        before = len(trail(store))
        assert store.deliveries.retry(DeliveryFilter(), after(9), act("delivery.retried", 9)) == 1
        assert store.deliveries.cancel(waiting, after(10), act("delivery.cancelled", 10)) == 1
        retried, cancelled = trail(store)[before:]
        assert (retried.event, retried.object and retried.object.id) == ("delivery.retried", failed)
        assert (cancelled.event, cancelled.object and cancelled.object.id) == ("delivery.cancelled", waiting)
        assert retried.actor == cancelled.actor == EDDA
        assert retried.patient is not None

    def test_each_of_its_ends_is_told(self, store: Store) -> None:
        failed = brought_to(store, State.FAILED)
        store.deliveries.retry(failed, after(9), act("delivery.retried", 9))
        record(store, lease_one(store, now=after(10)), Outcome(State.SUCCEEDED, (), attempt(at=after(10))))
        assert events(store) == ["delivery.failed", "delivery.retried", "delivery.succeeded"]

    def test_what_the_router_does_by_itself_is_not(self, store: Store) -> None:
        held = brought_to(store, State.HELD)
        store.deliveries.retry(held, NOON)
        assert trail(store) == []

    def test_it_is_kept_until_it_is_told(self, store: Store) -> None:
        brought_to(store, State.SUCCEEDED)
        assert store.deliveries.expire(after(1000)) == 0
        settle(store)
        assert store.deliveries.expire(after(1000)) == 1


class TestFinding:
    @pytest.fixture(autouse=True)
    def _filled(self, store: Store) -> None:
        otto = Actor(type="user", name="otto")
        routed = delivery(identifier="d1").delivery
        patient = Patient(
            patient_id="p1 ", accession_number="A1", study_instance_uid="1.2.3", study="study-1"
        )
        store.audit.record(told("policy.created", 1, object=ObjectReference(type="policy", id="policy-1")))
        store.audit.record(
            told("policy.deleted", 2, actor=otto, object=ObjectReference(type="policy", id="p2"))
        )
        store.audit.record(
            told(
                "delivery.failed",
                3,
                actor=Actor(type="policy", id="policy-1", name="CT"),
                object=ObjectReference(type="delivery", id="d1"),
                patient=patient,
                destination=routed.destination,
                outcome="failure",
            )
        )
        store.audit.record(told("policyless", 4))

    @pytest.mark.parametrize(
        ("wanted", "numbers"),
        [
            (AuditFilter(), [4, 3, 2, 1]),
            (AuditFilter(event="policy."), [2, 1]),
            (AuditFilter(event="policy.deleted"), [2]),
            (AuditFilter(event="policy"), []),
            (AuditFilter(actor="otto"), [2]),
            (AuditFilter(object="policy-1"), [3, 1]),
            (AuditFilter(object="pacs"), [3]),
            (AuditFilter(object="d1"), [3]),
            (AuditFilter(search="P1"), [3]),
            (AuditFilter(search=" a1"), [3]),
            (AuditFilter(search="1.2.3"), [3]),
            (AuditFilter(search="1.2"), []),
            (AuditFilter(outcome="failure"), [3]),
            (AuditFilter(studies=frozenset({("study-1", "1.2.3"), ("study-2", "1.2.4")})), [3]),
            (AuditFilter(studies=frozenset({("study-1", "1.2.3")}), outcome="success"), []),
            # Of another patient, whose study has the same UID.
            (AuditFilter(studies=frozenset({("study-2", "1.2.3")})), []),
            (AuditFilter(studies=frozenset()), []),
            (AuditFilter(since=after(2)), [4, 3, 2]),
            (AuditFilter(until=after(2).astimezone()), [2, 1]),
            (AuditFilter(since=after(2), until=after(3)), [3, 2]),
            (AuditFilter(object="policy-1", outcome="success", event="policy."), [1]),
        ],
    )
    def test_filters(self, store: Store, wanted: AuditFilter, numbers: list[int]) -> None:
        entries, total = store.audit.find(wanted, 10)
        assert [entry.number for entry in entries] == numbers
        assert total == len(numbers)

    def test_pages(self, store: Store) -> None:
        entries, total = store.audit.find(AuditFilter(), 2, 1)
        assert ([entry.number for entry in entries], total) == ([3, 2], 4)
        assert store.audit.find(AuditFilter(), 0) == ([], 4)
        assert [entry.number for entry in store.audit.after(1, 2)] == [2, 3]


class TestRetention:
    def test_the_chain_goes_on_from_what_has_expired(self, store: Store) -> None:
        for n in range(205):
            store.audit.record(told(at=n))
        last_expired = store.audit.after(201, 1)[0]
        assert store.audit.expire(after(202)) == 202
        assert [entry.number for entry in trail(store)] == [203, 204, 205]
        assert store.audit.ends().anchor == Link(202, last_expired.hash)
        assert store.audit.expire(after(202)) == 0

    def test_what_is_older_but_was_told_later_stays_until_its_turn(self, store: Store) -> None:
        for at in (1, 5, 2, 6):
            store.audit.record(told(at=at))
        assert store.audit.expire(after(4)) == 1
        assert [entry.number for entry in trail(store)] == [2, 3, 4]

    def test_numbers_are_never_given_twice(self, store: Store) -> None:
        store.audit.record(told())
        store.audit.record(told())
        assert store.audit.expire(after(1)) == 2
        assert trail(store) == []
        store.audit.record(told())
        assert [entry.number for entry in trail(store)] == [3]


class TestReaders:
    until, later = after(60), after(61)

    def test_it_goes_on_where_it_was(self, store: Store) -> None:
        assert store.audit.take_up("syslog", "node-1", self.until, NOON) == 0
        assert store.audit.put_down("syslog", "node-1", 7)
        assert store.audit.take_up("syslog", "node-1", self.until, NOON) == 7
        assert store.audit.take_up("another", "node-1", self.until, NOON) == 0

    def test_one_node_at_a_time(self, store: Store) -> None:
        store.audit.take_up("syslog", "node-1", self.until, NOON)
        assert store.audit.take_up("syslog", "node-2", self.later, NOON) is None
        assert not store.audit.put_down("syslog", "node-2", 7)
        assert store.audit.take_up("syslog", "node-2", self.later + timedelta(seconds=60), self.later) == 0
        assert not store.audit.put_down("syslog", "node-1", 7)


def test_what_somebody_changes_shows(store: Store) -> None:
    store.audit.record(told())
    (entry,) = trail(store)
    for field in AuditEntry.model_fields.keys() - {"hash"}:
        other = {
            "number": 9,
            "instances": 9,
            "at": after(9),
            "outcome": "failure",
            "actor": Actor(type="router"),
        }
        value = other.get(field, "other")
        if field in {"object", "patient", "destination"}:
            value = {"object": ObjectReference(type="policy", id="p"), "patient": Patient()}.get(
                field, delivery().delivery.destination
            )
        assert entry.model_copy(update={field: value}).expected_hash() != entry.hash, field
    assert replace(store.audit.ends().head).hash == entry.hash
