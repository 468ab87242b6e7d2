# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is lost and nothing is there twice, wherever the router or its MongoDB server is killed.

`ROUTER_STORE_CRASHES` says how many times each campaign kills (a few by default).
"""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

from router.audit import verified
from router.documents.delivery import INTERRUPTED, State
from router.documents.run import RunStudy
from router.store import Arrival, Cursor, DeliveryFilter, Plan, Store, open_store
from router.store.acts import as_it_is
from router.store.mongodb.connection import Record
from router.store.mongodb.intake_ledger import MongoIntakeLedger
from router.store.mongodb.plan import PlanDocuments
from servers.mongodb import MongoServer
from unit.store import crashing_worker
from unit.store.stored_samples import NOON, add, delivery, destination, exists, policy, settle, until

CRASHES = int(os.environ.get("ROUTER_STORE_CRASHES", "8"))

#: Opens one and the same store as often as it is called.
OpenStore = Callable[[], Store]


class Worker:
    """A `crashing_worker.py` process, and what it has said."""

    def __init__(self, mongo_uri: str, database: str, folder: Path, *command: object) -> None:
        self.said: list[str] = []
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, crashing_worker.__file__, mongo_uri, database, folder, *map(str, command)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._listen, args=(self._process.stdout,), name="listener")
        self._reader.start()

    def wait_for(self, lines: int) -> None:
        """Until it has said so much."""
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self.said) >= lines or not self.lives, 60)
        assert enough, f"it said only {self.said}"
        assert self.lives, f"it has ended after {self.said}"

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """At once; then all it had said is in `said`."""
        self._process.kill()
        self.end()

    def end(self) -> int:
        """Wait for its end; its exit code."""
        code = self._process.wait(60)
        self._reader.join()
        return code

    def _listen(self, output: IO[str]) -> None:
        with output:
            for line in output:
                with self._changed:
                    self.said.append(line.strip())
                    self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()


@contextmanager
def worker(mongo_uri: str, database: str, folder: Path, *command: object) -> Iterator[Worker]:
    started = Worker(mongo_uri, database, folder, *command)
    try:
        yield started
    finally:
        started.kill()


def check_plans(store: Store) -> int:
    """That every plan up to the cursor is there, whole and once, and nothing beyond; the cursor's version."""
    cursor = store.intake.cursor()
    assert cursor is not None
    versions = range(1, cursor.version + 1)
    deliveries, total = store.deliveries.find(DeliveryFilter(), 100_000)
    assert sorted(each.id for each in deliveries) == sorted(f"{v}-{part}" for v in versions for part in "ab")
    assert sum(store.deliveries.counts().values()) == total
    for each in deliveries:
        assert store.deliveries.instances(each.id) == [f"image-{each.id.partition('-')[0]}"]

    arrived = store.intake.arrivals_of("study", "study-1")
    expected = {f"image-{v}": v for v in versions} | (
        {"image-sent-again": cursor.version} if versions else {}
    )
    assert {each.instance: each.sequence for each in arrived} == expected
    assert len(store.intake.growing("study", [f"study-{v}" for v in versions])) == max(0, cursor.version)
    if cursor.version > 1:
        assert store.intake.growing("study", ["study-1"])["study-1"].last_sequence == cursor.version
    return cursor.version


def check_records(store: Store, recorded: Counter[str], crashes: int) -> None:
    """That every record the store has confirmed is there once; unconfirmed ones may be, one a crash."""
    unconfirmed = 0
    for each in store.deliveries.find(DeliveryFilter(), 100_000)[0]:
        ended = [one for one in each.attempts if one.error != INTERRUPTED]
        assert each.attempt_count == len(ended)
        assert each.attempt_count >= recorded[each.id]
        unconfirmed += each.attempt_count - recorded[each.id]
        failures = [made for made in ended if made.error is not None]
        successes = each.attempt_count - len(failures)
        assert successes == (each.state is State.SUCCEEDED)
    assert unconfirmed <= crashes


def confirmed(said: list[str], kind: str) -> list[str]:
    return [line.partition(" ")[2] for line in said if line.startswith(f"{kind} ")]


