# SPDX-License-Identifier: GPL-3.0-or-later
"""A store that an earlier version of the router has written works on, with all that is in it."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pymongo import MongoClient

from router.documents.delivery import State
from router.store import Cursor, DeliveryFilter, Fired, Outcome, Store, StoreUnavailable, open_store
from router.store.mongodb.connection import MongoConnection, Record
from router.store.mongodb.schema import VERSION, agree_on_version, check_version
from router.store.port import Arrival, Growing
from router.store.sqlite import FILE_NAME
from router.store.sqlite.schema import version_1
from servers.mongodb import MongoServer
from unit.store.stored_samples import NOON, after, attempt, delivery, lease_one, policy, record, settle

OLD_POLICY = policy("CT to research")
#: As it stands in a file: what has become of it since it was planned is in the columns.
OLD_DELIVERY = delivery(identifier="old", instances=["image-1", "image-2"])


def write_version_1(folder: Path) -> None:
    """What a router of the first version has left: a policy, an image, a study that grows, a delivery."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        for statement in version_1.STATEMENTS:
            connection.execute(statement)
        document = OLD_POLICY.model_dump_json()
        connection.execute(
            "INSERT INTO documents VALUES ('policy', ?, 'ct to research', 1, ?)", (OLD_POLICY.id, document)
        )
        connection.execute("INSERT INTO revisions VALUES ('policy', ?, 1, ?)", (OLD_POLICY.id, document))
        connection.execute("INSERT INTO generations VALUES ('policy', 1)")
        connection.execute("INSERT INTO cursor VALUES (1, 7, 3, 'anchor')")
        moment = int(NOON.timestamp() * 1000)
        connection.execute(
            "INSERT INTO arrivals VALUES ('image-1', 'series-1', 'study-1', 7, ?, 'digest')", (moment,)
        )
        connection.execute(
            "INSERT INTO growing VALUES ('study', 'study-1', 7, ?, ?, '{\"policy-1\": [7, true]}')",
            (moment, moment),
        )
        connection.execute(
            "INSERT INTO deliveries VALUES (1, 'old', 'pacs', 1, 'policy-1/1/action-1', 'policy-1', 'pacs',"
            " ?, ?, 'waiting', 2, '[]', 0, NULL, NULL, NULL, 0, NULL, NULL)",
            (moment, OLD_DELIVERY.delivery.model_dump_json()),
        )
        connection.execute(
            "INSERT INTO delivery_instances VALUES (1, ?, NULL)", (json.dumps(OLD_DELIVERY.instances),)
        )
        connection.execute("INSERT INTO delivery_terms VALUES ('resource', 'study-1', 1)")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    write_version_1(tmp_path)
    return tmp_path


def check_all_works(store: Store) -> None:
    """With what was there, and on with it."""
    assert store.policies.all() == store.policies.revisions(OLD_POLICY.id) == [OLD_POLICY]
    store.policies.replace(OLD_POLICY.model_copy(update={"revision": 2}))
    assert store.intake.cursor() == Cursor(7, 3, "anchor")
    assert store.intake.arrivals(["image-1"])["image-1"] == Arrival(
        "image-1", "series-1", "study-1", 7, NOON, "digest"
    )
    growing = Growing("study", "study-1", 7, NOON, NOON, {"policy-1": Fired(7, True)})
    assert store.intake.growing_due(NOON, 10) == [growing]
    assert store.deliveries.counts() == {("pacs", State.WAITING): 1}
    assert store.deliveries.find(DeliveryFilter(resource="study-1"), 10)[0] == [OLD_DELIVERY.delivery]
    leased = lease_one(store)
    assert leased.instances == ["image-1", "image-2"]
    assert record(store, leased, Outcome(State.SUCCEEDED, (), attempt()))
    assert store.remember("key", "text") == "text"
    assert settle(store) == 1
    assert [entry.event for entry in store.audit.after(0, 10)] == ["delivery.succeeded"]
    assert store.deliveries.expire(after(100)) == 1


def test_an_sqlite_file_of_the_first_version(old_folder: Path) -> None:
    with closing(open_store(None, "", old_folder)) as store:
        check_all_works(store)


def test_nothing_is_done_twice_to_it(old_folder: Path) -> None:
    open_store(None, "", old_folder).close()
    with closing(open_store(None, "", old_folder)) as store:
        assert store.policies.all() == [OLD_POLICY]


