# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers of a lane that rest: one of them looks, and news call one after the other."""

import threading
from datetime import timedelta

from router.dispatch.resting import Resting
from servers.waiting import wait_until

SOON, LATE = timedelta(milliseconds=50), timedelta(seconds=600)


class Worker:
    """A thread that rests once."""

    def __init__(self, resting: Resting, wait: timedelta) -> None:
        self._resting = resting
        self._wait = wait
        self._thread = threading.Thread(target=self._rest, args=(resting.news,), daemon=True)
        self._thread.start()

    def _rest(self, seen: int) -> None:
        self._resting.rest(seen, self._wait)

    @property
    def rests(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> None:
        self._thread.join(5)
        assert not self._thread.is_alive()


def resting_workers(resting: Resting, count: int) -> list[Worker]:
    """So many that rest."""
    workers = [Worker(resting, LATE) for _ in range(count)]
    wait_until(lambda: len(resting._condition._waiters) == count)  # type: ignore[attr-defined]
    return workers


def test_one_looks_while_the_others_rest_until_they_are_woken() -> None:
    resting = Resting()
    first = Worker(resting, SOON)
    wait_until(lambda: len(resting._condition._waiters) == 1)  # type: ignore[attr-defined]
    others = [Worker(resting, LATE), Worker(resting, LATE)]
    first.join()
    assert all(other.rests for other in others)
    resting.stop()
    for other in others:
        other.join()


def test_news_call_one_after_the_other() -> None:
    resting = Resting()
    workers = resting_workers(resting, 3)
    for resting_still in (2, 1, 0):
        resting.wake()
        wait_until(lambda count=resting_still: sum(one.rests for one in workers) == count)  # type: ignore[misc]
    assert not any(one.rests for one in workers)


def test_who_must_look_earlier_than_the_one_that_looks_does() -> None:
    resting = Resting()
    [late] = resting_workers(resting, 1)
    Worker(resting, SOON).join()
    assert late.rests
    resting.stop()
    late.join()


def test_after_the_one_that_looked_another_does() -> None:
    resting = Resting()
    Worker(resting, SOON).join()
    Worker(resting, SOON).join()


def test_news_from_before_the_rest_are_not_slept_through() -> None:
    resting = Resting()
    seen = resting.news
    resting.wake()
    resting.rest(seen, LATE)


def test_a_pause_ends_with_the_end_only() -> None:
    resting = Resting()
    resting.wake()
    assert resting.pause(0.01) is False
    resting.stop()
    assert resting.pause(600) is True
    assert resting.stopping
