# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node has the Orthanc database that its name stands for."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from router.documents.node import Node
from router.intake import index_check
from router.intake.index_check import IndexCheck
from router.settings import Index
from router.signals import Signals
from router.store import Arrival, Cursor, Plan, Store
from servers.orthanc_in_memory import OrthancInMemory, new_images

NOW = datetime(2026, 5, 17, 12, 0, 0, tzinfo=UTC)


class Archive(OrthancInMemory):
    """An Orthanc whose change log has the images of these numbers."""

    def __init__(self, name: str, *numbers: int, date: str = "20260517T115900") -> None:
        super().__init__([entry for number in numbers for entry in new_images(number, number, name, date)])


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


def found(check: IndexCheck) -> tuple[bool, str, bool]:
    """Whether the node may work, what is wrong, and whether another one has to do the intake."""
    signals = check.signals
    return signals.index_is_settled, signals.index_problem, signals.stands_aside


CheckOf = Callable[..., IndexCheck]


@pytest.fixture
def check_of(store: Store, monkeypatch: pytest.MonkeyPatch) -> CheckOf:
    """The check of a node that has this archive."""
    monkeypatch.setattr(index_check, "_EVERY_SECONDS", 0)

    def check(archive: Archive, *others: str | Node, name: str = "shared") -> IndexCheck:
        nodes = [other if isinstance(other, Node) else node(other) for other in others]
        return IndexCheck(archive, store.intake, Index(name=name), lambda: nodes, lambda: NOW, Signals())

    return check


def test_the_same_database_is_recognized(store: Store, check_of: CheckOf) -> None:
    archive = Archive("image", 1, 2, 3)
    cursor = read_by_another(store, archive)
    check = check_of(archive, "other")
    assert not check.signals.index_is_settled
    check.stand_by(cursor)
    assert found(check)[:2] == (True, "")


def test_an_entry_with_the_number_of_the_cursor_tells_another_one(store: Store, check_of: CheckOf) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(Archive("elsewhere", 1, 2, 3, 4, date="20200101T000000"), "other")
    check.stand_by(cursor)
    assert not check.signals.index_is_settled
    assert "'other' had another database under the name of its index (shared)" in check.signals.index_problem


def test_images_that_nobody_has_ever_planned_tell_another_one_the_second_time(
    store: Store, check_of: CheckOf
) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(Archive("elsewhere", 1), "other")
    check.stand_by(cursor)
    assert found(check)[:2] == (False, "")
    check.stand_by(cursor)
    assert "another database" in check.signals.index_problem


@pytest.mark.parametrize(
    "archive",
    [
        Archive("image", 1, 2),  # the newest one was deleted
        Archive("image", 1, 2, 5, 6),  # others have come since
    ],
)
def test_images_that_were_planned_under_their_numbers_tell_the_same_one(
    store: Store, check_of: CheckOf, archive: Archive
) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(archive, "other")
    check.stand_by(cursor)
    assert found(check)[:2] == (True, "")


def test_images_from_before_the_router_are_no_sign_of_another_one(store: Store, check_of: CheckOf) -> None:
    archive = Archive("image", 1, 2, 3)
    cursor = Cursor(3, 1, archive.entries[-1].anchor)
    store.intake.begin(cursor)
    check = check_of(archive, "other")
    for _ in range(3):
        check.stand_by(cursor)
    assert found(check)[:2] == (True, "")


@pytest.mark.parametrize(
    "archive",
    [
        Archive("empty"),
        Archive("image", 5, 6),  # not read yet
        Archive("elsewhere", 1, date="20200101T000000"),  # may have expired
    ],
)
def test_where_nothing_can_be_told_it_works_on_nothing_and_is_not_wrong(
    store: Store, check_of: CheckOf, archive: Archive
) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(archive, "other")
    for _ in range(3):
        check.stand_by(cursor)
    assert found(check) == (
        False,
        "",
        False,
    )
    archive.entries.append(Archive("image", 3).entries[0])
    archive.entries.sort(key=lambda entry: entry.sequence)
    check.stand_by(cursor)
    assert check.signals.index_is_settled


def test_a_database_counts_as_replaced_once_no_other_node_has_its_name(check_of: CheckOf) -> None:
    archive = Archive("elsewhere", 1)
    assert check_of(archive).replaced()
    check = check_of(archive, "other")
    assert not check.replaced()
    assert check.signals.stands_aside
    assert "'other' had a database that was not the one which is here now" in check.signals.index_problem


def test_one_that_is_empty_stands_aside_until_its_first_image_tells(store: Store, check_of: CheckOf) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    archive = Archive("image")
    check = check_of(archive, "other")
    assert not check.replaced()
    check.stand_by(cursor)
    assert found(check) == (
        False,
        "",
        True,
    )
    archive.entries.append(Archive("image", 4).entries[0])
    check.stand_by(cursor)
    assert found(check) == (
        False,
        "",
        False,
    )


def test_other_nodes_that_are_refused_do_not_speak_against_it(store: Store, check_of: CheckOf) -> None:
    read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(
        Archive("elsewhere", 1), node("other").model_copy(update={"problem": "It takes no part"})
    )
    assert check.replaced()


def test_it_goes_on_once_the_other_nodes_are_forgotten(
    check_of: CheckOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = check_of(Archive("elsewhere", 1), "other")
    assert not check.replaced()
    check.stand_by(Cursor(3, 2))
    assert check.signals.index_problem
    monkeypatch.setattr(check, "_others", list)
    check.stand_by(Cursor(3, 2))
    assert not check.signals.index_problem
    assert check.replaced()


def test_an_index_without_a_name_is_its_nodes_own(store: Store, check_of: CheckOf) -> None:
    cursor = read_by_another(store, Archive("image", 1, 2, 3))
    check = check_of(Archive("elsewhere", 1, 2, 3), "other", name="")
    assert check.signals.index_is_settled
    check.stand_by(cursor)
    assert check.signals.index_is_settled
    assert check.replaced()