def write_version_1_to_mongodb(uri: str, database: str) -> None:
    """The same in MongoDB."""
    body = OLD_POLICY.model_dump_json()
    with MongoClient[Record](uri) as client:
        old = client[database]
        old["about"].insert_one({"_id": "schema", "version": 1, "checks": 3})
        old["policies"].insert_one(
            {
                "_id": OLD_POLICY.id,
                "name": OLD_POLICY.name,
                "name_key": "ct to research",
                "revision": 1,
                "writes": 1,
                "updated_at": NOON,
                "updated_by": "admin",
                "body": body,
            }
        )
        old["cursor"].insert_one(
            {"_id": "cursor", "sequence": 7, "version": 3, "anchor": "anchor", "serial": 4, "pending": None}
        )
        old["arrivals"].insert_one(
            {
                "_id": "image-1",
                "series": "series-1",
                "study": "study-1",
                "sequence": 7,
                "at": NOON,
                "digest": "digest",
                "serial": 4,
            }
        )
        old["growing"].insert_one(
            {
                "_id": "study/study-1",
                "level": "study",
                "resource": "study-1",
                "last_sequence": 7,
                "last_at": NOON,
                "due_at": NOON,
                "fired": [{"policy": "policy-1", "through_sequence": 7, "matched": True}],
                "serial": 4,
            }
        )
        old["deliveries"].insert_one(
            {
                "_id": "old",
                "lane": "pacs",
                "rank": 1,
                "action_key": "policy-1/1/action-1",
                "policy": "policy-1",
                "destination": "pacs",
                "resources": ["study-1", "study-1-series"],
                "search_keys": [],
                "patient_name": None,
                "created_at": NOON,
                "planned": OLD_DELIVERY.delivery.model_dump_json(),
                "instances": list(OLD_DELIVERY.instances),
                "state": "waiting",
                "remaining": 2,
                "remaining_instances": None,
                "attempts": [],
                "attempt_count": 0,
                "note": None,
                "next_attempt_at": None,
                "finished_at": None,
                "owner": None,
                "claim": None,
                "ready_at": datetime(1970, 1, 1, tzinfo=UTC),
            }
        )


def test_a_mongodb_of_the_first_version(mongodb: MongoServer, mongo_database: str, tmp_path: Path) -> None:
    write_version_1_to_mongodb(mongodb.uri, mongo_database)
    with closing(open_store(mongodb.uri, mongo_database, tmp_path)) as store:
        check_all_works(store)


class TestChangesOfMongo:
    """What brings documents from one version to the next, with changes of a later day."""

    @pytest.fixture
    def connection(self, mongodb: MongoServer, mongo_database: str) -> Iterator[MongoConnection]:
        with closing(MongoConnection(mongodb.uri, mongo_database)) as connection:
            yield connection

    @staticmethod
    def doubling(connection: MongoConnection, _index: str) -> None:
        numbers = connection.collection("numbers")
        for each in list(numbers.find({"doubled": {"$exists": False}})):
            unchanged = {"_id": each["_id"], "doubled": {"$exists": False}}
            numbers.update_one(unchanged, {"$set": {"doubled": each["value"] * 2}})

    @staticmethod
    def renaming(connection: MongoConnection, _index: str) -> None:
        connection.collection("numbers").update_many({}, {"$rename": {"value": "number"}})

    def filled(self, connection: MongoConnection) -> None:
        connection.collection("about").insert_one({"_id": "schema", "version": 1})
        connection.collection("numbers").insert_many([{"_id": n, "value": n} for n in range(5)])

    def numbers(self, connection: MongoConnection) -> list[Record]:
        return list(connection.collection("numbers").find().sort("_id", 1))

    def test_they_come_in_their_order_and_once(self, connection: MongoConnection) -> None:
        self.filled(connection)
        for _ in range(2):
            agree_on_version(connection, "index", {2: self.doubling, 3: self.renaming})
        assert self.numbers(connection) == [{"_id": n, "doubled": 2 * n, "number": n} for n in range(5)]

    def test_a_new_database_needs_none(self, connection: MongoConnection) -> None:
        def never(_connection: MongoConnection, _index: str) -> None:
            raise AssertionError

        for _ in range(2):
            agree_on_version(connection, "index", {2: never})

    def test_after_an_interruption_they_go_on(self, connection: MongoConnection) -> None:
        def breaking(connection: MongoConnection, _index: str) -> None:
            connection.collection("numbers").update_one({"_id": 0}, {"$set": {"doubled": 0}})
            raise KeyboardInterrupt

        self.filled(connection)
        with pytest.raises(KeyboardInterrupt):
            agree_on_version(connection, "index", {2: breaking})
        agree_on_version(connection, "index", {2: self.doubling, 3: self.renaming})
        assert [each["doubled"] for each in self.numbers(connection)] == [0, 2, 4, 6, 8]

    def test_several_nodes_at_once(
        self, mongodb: MongoServer, mongo_database: str, connection: MongoConnection
    ) -> None:
        self.filled(connection)

        def start() -> None:
            with closing(MongoConnection(mongodb.uri, mongo_database)) as own:
                agree_on_version(own, "index", {2: self.doubling, 3: self.renaming})

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [each["doubled"] for each in self.numbers(connection)] == [0, 2, 4, 6, 8]

    def test_a_node_that_was_left_behind_says_so(self, connection: MongoConnection) -> None:
        agree_on_version(connection, "index")
        check_version(connection)
        agree_on_version(connection, "index", {VERSION + 1: self.doubling})
        with pytest.raises(StoreUnavailable, match="newer version"):
            check_version(connection)
        with pytest.raises(StoreUnavailable, match="newer version"):
            agree_on_version(connection, "index")