@pytest.fixture(params=["sqlite", "mongodb"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str, Path]:
    """Where a store is: URI of the server, database, folder."""
    if request.param == "sqlite":
        return "", "", tmp_path
    return request.getfixturevalue("mongodb").uri, request.getfixturevalue("mongo_database"), tmp_path


@contextmanager
def opened(place: tuple[str, str, Path]) -> Iterator[Store]:
    uri, database, folder = place
    store = open_store(uri or None, database, folder)
    try:
        yield store
    finally:
        store.close()


def test_a_router_killed_at_any_moment(place: tuple[str, str, Path]) -> None:
    chance = random.Random(4711)
    recorded: Counter[str] = Counter()
    last_committed = 0
    with opened(place) as store:
        store.intake.begin(Cursor(0, 0))
        for crash in range(1, CRASHES + 1):
            with worker(*place, "work") as working:
                working.wait_for(chance.randrange(2, 40))
            last_committed = max(last_committed, *map(int, confirmed(working.said, "committed")), 0)
            recorded.update(confirmed(working.said, "recorded"))
            assert check_plans(store) >= last_committed
            check_records(store, recorded, crash)

        # What it had leased is not lost either.
        store.deliveries.release("node-1")
        while leased := store.deliveries.lease("pacs", until(60, "another"), NOON, 100):
            assert all(each.delivery.state is State.RUNNING for each in leased)
        counts = store.deliveries.counts()
        assert set(counts) <= {("pacs", State.RUNNING), ("pacs", State.SUCCEEDED)}
    assert last_committed > CRASHES / 2


def test_a_mongodb_server_killed_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(4712)
    crashes = max(3, CRASHES // 3)
    with MongoServer(tmp_path) as server:
        place = (f"{server.uri}&serverSelectionTimeoutMS=500", "router", tmp_path)
        with opened(place) as store, worker(*place, "work") as working:
            store.intake.begin(Cursor(0, 0))
            for _ in range(crashes):
                working.wait_for(len(working.said) + chance.randrange(2, 30))
                server.kill()
                server.start()
            # It goes on by itself.
            working.wait_for(len(working.said) + 20)
            working.kill()
            version = check_plans(store)
            assert version >= max(map(int, confirmed(working.said, "committed")))
            check_records(store, Counter(confirmed(working.said, "recorded")), crashes + 1)


@pytest.fixture
def raw_database(mongodb: MongoServer, mongo_database: str) -> Iterator[Database[Record]]:
    """The test's database itself, for looking behind the store."""
    with MongoClient[Record](mongodb.uri) as client:
        yield client[mongo_database]


@pytest.mark.parametrize(
    "part_bytes", [pytest.param(8_000_000, id="small plan"), pytest.param(200, id="plan in parts")]
)
def test_a_router_that_dies_between_the_steps_of_a_commit(
    mongodb: MongoServer,
    mongo_database: str,
    raw_database: Database[Record],
    tmp_path: Path,
    part_bytes: int,
) -> None:
    place = (mongodb.uri, mongo_database, tmp_path)
    outcomes: list[str] = []
    with opened(place) as store:
        store.intake.begin(Cursor(0, 0))
        version = 0
        while "survived" not in outcomes:
            dying = Worker(*place, "commit", len(outcomes) + 1, part_bytes)
            survived = dying.end() == 0
            before, version = version, check_plans(store)
            outcomes.append("survived" if survived else "committed" if version > before else "not committed")
    order = ["not committed", "committed", "survived"]
    assert outcomes == sorted(outcomes, key=order.index)
    assert set(outcomes) == set(order)
    # Nothing is left either of what was put down for plans that were never committed.
    assert raw_database["plan_parts"].count_documents({}) == 0


def test_a_commit_first_finishes_the_plan_that_a_dead_router_has_left(
    mongodb: MongoServer, mongo_database: str, raw_database: Database[Record], tmp_path: Path
) -> None:
    place = (mongodb.uri, mongo_database, tmp_path)
    documents = raw_database["cursor"]
    with opened(place) as store:
        store.intake.begin(Cursor(0, 0))
        step = 1
        while (left := documents.find_one({})) is not None and left["pending"] is None:
            Worker(*place, "commit", step, 8_000_000).end()
            step += 1
        assert left is not None
        store.intake.commit(crashing_worker.next_plan(Cursor(left["sequence"], left["version"])))
        assert check_plans(store) == left["version"] + 1


def test_a_router_that_was_frozen_in_a_commit_undoes_nothing_when_it_goes_on(
    mongodb: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    with opened((mongodb.uri, mongo_database, tmp_path)) as store:
        store.intake.begin(Cursor(0, 0))
        plans = []
        for _ in range(3):
            cursor = store.intake.cursor()
            assert cursor is not None
            plans.append(crashing_worker.next_plan(cursor))
            store.intake.commit(plans[-1])
        (leased,) = store.deliveries.lease("pacs", until(60), NOON, 1)
        assert isinstance(store.intake, MongoIntakeLedger)
        first_serial = 2
        store.intake._carry_out(PlanDocuments.of(plans[0], store.intake._keys, as_it_is), first_serial)
        assert check_plans(store) == 3
        assert store.deliveries.get(leased.delivery.id).state is State.RUNNING


def test_a_long_plan_is_written_in_portions_and_what_is_there_is_not_written_again(
    mongodb: MongoServer, mongo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Cursor(0, 0)
    images = [Arrival(f"image-{number}", "series", "study", number, NOON) for number in range(600)]
    plan = Plan(begin, Cursor(600, 1), images)
    portions: list[int] = []
    insert_many = Collection.insert_many

    def insert(collection: Collection[Record], records: list[Record], **options: Any) -> object:
        portions.append(len(records))
        return insert_many(collection, records, **options)

    def bulk_write(*_arguments: object, **_options: object) -> None:
        raise AssertionError("what is there is written again")

    with opened((mongodb.uri, mongo_database, tmp_path)) as store:
        assert isinstance(store.intake, MongoIntakeLedger)
        store.intake.begin(begin)
        monkeypatch.setattr(Collection, "insert_many", insert)
        store.intake.commit(plan)
        assert portions == [250, 250, 100]
        monkeypatch.setattr(Collection, "bulk_write", bulk_write)
        store.intake._carry_out(PlanDocuments.of(plan, store.intake._keys, as_it_is), 2)
        assert len(store.intake.arrivals([one.instance for one in images])) == 600


def test_a_router_that_dies_while_it_records_what_takes_a_deliverys_place(
    mongodb: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    place = (mongodb.uri, mongo_database, tmp_path)
    recorded = []
    with opened(place) as store:
        for step in (1, 2, 3, 4):
            add(store, delivery(identifier=f"d{step}"))
            died = Worker(*place, "fail", step).end()
            assert (died != 0) == (step < 4), f"step {step} ended with {died}"
            store.deliveries.release("node-1")
            failed = store.deliveries.get(f"d{step}").state is State.FAILED
            assert exists(store, f"d{step}-alternate") == failed
            recorded.append(failed)
            store.deliveries.cancel(DeliveryFilter(), NOON)
    assert recorded == [True, True, True, True]


def test_a_router_that_dies_while_it_records_what_came_of_a_study(
    mongodb: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    place = (mongodb.uri, mongo_database, tmp_path)
    with opened(place) as store:
        for step in (1, 2, 3, 4):
            store.runs.add_studies("run", [RunStudy(study=f"study-{step}", position=step)])
            died = Worker(*place, "study", step).end()
            assert (died != 0) == (step < 4), f"step {step} ended with {died}"
            assert store.runs.next_studies("run", 10) == []
            assert [exists(store, f"{step}-{part}") for part in "ab"] == [True, True]
        assert store.deliveries.counts_of_run("run") == {State.WAITING: 8}


def test_a_router_that_dies_between_the_steps_of_a_joint_save(
    mongodb: MongoServer, mongo_database: str, raw_database: Database[Record], tmp_path: Path
) -> None:
    place = (mongodb.uri, mongo_database, tmp_path)
    outcomes: list[str] = []
    with opened(place) as store:
        store.destinations.create(destination("d").model_copy(update={"id": "d"}))
        store.policies.create(policy("p", identifier="p"))
        while "survived" not in outcomes:
            before = store.destinations.get("d").revision
            survived = Worker(*place, "together", len(outcomes) + 1).end() == 0
            target, named = store.destinations.get("d"), {one.name: one for one in store.policies.all()}
            is_saved = target.revision > before
            outcomes.append("survived" if survived else "saved" if is_saved else "not saved")
            assert named["p"].revision == target.revision
            assert ("q" in named) == is_saved
            # Whatever the dead router has left is in nobody's way.
            if not is_saved:
                new = policy("q")
                store.policies.create(new)
                store.policies.delete(new.id)
                store.policies.replace(named["p"].model_copy(update={"revision": before + 1}))
                store.destinations.replace(target.model_copy(update={"revision": before + 1}))
            else:
                store.policies.delete(named["q"].id)
            assert raw_database["policies"].count_documents({"next": {"$exists": True}}) == 0
            raw_database["joint_saves"].delete_many({})  # the next one would wait for it
    order = ["not saved", "saved", "survived"]
    assert outcomes == sorted(outcomes, key=order.index)
    assert set(outcomes) == set(order)


def test_a_router_that_dies_while_it_changes_something_has_told_the_audit_of_what_it_changed(
    mongodb: MongoServer, mongo_database: str, tmp_path: Path
) -> None:
    """And of nothing else, and once."""
    place = (mongodb.uri, mongo_database, tmp_path)
    with opened(place) as store:
        steps = 0
        died = True
        while died:
            steps += 1
            add(store, delivery(identifier=f"a-{steps}"), delivery(identifier=f"b-{steps}"))
            died = Worker(*place, "act", steps).end() != 0
        settle(store)
        assert verified(store.audit).ok
        told = Counter(
            (entry.event, entry.object.id) for entry in store.audit.after(0, 10_000) if entry.object
        )
        cancelled = store.deliveries.find(DeliveryFilter(states=frozenset({State.CANCELLED})), 10_000)[0]
        done = Counter(("delivery.cancelled", one.id) for one in cancelled)
        done.update(("policy.created", one.id) for one in store.policies.all())
    assert told == done
    assert steps > 8
