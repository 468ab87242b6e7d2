# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that share a store, and what is each node's own in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from router.documents.delivery import State
from router.documents.node import SILENCE, Node, NodeState
from router.nodes import Duty
from router.store import (
    Arrival,
    Cursor,
    DeliveryFilter,
    Growing,
    Lease,
    NotFound,
    Outcome,
    Plan,
    PlanConflict,
    Store,
    open_store,
)
from servers.mongodb import MongoServer
from unit.store.stored_samples import NOON, add, after, attempt, delivery, lease_one, record, until

OpenFor = Callable[[str], Store]


def node(identifier: str = "node-1", **known: Any) -> Node:
    """A node that was started at noon."""
    document = {
        "id": identifier,
        "name": f"Orthanc {identifier}",
        "version": "1.0",
        "orthanc_version": "1.10.1",
        "aet": "ORTHANC",
        "url": "",
        "index": "index-1",
        "started_at": NOON,
        "seen_at": NOON,
    }
    return Node.model_validate({**document, **known})


@pytest.fixture
def open_for(mongodb: MongoServer, mongo_database: str, tmp_path: Path) -> Iterator[OpenFor]:
    """Opens one and the same MongoDB for the index that it is called with."""
    with ExitStack() as opened:

        def open_it(index: str) -> Store:
            store = open_store(mongodb.uri, mongo_database, tmp_path, index)
            opened.callback(store.close)
            return store

        yield open_it


class TestNodes:
    def test_one_that_announces_itself_is_there(self, store: Store) -> None:
        assert store.nodes.announce(node()) is False
        assert store.nodes.all() == [node()]
        store.nodes.announce(node(seen_at=after(2), running=3))
        assert store.nodes.all() == [node(seen_at=after(2), running=3)]

    def test_it_is_told_to_drain_until_it_is_told_otherwise(self, store: Store) -> None:
        store.nodes.announce(node())
        assert store.nodes.drain("node-1", True).draining
        assert store.nodes.announce(node(seen_at=after(2))) is True
        assert store.nodes.all()[0].draining
        assert not store.nodes.drain("node-1", False).draining
        assert store.nodes.announce(node()) is False

    def test_draining_outlives_a_restart(self, store: Store, open_again: Callable[[], Store]) -> None:
        store.nodes.announce(node())
        store.nodes.drain("node-1", True)
        assert open_again().nodes.announce(node(started_at=after(60))) is True

    def test_one_that_leaves_is_gone_until_it_comes_back(self, store: Store) -> None:
        store.nodes.announce(node(running=1))
        store.nodes.leave("node-1")
        store.nodes.leave("node-2")
        [left] = store.nodes.all()
        assert (left.left, left.running, left.state(NOON)) == (True, 0, NodeState.GONE)
        store.nodes.announce(node())
        assert store.nodes.all()[0].state(NOON) == NodeState.ACTIVE

    def test_one_that_is_removed_is_unknown(self, store: Store) -> None:
        store.nodes.announce(node())
        store.nodes.drain("node-1", True)
        store.nodes.remove("node-1")
        assert store.nodes.all() == []
        for change in (lambda: store.nodes.remove("node-1"), lambda: store.nodes.drain("node-1", True)):
            with pytest.raises(NotFound):
                change()
        assert store.nodes.announce(node()) is False

    def test_all_see_all(self, open_for: OpenFor) -> None:
        one, other = open_for("index-1"), open_for("index-2")
        one.nodes.announce(node("b"))
        other.nodes.announce(node("a", index="index-2"))
        assert [each.id for each in one.nodes.all()] == ["a", "b"]
        one.nodes.drain("a", True)
        assert other.nodes.announce(node("a", index="index-2")) is True


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({}, NodeState.ACTIVE),
        ({"running": 1, "reads_changes": True}, NodeState.ACTIVE),
        ({"draining": True, "running": 1}, NodeState.DRAINING),
        ({"draining": True, "reads_changes": True}, NodeState.DRAINING),
        ({"draining": True}, NodeState.DRAINED),
        ({"draining": True, "left": True}, NodeState.GONE),
    ],
)
def test_the_state_of_a_node(known: dict[str, Any], state: NodeState) -> None:
    assert node(**known).state(NOON + SILENCE) == state
    assert node(**known).state(NOON + 2 * SILENCE) == NodeState.GONE


class TestClaimOfTheIntake:
    def test_one_has_it_until_it_ends(self, open_for: OpenFor) -> None:
        one, other = open_for("index-1"), open_for("index-1")
        assert one.intake.lease("a", after(8), NOON)
        assert not other.intake.lease("b", after(8), NOON)
        assert one.intake.lease("a", after(10), after(2))
        assert not other.intake.lease("b", after(17), after(9))
        assert other.intake.lease("b", after(18), after(10))
        assert not one.intake.lease("a", after(19), after(11))

    def test_what_is_given_up_is_free_at_once(self, open_for: OpenFor) -> None:
        store = open_for("index-1")
        assert store.intake.lease("a", after(8), NOON)
        store.intake.release("b")
        assert not store.intake.lease("b", after(8), NOON)
        store.intake.release("a")
        assert store.intake.lease("b", after(8), NOON)

    def test_each_index_has_its_own(self, open_for: OpenFor) -> None:
        assert open_for("index-1").intake.lease("a", after(8), NOON)
        assert open_for("index-2").intake.lease("b", after(8), NOON)

    def test_the_only_node_of_a_store_has_it(self, store: Store) -> None:
        assert store.intake.lease("a", after(8), NOON)


