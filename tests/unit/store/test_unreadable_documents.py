# SPDX-License-Identifier: GPL-3.0-or-later
"""A stored document that this version of the router cannot read stops nothing else, and is named."""

import json
from datetime import timedelta
from typing import Any, cast

import pytest

from router.actions import Services
from router.catalog import Catalog
from router.destinations import Opening
from router.dispatch.performer import Performer
from router.documents.audit import Act, Actor
from router.documents.delivery import State
from router.documents.destination import THIS_ORTHANC
from router.documents.lane import LaneState
from router.documents.node import Node
from router.documents.policy import Policy
from router.intake.planner import Match, deliveries_of
from router.intake.stored_instances import StoredInstance
from router.store import AuditFilter, DeliveryFilter, NotFound, RunFilter, Store, Unreadable
from router.store.mongodb import MongoStore
from unit.store.stored_samples import NOON, add, delivery, destination, lease_one, policy, settle
from unit.store.test_runs import run

NOBODY = Act(event="policy.deleted", at=NOON, node="node", actor=Actor(type="user", name="someone"))


#: Where the JSON of a document is: table and column, collection and field.
PLACES = {
    "policy": ("documents", "document", "policies", "body"),
    "destination": ("documents", "document", "destinations", "body"),
    "delivery": ("deliveries", "planned", "deliveries", "planned"),
    "run": ("runs", "run", "runs", "run"),
}


def rewrite(store: Store, kind: str, identifier: str, **fields: Any) -> None:
    """Have the stored JSON of a document have these fields, as another version may have written it."""
    table, column, name, field = PLACES[kind]
    if isinstance(store, MongoStore):
        collection = store._connection.collection(name)
        record = collection.find_one({"_id": identifier})
        assert record is not None
        text = json.dumps(json.loads(record[field]) | fields)
        collection.update_one({"_id": identifier}, {"$set": {field: text}})
        return
    with store._database.write() as connection:  # type: ignore[attr-defined]
        [text] = connection.execute(f"SELECT {column} FROM {table} WHERE id = ?", (identifier,)).fetchone()
        connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE id = ?",
            (json.dumps(json.loads(text) | fields), identifier),
        )


@pytest.fixture
def good(store: Store) -> Policy:
    """A policy that can be read, beside `unknown`, which has a field of another version."""
    good = policy("Good")
    store.policies.create(good)
    store.policies.create(policy("Of another version", identifier="unknown"))
    rewrite(store, "policy", "unknown", tenant="x")
    return good


class TestPolicies:
    def test_the_others_are_in_force(self, store: Store, good: Policy) -> None:
        assert store.policies.all() == [good]
        assert list(Catalog(store, 60).current().policies) == [good.id]

    @pytest.mark.usefixtures("good")
    def test_it_is_named_with_what_is_wrong(self, store: Store) -> None:
        [unreadable] = Catalog(store, 60).current().unreadable_policies
        assert (unreadable.id, unreadable.name) == ("unknown", "Of another version")
        assert "tenant" in unreadable.reason
        assert "'x'" not in unreadable.reason

    @pytest.mark.usefixtures("good")
    def test_who_asks_for_it_is_told(self, store: Store) -> None:
        with pytest.raises(Unreadable, match="tenant"):
            store.policies.get("unknown")

    @pytest.mark.usefixtures("good")
    def test_its_name_is_taken_until_it_is_deleted(self, store: Store) -> None:
        store.policies.delete("unknown", act=NOBODY)
        store.policies.create(policy("Of another version"))
        assert store.policies.unreadable() == []
        settle(store)
        [entry], _ = store.audit.find(AuditFilter(event="policy.deleted"), 10)
        assert entry.object is not None
        assert (entry.object.id, entry.object.name, entry.object.revision) == (
            "unknown",
            "Of another version",
            1,
        )


