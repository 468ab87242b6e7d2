"""Whether a node has the Orthanc database that its name stands for."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from router.documents.node import Node
from router.intake import index_check
from router.intake.index_check import IndexCheck
from router.orthanc_api import Change, Changes, OrthancApi
from router.settings import Index
from router.store import Arrival, Cursor, Plan, Store, open_store

NOW = datetime(2026, 5, 17, 12, 0, 0, tzinfo=UTC)


class Archive(OrthancApi):
    """An Orthanc whose change log has the images of these numbers."""

    def __init__(self, name: str, *numbers: int, date: str = "20260517T115900") -> None:
        self._entries = [Change(number, "NewInstance", f"{name}-{number}", date) for number in numbers]

    def last_change(self) -> Changes:
        return Changes(self._entries[-1:], self._entries[-1].sequence if self._entries else 0, True)

    def changes(self, since: int, limit: int) -> Changes:
        found = [entry for entry in self._entries if entry.sequence > since][:limit]
        return Changes(found, found[-1].sequence if found else since, True)

    @property
    def entries(self) -> Sequence[Change]:
        return self._entries


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(None, "", tmp_path)
    yield opened
    opened.close()


def read_by_another(store: Store, archive: Archive) -> Cursor:
    """The cursor once another node has read all of its archive."""
    begin = Cursor(0, 1)
    store.intake.begin(begin)
    last = archive.entries[-1]
    cursor = Cursor(last.sequence, 2, last.anchor)
    arrivals = [Arrival(entry.resource, "series", "study", entry.sequence, NOW) for entry in archive.entries]
    store.intake.commit(Plan(begin, cursor, arrivals))
    return cursor


def node(name: str) -> Node:
    told = {"id": name, "name": name, "version": "1", "orthanc_version": "1", "aet": "A", "url": ""}
    return Node.model_validate({**told, "index": "shared", "started_at": NOW, "seen_at": NOW})


CheckOf = Callable[..., IndexCheck]


@pytest.fixture
def check_of(store: Store, monkeypatch: pytest.MonkeyPatch) -> CheckOf:
    """The check of a node that has this archive."""
    monkeypatch.setattr(index_check, "_EVERY_SECONDS", 0)

    def check(archive: Archive, *others: str, name: str = "shared") -> IndexCheck:
        return IndexCheck(
            archive, store.intake, Index(name=name), lambda: [node(other) for other in others], lambda: NOW
        )

    return check


def test_the_same_database_is_recognized(store: Store, check_of: CheckOf) -> None:
    archive = Archive("image", 1, 2, 3)
    cursor = read_by_another(store, archive)
    check = check_of(archive, "other")
    assert not check.is_settled
    check.stand_by(cursor)
    assert (check.is_settled, check.problem) == (True, "")


def test_an_entry_with_the_number_of_the_cursor_tells_another_one(store: Store, check_of: CheckOf) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(Archive("elsewhere", 1, 2, 3, 4, date="20200101T000000"), "other")
    check.stand_by(cursor)
    assert not check.is_settled
    assert "'other' had another database under the name of its index (shared)" in check.problem


def test_images_that_nobody_has_ever_planned_tell_another_one_the_second_time(
    store: Store, check_of: CheckOf
) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(Archive("elsewhere", 1), "other")
    check.stand_by(cursor)
    assert (check.is_settled, check.problem) == (False, "")
    check.stand_by(cursor)
    assert "another database" in check.problem


@pytest.mark.parametrize(
    "archive",
    [
        Archive("image"),
        Archive("image", 1, 2),  # the newest one was deleted
        Archive("image", 1, 2, 5, 6),  # others have come since
        Archive("elsewhere", 1, date="20200101T000000"),  # may have expired
    ],
)
def test_what_may_be_the_same_one_is_taken_for_it(store: Store, check_of: CheckOf, archive: Archive) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(archive, "other")
    for _ in range(3):
        check.stand_by(cursor)
    assert (check.is_settled, check.problem) == (True, "")


def test_a_database_counts_as_replaced_once_no_other_node_has_its_name(check_of: CheckOf) -> None:
    archive = Archive("elsewhere", 1)
    assert check_of(archive).replaced()
    assert check_of(Archive("empty"), "other").replaced()
    check = check_of(archive, "other")
    assert not check.replaced()
    assert "'other' had a database that was not the one which is here now" in check.problem


def test_it_goes_on_once_the_other_nodes_are_forgotten(
    check_of: CheckOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = check_of(Archive("elsewhere", 1), "other")
    assert not check.replaced()
    check.stand_by(Cursor(3, 2))
    assert check.problem
    monkeypatch.setattr(check, "_others", list)
    check.stand_by(Cursor(3, 2))
    assert not check.problem
    assert check.replaced()


def test_an_index_without_a_name_is_its_nodes_own(store: Store, check_of: CheckOf) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(Archive("elsewhere", 1, 2, 3), "other", name="")
    assert check.is_settled
    check.stand_by(cursor)
    assert check.is_settled
    assert check.replaced()
