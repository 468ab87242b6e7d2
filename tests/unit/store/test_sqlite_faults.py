# SPDX-License-Identifier: GPL-3.0-or-later
"""What the embedded store says when its file cannot be used, and that it works again by itself."""

import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from router.store import Cursor, DeliveryFilter, Plan, Store, StoreUnavailable, open_store
from router.store.sqlite import FILE_NAME, database, schema
from servers.small_disk import SmallDisk
from unit.store.stored_samples import NOON, add, after, delivery, policy, until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The store's folder, for itself."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = open_store(None, "", folder)
    yield opened
    opened.close()


def every_write(store: Store) -> list[Callable[[], object]]:
    """One call of each kind that writes."""
    return [
        store.check,
        lambda: store.policies.create(policy()),
        lambda: store.intake.begin(Cursor(1, 1), store.intake.cursor()),
        lambda: store.deliveries.lease("pacs", until(60), NOON, 1),
        lambda: store.deliveries.cancel(DeliveryFilter(), NOON),
    ]


def every_read(store: Store) -> list[Callable[[], object]]:
    """One call of each kind that only reads."""
    return [
        store.policies.all,
        store.intake.cursor,
        store.deliveries.counts,
        lambda: store.deliveries.find(DeliveryFilter(), 10),
    ]


def test_the_file_is_for_its_owner_alone(store: Store, folder: Path) -> None:
    store.check()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes[FILE_NAME] == 0o600
    assert set(modes.values()) == {0o600}


def test_a_file_that_others_may_read_is_closed_to_them(folder: Path) -> None:
    (folder / FILE_NAME).touch(0o644)
    open_store(None, "", folder).close()
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600


def test_it_is_described_for_people(store: Store, folder: Path) -> None:
    assert store.describe() == f"SQLite file {folder / FILE_NAME}"


def test_a_commit_waits_for_the_disk_unless_it_may_pass(store: Store) -> None:
    for passing, synchronous in ((False, 2), (True, 1), (False, 2)):
        with store.intake._database.write(passing=passing) as connection:  # type: ignore[attr-defined]
            pragmas = [
                connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
            ]
        assert pragmas == ["wal", synchronous]


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"missing/router\.sqlite3 cannot be opened: No such file"):
        open_store(None, "", tmp_path / "missing")


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="Not a directory"):
        open_store(None, "", tmp_path / "file")


def test_something_else_than_a_database(folder: Path) -> None:
    (folder / FILE_NAME).write_text("a letter to my aunt\n" * 100)
    with pytest.raises(StoreUnavailable, match="not a database of the router"):
        open_store(None, "", folder)
    assert (folder / FILE_NAME).read_text().startswith("a letter")


def test_a_file_of_a_newer_router_is_refused_and_left_alone(folder: Path) -> None:
    open_store(None, "", folder).close()
    with sqlite3.connect(folder / FILE_NAME) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    with pytest.raises(StoreUnavailable, match=r"newer version of the router .*install that version again"):
        open_store(None, "", folder)


def test_a_file_locked_by_another_program(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    store.close()
    store = open_store(None, "", folder)
    other = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for write in every_write(store):
        with pytest.raises(StoreUnavailable, match="another program holds a lock"):
            write()
    for read in every_read(store):
        read()
    other.execute("ROLLBACK")
    other.close()
    for write in every_write(store):
        write()
    store.close()


def test_a_folder_that_goes_away_and_comes_back(store: Store, folder: Path) -> None:
    add(store, delivery(identifier="d"))
    folder.rename(folder.with_name("elsewhere"))
    for ask in (*every_write(store), *every_read(store)):
        with pytest.raises(StoreUnavailable, match="has disappeared"):
            ask()
    folder.with_name("elsewhere").rename(folder)
    assert store.deliveries.get("d").id == "d"
    for write in every_write(store):
        write()


def test_a_backup_put_in_its_place_is_what_is_used(store: Store, folder: Path, tmp_path: Path) -> None:
    add(store, delivery(identifier="before"))
    store.close()
    shutil.copytree(folder, tmp_path / "backup")
    store = open_store(None, "", folder)
    add(store, delivery(identifier="after"))
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "backup", folder)
    found, _ = store.deliveries.find(DeliveryFilter(), 10)
    assert [each.id for each in found] == ["before"]
    add(store, delivery(identifier="since"))
    store.close()
    again = open_store(None, "", folder)
    assert again.deliveries.find(DeliveryFilter(), 10)[1] == 2
    again.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path / "disk", megabytes=2) as disk:
        yield disk


def test_a_full_disk(small_disk: SmallDisk) -> None:
    store = open_store(None, "", small_disk.folder)
    add(store, delivery(identifier="before"))
    small_disk.fill()

    cursor = store.intake.cursor()
    assert cursor is not None
    many = [delivery(identifier=f"d{n}", instances=["x" * 1000]) for n in range(2000)]
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        store.intake.commit(Plan(cursor, Cursor(9, 9), deliveries=many))
    assert store.intake.cursor() == cursor
    assert sum(store.deliveries.counts().values()) == 1

    small_disk.free()
    store.check()
    add(store, delivery(identifier="since"))
    assert sum(store.deliveries.counts().values()) == 2
    store.close()


def test_a_read_only_disk(small_disk: SmallDisk) -> None:
    store = open_store(None, "", small_disk.folder)
    add(store, delivery())
    store.close()
    small_disk.remount("ro")
    with pytest.raises(StoreUnavailable, match="Read-only file system"):
        open_store(None, "", small_disk.folder)
    small_disk.remount("rw")
    store = open_store(None, "", small_disk.folder)
    assert sum(store.deliveries.counts().values()) == 1
    store.close()


def open_files(folder: Path) -> int:
    """How many of this process's file descriptors are in the folder."""
    return sum(path.resolve().is_relative_to(folder) for path in Path("/proc/self/fd").iterdir())


def test_threads_that_have_ended_leave_no_connections_and_close_leaves_none(folder: Path) -> None:
    store = open_store(None, "", folder)

    def read_in_threads(number: int) -> None:
        together = threading.Barrier(number)

        def read() -> None:
            with store.intake._database.read() as connection:  # type: ignore[attr-defined]
                connection.execute("SELECT count(*) FROM deliveries").fetchone()
                together.wait()
            store.check()

        threads = [threading.Thread(target=read, name=f"reader {n}") for n in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    read_in_threads(20)
    after_the_first = open_files(folder)
    for _ in range(5):
        read_in_threads(20)
    assert open_files(folder) <= after_the_first
    store.close()
    assert open_files(folder) == 0


def test_a_closed_store_is_not_available(store: Store) -> None:
    store.close()
    for ask in (*every_write(store), *every_read(store)):
        with pytest.raises(StoreUnavailable, match="is closed"):
            ask()


class Interruption(BaseException):
    """Neither an error of SQLite nor one of the router."""


def test_what_raises_in_a_transaction_undoes_it(store: Store) -> None:
    def begin_and_be_interrupted() -> None:
        with store.intake._database.write() as connection:  # type: ignore[attr-defined]
            connection.execute("INSERT INTO cursor VALUES (1, 5, 5, '')")
            raise Interruption

    with pytest.raises(Interruption):
        begin_and_be_interrupted()
    assert store.intake.cursor() is None
    store.check()


def test_expiring_goes_through_in_portions(store: Store) -> None:
    add(store, *(delivery() for _ in range(1200)))
    store.deliveries.cancel(DeliveryFilter(), NOON)
    assert store.deliveries.expire(after(1)) == 1200
    assert store.deliveries.counts() == {}