class TestDuties:
    def test_one_node_has_a_duty_until_it_gives_it_up_or_falls_silent(self, open_for: OpenFor) -> None:
        one, other = open_for("index-1"), open_for("index-2")
        assert one.nodes.claim("sweep", "a", after(9), NOON)
        assert not other.nodes.claim("sweep", "b", after(9), NOON)
        assert other.nodes.claim("dust", "b", after(9), NOON)
        assert one.nodes.claim("sweep", "a", after(12), after(3))
        assert not other.nodes.claim("sweep", "b", after(20), after(11))
        assert other.nodes.claim("sweep", "b", after(21), after(12))
        one.nodes.give_up("sweep", "a")
        assert not one.nodes.claim("sweep", "a", after(22), after(13))
        other.nodes.give_up("sweep", "b")
        assert one.nodes.claim("sweep", "a", after(22), after(13))

    def test_the_only_node_of_a_store_has_all(self, store: Store) -> None:
        assert store.nodes.claim("sweep", "a", after(9), NOON)
        store.nodes.give_up("sweep", "a")

    def test_its_owner_asks_the_store_only_now_and_then(self, open_for: OpenFor) -> None:
        store = open_for("index-1")
        duty = Duty(store, "sweep", "a", lambda: NOON, timedelta(hours=1))
        assert duty.is_ours()
        assert not store.nodes.claim("sweep", "b", after(7200), after(3599))
        assert store.nodes.claim("sweep", "b", after(9999), after(3600))
        assert duty.is_ours()  # it has not asked again: what duties are must bear this
        duty.give_up()
        assert not duty.is_ours()
        assert not store.nodes.claim("sweep", "a", after(9999), after(3601))
        assert store.intake.lease("a", after(10), after(2))


def plan(based_on: Cursor, instance: str, sequence: int, due_at: datetime) -> Plan:
    return Plan(
        based_on,
        Cursor(sequence, based_on.version + 1, f"anchor {sequence}"),
        [Arrival(instance, "series", "study", sequence, after(sequence))],
        [Growing("study", "study", sequence, after(sequence), due_at)],
        [delivery(identifier=f"delivery-{sequence}", instances=[instance])],
    )


