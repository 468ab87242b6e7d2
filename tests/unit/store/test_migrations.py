"""A store that an earlier version of the router has written works on, with all that is in it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from router.documents.delivery import State
from router.store import Cursor, DeliveryFilter, Fired, Outcome, open_store
from router.store.port import Arrival, Growing
from router.store.sqlite import FILE_NAME
from router.store.sqlite.schema import version_1
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


def test_an_sqlite_file_of_the_first_version(old_folder: Path) -> None:
    with closing(open_store(None, "", old_folder)) as store:
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


def test_nothing_is_done_twice_to_it(old_folder: Path) -> None:
    open_store(None, "", old_folder).close()
    with closing(open_store(None, "", old_folder)) as store:
        assert store.policies.all() == [OLD_POLICY]