def test_what_goes_to_a_destination_that_cannot_be_read_waits(store: Store) -> None:
    target = destination("Archive")
    store.destinations.create(target)
    rewrite(store, "destination", target.id, concurrency="many")
    forwarding = Policy.model_validate(
        policy().model_dump() | {"actions": [{"id": "a", "type": "forward", "destination": target.id}]}
    )
    image = StoredInstance("image", "series", "study", {}, {}, {}, 1)
    match = Match(forwarding, "instance", [image], frozenset({"image"}))
    [planned] = deliveries_of(match, Catalog(store, 60).current(), NOON)
    assert (planned.delivery.state, planned.delivery.lane) == (State.WAITING, target.id)
    assert planned.delivery.destination is not None
    assert planned.delivery.destination.name == "Archive"


class TestDeliveries:
    def test_a_field_that_is_not_known_is_left_aside(self, store: Store) -> None:
        add(store, delivery(identifier="newer"))
        rewrite(store, "delivery", "newer", colour="red")
        assert store.deliveries.get("newer").policy is not None
        assert lease_one(store).delivery.id == "newer"

    def test_one_that_cannot_be_read_is_listed_and_fails_and_the_others_go_on(self, store: Store) -> None:
        add(store, delivery(identifier="broken"), delivery(identifier="good", action="another"))
        rewrite(store, "delivery", "broken", priority="at leisure")
        found, total = store.deliveries.find(DeliveryFilter(), 10)
        assert ({one.id for one in found}, total) == ({"broken", "good"}, 2)
        leased = [lease_one(store), lease_one(store)]
        broken, good = sorted(leased, key=lambda one: one.delivery.id)
        assert good.delivery.policy is not None
        assert "priority" in (broken.delivery.note or "")
        performer = Performer(THIS_ORTHANC, store, cast(Services, None), cast(Opening, None))
        sent = performer.perform([broken], NOON)
        assert sent.lasting
        assert "priority" in sent.refused["image-1"]


def test_runs_that_cannot_be_read_are_left_out(store: Store) -> None:
    store.runs.create(run().model_copy(update={"id": "good"}))
    store.runs.create(run().model_copy(update={"id": "newer"}))
    store.runs.create(run().model_copy(update={"id": "broken"}))
    rewrite(store, "run", "newer", colour="red")
    rewrite(store, "run", "broken", state="resting")
    found, _ = store.runs.find(RunFilter(), 10)
    assert {one.id for one in found} == {"good", "newer"}
    with pytest.raises(NotFound, match="state"):
        store.runs.get("broken")


@pytest.mark.parametrize("open_again", ["mongodb"], indirect=True)
def test_nodes_and_lanes_of_another_version_are_understood(store: Store) -> None:
    assert isinstance(store, MongoStore)
    told = {"id": "node", "name": "node", "version": "1", "orthanc_version": "1", "aet": "A", "url": ""}
    node = Node.model_validate({**told, "index": "index", "started_at": NOON, "seen_at": NOON})
    store.nodes.announce(node)
    store.nodes.announce(node.model_copy(update={"id": "broken"}))
    nodes = store._connection.collection("nodes")
    nodes.update_one({"_id": "node"}, {"$set": {"colour": "red"}})
    nodes.update_one({"_id": "broken"}, {"$set": {"running": "many"}})
    assert [one.id for one in store.nodes.all()] == ["node"]
    assert store.lanes is not None
    state = LaneState(failures=3, closed_again_at=NOON + timedelta(seconds=1))
    for lane in ("newer", "broken"):
        assert store.lanes.put(lane, state, 0)
    lanes = store._connection.collection("lanes")
    lanes.update_one({"_id": "newer"}, {"$set": {"state.colour": "red"}})
    lanes.update_one({"_id": "broken"}, {"$set": {"state.failures": "many"}})
    assert store.lanes.get("newer") == (state, 1)
    assert store.lanes.get("broken") == (LaneState(), 1)
    assert store.lanes.all().keys() == {"newer", "broken"}
