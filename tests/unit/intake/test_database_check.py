# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the intake goes on in a change log that is not as it was when it was read last.

A power failure, a restored backup and a moved database cannot be had from a real Orthanc at the right entry,
so that Orthanc is its change log here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from router.intake import database_check
from router.intake.database_check import DatabaseCheck, planned_already
from router.orthanc_api import Change
from router.store import Arrival, Cursor, Plan, Store
from servers.orthanc_in_memory import OrthancInMemory, new_images

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
THAT_DAY, LATER = "20260517T110000", "20260518T090000"


def read(store: Store, entries: Sequence[Change], *, dated: bool = True) -> Cursor:
    """The cursor once all of these have been planned; `dated` by a router that writes down when they were
    logged."""
    begin = Cursor(0, 1)
    store.intake.begin(begin)
    cursor = Cursor(entries[-1].sequence, 2, entries[-1].anchor)
    arrivals = [
        Arrival(entry.resource, "series", "study", entry.sequence, NOON, logged=entry.date if dated else "")
        for entry in entries
        if entry.kind == "NewInstance"
    ]
    store.intake.commit(Plan(begin, cursor, arrivals))
    return cursor


@pytest.mark.parametrize("dated", [True, False])
class TestTheSameLog:
    def test_it_goes_on_at_the_cursor(self, store: Store, dated: bool) -> None:
        log = new_images(1, 50)
        cursor = read(store, log, dated=dated)
        beginning = DatabaseCheck(OrthancInMemory([*log, *new_images(51, 60)]), store.intake).begin(cursor)
        assert (beginning.cursor, beginning.is_same_log, beginning.unread) == (cursor, True, 0)

    def test_an_entry_that_went_with_its_image_says_nothing(self, store: Store, dated: bool) -> None:
        cursor = read(store, new_images(1, 50), dated=dated)
        beginning = DatabaseCheck(OrthancInMemory(new_images(51, 60)), store.intake).begin(cursor)
        assert beginning.cursor == cursor

    @pytest.mark.parametrize("new", [2, 20])
    def test_after_a_power_failure_what_came_in_since_is_read(
        self, store: Store, dated: bool, new: int
    ) -> None:
        """Orthanc's database has lost its last five entries, and gives their numbers once more."""
        log = new_images(1, 100)
        cursor = read(store, log, dated=dated)
        now = OrthancInMemory(log[:95] + new_images(96, 95 + new, "new", LATER))
        beginning = DatabaseCheck(now, store.intake).begin(cursor)
        assert (beginning.cursor.sequence, beginning.is_same_log) == (95, True)
        assert beginning.cursor.anchor == log[94].anchor
        assert beginning.cursor.version == cursor.version + 1

    def test_of_a_restored_backup_the_rest_is_read(self, store: Store, dated: bool) -> None:
        """Its last hundreds of entries are of other kinds."""
        kept = new_images(1, 100) + [Change(n, "StableStudy", "study", THAT_DAY) for n in range(101, 2000)]
        cursor = read(store, kept + new_images(2000, 2100), dated=dated)
        beginning = DatabaseCheck(OrthancInMemory(kept), store.intake).begin(cursor)
        assert (beginning.cursor.sequence, beginning.is_same_log, beginning.unread) == (100, True, 0)


def test_an_image_that_was_sent_again_after_a_power_failure_hides_no_other(store: Store) -> None:
    log = new_images(1, 100)
    cursor = read(store, log)
    again = Change(103, "NewInstance", "image-98", LATER)
    now = OrthancInMemory(log[:95] + new_images(96, 102, "new", LATER) + [again])
    beginning = DatabaseCheck(now, store.intake).begin(cursor)
    assert (beginning.cursor.sequence, beginning.is_same_log) == (95, True)


def test_even_where_all_are_sent_again_under_their_numbers(store: Store) -> None:
    log = new_images(1, 100)
    cursor = read(store, log)
    now = OrthancInMemory(log[:95] + new_images(96, 100, date=LATER) + new_images(101, 110, "new", LATER))
    assert DatabaseCheck(now, store.intake).begin(cursor).cursor.sequence == 95


@pytest.mark.parametrize("dated", [True, False])
def test_in_a_database_that_was_moved_what_is_known_is_not_read(store: Store, dated: bool) -> None:
    """It was filled anew, in another order, and more has come in since."""
    cursor = read(store, new_images(1, 100), dated=dated)
    moved = [Change(n, "NewInstance", f"image-{101 - n}", LATER) for n in range(1, 91)]
    beginning = DatabaseCheck(OrthancInMemory(moved + new_images(91, 95, "new", LATER)), store.intake).begin(
        cursor
    )
    assert (beginning.cursor.sequence, beginning.is_same_log, beginning.unread) == (90, False, 0)


@pytest.mark.parametrize("count", [50, 150])
def test_where_nothing_is_known_it_begins_at_the_end_and_counts(store: Store, count: int) -> None:
    cursor = read(store, new_images(1, 100))
    other = OrthancInMemory(
        [*new_images(1, count, "other"), Change(count + 1, "StableStudy", "study", THAT_DAY)]
    )
    beginning = DatabaseCheck(other, store.intake).begin(cursor)
    assert (beginning.cursor.sequence, beginning.is_same_log) == (count + 1, False)
    assert beginning.unread == count


def test_what_came_in_since_the_start_is_not_passed_over(store: Store) -> None:
    cursor = read(store, new_images(1, 100))
    log = OrthancInMemory(new_images(1, 40, "other"))
    at_start = log.last_change()
    log.entries += new_images(41, 45, "new")
    beginning = DatabaseCheck(log, store.intake).begin(cursor, at_start)
    assert (beginning.cursor.sequence, beginning.unread) == (40, 40)


def test_an_empty_archive_is_read_from_its_first_image(store: Store) -> None:
    cursor = read(store, new_images(1, 100))
    beginning = DatabaseCheck(OrthancInMemory([]), store.intake).begin(cursor)
    assert (beginning.cursor.sequence, beginning.unread) == (0, 0)


def test_a_log_with_large_gaps_takes_few_questions(store: Store) -> None:
    cursor = read(store, new_images(1, 10))
    log = OrthancInMemory([*new_images(1, 9), *new_images(50_000_001, 50_000_010, "new", LATER)])
    cursor = Cursor(50_000_005, cursor.version, cursor.anchor)
    assert DatabaseCheck(log, store.intake).begin(cursor).cursor.sequence == 9
    assert log.log_calls < 50


def test_a_log_without_end_is_not_looked_through_without_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_check, "_SEARCHED", 3000)
    cursor = read(store, new_images(1, 10))
    log = OrthancInMemory([*new_images(1, 9), *new_images(10, 9000, "other")])
    beginning = DatabaseCheck(log, store.intake).begin(cursor)
    assert beginning.cursor.sequence == 9000
    assert 3000 <= beginning.unread < 6000


def test_an_entry_that_has_been_planned_is_known_whatever_number_it_has_now(store: Store) -> None:
    read(store, new_images(1, 10))
    log = {entry.resource: entry for entry in [*new_images(1, 5), *new_images(6, 8, date=LATER)]}
    log["new"] = Change(9, "NewInstance", "new", THAT_DAY)
    assert planned_already(store.intake, log) == {f"image-{n}" for n in range(1, 6)}
