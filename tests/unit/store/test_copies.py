# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a store is a store, and does not take another one's place by mistake."""

import io
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

import pytest

from router.documents.delivery import State
from router.store import (
    Cursor,
    DeliveryFilter,
    Store,
    StoreInUse,
    StoreNotEmpty,
    StoreUnavailable,
    open_store,
    put_back,
)
from router.store.mongodb import copies
from router.store.sqlite import FILE_NAME
from unit.store.stored_samples import brought_to, destination, policy, settle

#: Where a store is: URI of the server, database, folder.
Place = tuple[str | None, str, Path]
Copy = dict[str, bytes]


@pytest.fixture(params=["sqlite", "mongodb"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Place, Place]:
    """Of one store and of another."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    if request.param == "sqlite":
        return (None, "", first), (None, "", second)
    uri, database = request.getfixturevalue("mongodb").uri, request.getfixturevalue("mongo_database")
    other: str = request.getfixturevalue("other_mongo_database")
    return (uri, database, first), (uri, other, second)


def filled(place: Place) -> Store:
    store = open_store(*place)
    store.policies.create(policy("CT to research"))
    store.destinations.create(destination("PACS"))
    store.intake.begin(Cursor(7, 0, "anchor"))
    for state in State:
        brought_to(store, state)
    settle(store)
    store.remember("key", "text")
    return store


def copy_of(store: Store) -> Copy:
    return {name: b"".join(pieces) for name, pieces in store.copy()}


def streams(copy: Copy) -> dict[str, IO[bytes]]:
    return {name: io.BytesIO(content) for name, content in copy.items()}


def content(store: Store) -> list[object]:
    return [
        store.policies.all(),
        store.policies.revisions(store.policies.all()[0].id),
        store.destinations.all(),
        store.intake.cursor(),
        store.deliveries.find(DeliveryFilter(), 100),
        store.deliveries.counts(),
        store.audit.after(0, 100),
        store.audit.ends(),
        store.remember("key", "another"),
    ]


def test_it_is_the_same(places: tuple[Place, Place]) -> None:
    with closing(filled(places[0])) as store:
        put_back(*places[1], streams(copy_of(store)), replace=False)
        with closing(open_store(*places[1])) as copy:
            assert content(copy) == content(store)
            # And works on.
            brought_to(copy, State.SUCCEEDED)
            assert settle(copy) == 1


def test_it_is_made_while_others_write(places: tuple[Place, Place]) -> None:
    with closing(filled(places[0])) as store:
        end = threading.Event()

        def write() -> None:
            while not end.is_set():
                brought_to(store, State.SUCCEEDED)
                settle(store)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            made = [copy_of(store) for _ in range(3)]
        finally:
            end.set()
            writer.join()
    put_back(*places[1], streams(made[-1]), replace=False)
    with closing(open_store(*places[1])) as copy:
        cursor = copy.intake.cursor()
        assert cursor is not None
        settle(copy)
        told = {entry.object.id for entry in copy.audit.after(0, 10_000) if entry.object}
        finished = copy.deliveries.find(DeliveryFilter(states=frozenset({State.SUCCEEDED})), 10_000)[0]
        assert {delivery.id for delivery in finished} <= told


def test_it_does_not_take_the_place_of_another_unless_told(places: tuple[Place, Place]) -> None:
    with closing(filled(places[0])) as store:
        copy = copy_of(store)
        expected = content(store)
    with closing(open_store(*places[1])) as other:
        other.policies.create(policy("Another"))
    with pytest.raises(StoreNotEmpty):
        put_back(*places[1], streams(copy), replace=False)
    with closing(open_store(*places[1])) as other:
        assert [each.name for each in other.policies.all()] == ["Another"]
    put_back(*places[1], streams(copy), replace=True)
    with closing(open_store(*places[1])) as other:
        assert content(other) == expected


class TestSqlite:
    def test_a_store_in_use_is_left_alone(self, tmp_path: Path) -> None:
        with closing(filled((None, "", tmp_path))) as store:
            copy, before = copy_of(store), content(store)
            with pytest.raises(StoreInUse, match="stop Orthanc"):
                put_back(None, "", tmp_path, streams(copy), replace=True)
            assert content(store) == before

    def test_what_a_dead_router_has_left_in_its_log_does_not_get_into_it(self, tmp_path: Path) -> None:
        place, empty = (None, "", tmp_path), tmp_path / "empty"
        with closing(filled(place)) as store:
            expected = content(store)
            copy = copy_of(store)
            # As a kill leaves them: the file, and a log with what is not in it yet.
            store.policies.create(policy("Later"))
            empty.mkdir()
            for file in tmp_path.glob(f"{FILE_NAME}*"):
                (empty / file.name).write_bytes(file.read_bytes())
        put_back(None, "", empty, streams(copy), replace=True)
        with closing(open_store(None, "", empty)) as restored:
            assert content(restored) == expected

    def test_a_log_that_has_lost_its_file_does_not_get_into_it(self, tmp_path: Path) -> None:
        lost = tmp_path / "lost"
        lost.mkdir()
        with closing(filled((None, "", tmp_path))) as store:
            expected = content(store)
            copy = copy_of(store)
            store.policies.create(policy("Later"))
            log = f"{FILE_NAME}-wal"
            (lost / log).write_bytes((tmp_path / log).read_bytes())
        put_back(None, "", lost, streams(copy), replace=False)
        with closing(open_store(None, "", lost)) as restored:
            assert content(restored) == expected

    def test_a_damaged_store_is_replaced(self, tmp_path: Path) -> None:
        with closing(filled((None, "", tmp_path))) as store:
            copy = copy_of(store)
        damaged = tmp_path / "damaged"
        damaged.mkdir()
        (damaged / FILE_NAME).write_bytes(b"no database at all" * 1000)
        put_back(None, "", damaged, streams(copy), replace=True)
        with closing(sqlite3.connect(damaged / FILE_NAME)) as connection:
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)

    def test_nothing_is_left_beside_it(self, tmp_path: Path) -> None:
        with closing(filled((None, "", tmp_path))) as store:
            copy_of(store)
        assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


class TestMongo:
    def test_what_was_restored_in_part_is_not_worked_on_and_can_be_restored_again(
        self,
        mongodb: object,
        mongo_database: str,
        other_mongo_database: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        uri: str = mongodb.uri  # type: ignore[attr-defined]
        with closing(filled((uri, mongo_database, tmp_path))) as store:
            copy, expected = copy_of(store), content(store)
        place = (uri, other_mongo_database, tmp_path)

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(copies, "_INSERTED_AT_ONCE", 1)
            broken = streams(copy)
            broken["policies.bson"] = _Dying(copy["policies.bson"], die)
            with pytest.raises(KeyboardInterrupt):
                put_back(*place, broken, replace=False)
        with pytest.raises(StoreUnavailable, match="in part only"):
            open_store(*place)
        put_back(*place, streams(copy), replace=False)
        with closing(open_store(*place)) as restored:
            assert content(restored) == expected


class _Dying(io.BytesIO):
    """Breaks off when it is read."""

    def __init__(self, content: bytes, die: Callable[..., None]) -> None:
        super().__init__(content)
        self.read = die  # type: ignore[method-assign, assignment]
