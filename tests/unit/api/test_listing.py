# SPDX-License-Identifier: GPL-3.0-or-later
"""How many a list has is not counted each time somebody looks, where counting takes long."""

from router.api.listing import Totals


class Store:
    """Has so many numbers, and takes so many seconds to count them."""

    def __init__(self, count: int, seconds: float) -> None:
        self.count = count
        self.seconds = seconds
        self.now = 0.0
        self.counted = 0

    def find(
        self,
        _wanted: str,
        limit: int,
        offset: int,
        total: int | None,
    ) -> tuple[list[int], int]:
        if total is None:
            self.counted += 1
            self.now += self.seconds
            total = self.count
        return list(range(self.count))[offset : offset + limit], total


def totals_of(store: Store) -> Totals[str]:
    return Totals[str](lambda: store.now)


def test_what_takes_long_is_counted_again_after_a_multiple_of_that() -> None:
    store = Store(1000, seconds=0.5)
    totals = totals_of(store)
    for _ in range(10):
        assert totals.page(store.find, "all", 10, 0)[1] == 1000
    assert store.counted == 1
    store.count = 2000
    assert totals.page(store.find, "all", 10, 0)[1] == 1000
    store.now += 25
    assert totals.page(store.find, "all", 10, 0)[1] == 2000


def test_no_total_is_older_than_a_minute() -> None:
    store = Store(1000, seconds=60)
    totals = totals_of(store)
    totals.page(store.find, "all", 10, 0)
    store.now += 60
    totals.page(store.find, "all", 10, 0)
    assert store.counted == 2


def test_what_is_quick_is_counted_each_time() -> None:
    store = Store(1000, seconds=0)
    totals = totals_of(store)
    for count in (1000, 1001, 5000):
        store.count = count
        assert totals.page(store.find, "all", 10, 0)[1] == count


def test_filters_have_totals_of_their_own() -> None:
    store = Store(1000, seconds=1)
    totals = totals_of(store)
    totals.page(store.find, "all", 10, 0)
    totals.page(store.find, "failed", 10, 0)
    assert store.counted == 2


def test_a_page_that_is_not_full_tells_the_total_itself() -> None:
    store = Store(1000, seconds=1)
    totals = totals_of(store)
    totals.page(store.find, "all", 10, 0)
    store.count = 7
    assert totals.page(store.find, "all", 10, 0) == ([0, 1, 2, 3, 4, 5, 6], 7)
    store.count = 1003
    assert totals.page(store.find, "all", 10, 1000)[1] == 1003