class TestIndexes:
    """The same images in two Orthancs, each with its own database."""

    @pytest.fixture
    def stores(self, open_for: OpenFor) -> tuple[Store, Store]:
        one, other = open_for("index-1"), open_for("index-2")
        for store, sequence in ((one, 5), (other, 7)):
            store.intake.begin(Cursor(0, 1))
            store.intake.commit(plan(Cursor(0, 1), "image", sequence, after(100 * sequence)))
        return one, other

    def test_each_has_its_own_ledger(self, stores: tuple[Store, Store]) -> None:
        for store, sequence in zip(stores, (5, 7), strict=True):
            arrival = Arrival("image", "series", "study", sequence, after(sequence))
            grows = Growing("study", "study", sequence, after(sequence), after(100 * sequence))
            assert store.intake.cursor() == store.intake.peek() == Cursor(sequence, 2, f"anchor {sequence}")
            assert store.intake.arrivals(["image"]) == {"image": arrival}
            assert store.intake.arrivals_of("study", "study") == [arrival]
            assert store.intake.arrivals_of("series", "series") == [arrival]
            assert store.intake.arrivals_of("instance", "image") == [arrival]
            assert store.intake.growing("study", ["study"]) == {"study": grows}
            assert store.intake.growing_due(after(1000), 10) == [grows]
            assert store.intake.next_growing_due() == after(100 * sequence)

    def test_each_leases_its_own_deliveries(self, stores: tuple[Store, Store]) -> None:
        for store, sequence in zip(stores, (5, 7), strict=True):
            leased = lease_one(store)
            assert leased.delivery.id == f"delivery-{sequence}"
            assert store.deliveries.lease("pacs", until(60), NOON, 1) == []
            assert record(store, leased, Outcome(State.RETRYING, ["image"], attempt("no"), after(sequence)))
            assert store.deliveries.next_ready_at("pacs") == after(sequence)

    def test_what_takes_a_deliverys_place_stays_in_its_index(self, stores: tuple[Store, Store]) -> None:
        one, other = stores
        successor = delivery(identifier="successor", lane="alternate")
        assert record(
            one, lease_one(one), Outcome(State.FAILED, ["image"], attempt("no"), successor=successor)
        )
        assert one.deliveries.get("successor").index == "index-1"
        assert other.deliveries.lease("alternate", until(60), NOON, 1) == []
        assert len(one.deliveries.lease("alternate", until(60), NOON, 1)) == 1

    def test_all_deliveries_are_everybodys_to_look_at(self, stores: tuple[Store, Store]) -> None:
        one, other = stores
        assert one.deliveries.find(DeliveryFilter(), 10)[1] == 2
        assert one.deliveries.counts() == {("pacs", State.WAITING): 2}
        [found], total = other.deliveries.find(DeliveryFilter(index="index-1"), 10)
        assert (found.id, found.index, total) == ("delivery-5", "index-1", 1)
        assert other.deliveries.cancel("delivery-5", NOON) == 1

    def test_those_of_an_index_that_nobody_has_any_more_fail(self, stores: tuple[Store, Store]) -> None:
        one, other = stores
        leased = lease_one(one)
        assert other.deliveries.abandon("index-1", "It is gone", after(1)) == 1
        failed = one.deliveries.get("delivery-5")
        assert (failed.state, failed.note, failed.finished_at) == (State.FAILED, "It is gone", after(1))
        assert not record(one, leased, Outcome(State.SUCCEEDED))
        assert other.deliveries.get("delivery-7").state is State.WAITING
        assert other.deliveries.abandon("index-1", "It is gone", after(1)) == 0

    def test_the_arrivals_of_what_grows_in_one_are_kept(self, stores: tuple[Store, Store]) -> None:
        one, other = stores
        cursor = one.intake.cursor()
        assert cursor is not None
        settled = Growing("study", "study", 5, after(5), None)
        one.intake.commit(Plan(cursor, Cursor(6, cursor.version + 1), growing=[settled]))
        assert one.intake.expire(after(1000)) == 2
        assert one.intake.arrivals(["image"]) == {}
        assert set(other.intake.arrivals(["image"])) == {"image"}

    def test_it_is_the_name_that_counts(self, stores: tuple[Store, Store], open_for: OpenFor) -> None:
        assert open_for("index-1").intake.cursor() == stores[0].intake.cursor()
        assert open_for("index-3").intake.cursor() is None


def test_where_there_is_but_one_index_its_deliveries_are_found_by_what_they_say(store: Store) -> None:
    add(store, delivery(identifier="d"))
    index = store.deliveries.get("d").index
    assert store.deliveries.find(DeliveryFilter(index=index), 10)[1] == 1
    assert store.deliveries.find(DeliveryFilter(index="another"), 10) == ([], 0)
    assert store.deliveries.abandon("another", "It is gone", NOON) == 0
    assert store.deliveries.abandon(index, "It is gone", NOON) == 1
    assert store.deliveries.get("d").note == "It is gone"


def test_a_beginning_that_others_have_moved_on_from_is_refused(store: Store) -> None:
    """A node that was frozen while it looked where to begin."""
    store.intake.begin(Cursor(10, 1))
    with pytest.raises(PlanConflict):
        store.intake.begin(Cursor(5, 1))
    store.intake.commit(Plan(Cursor(10, 1), Cursor(12, 2)))
    with pytest.raises(PlanConflict):
        store.intake.begin(Cursor(0, 1), Cursor(10, 1))
    assert store.intake.peek() == Cursor(12, 2)
    store.intake.begin(Cursor(0, 3), Cursor(12, 2))
    assert store.intake.cursor() == Cursor(0, 3)


def test_what_version_1_has_written_belongs_to_the_first_index(
    open_for: OpenFor, mongodb: MongoServer, mongo_database: str
) -> None:
    as_it_was = open_for("index-1")
    as_it_was.intake.begin(Cursor(0, 1))
    as_it_was.intake.commit(plan(Cursor(0, 1), "image", 5, after(100)))
    with MongoClient[dict[str, object]](mongodb.uri) as client:
        database = client[mongo_database]
        for name in ("deliveries", "growing"):
            database[name].update_many({}, {"$unset": {"index": ""}})
        database["remembered"].delete_one({"_id": "first index"})
        database["about"].update_one({"_id": "schema"}, {"$set": {"version": 1}})
        database["deliveries"].create_index([("lane", 1), ("rank", 1)], name="ready")
    store, other = open_for("the upgraded one"), open_for("another")
    assert store.intake.cursor() == Cursor(5, 2, "anchor 5")
    assert set(store.intake.arrivals(["image"])) == {"image"}
    assert [each.due_at for each in store.intake.growing_due(after(1000), 10)] == [after(100)]
    assert other.intake.cursor() is None
    assert other.deliveries.lease("pacs", Lease("b", after(60)), NOON, 1) == []
    assert lease_one(store).delivery.index == "the upgraded one"
    with MongoClient[dict[str, object]](mongodb.uri) as client:
        assert "ready" not in client[mongo_database]["deliveries"].index_information()
