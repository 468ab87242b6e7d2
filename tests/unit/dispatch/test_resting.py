"""Workers of a lane that rest: one of them looks, the others are woken."""

import threading
import time
from datetime import timedelta

from router.dispatch.resting import Resting
from servers.waiting import wait_until

SOON, LATE = timedelta(milliseconds=50), timedelta(seconds=600)


class Worker:
    """A thread that rests once, and says how it ended."""

    def __init__(self, resting: Resting, wait: timedelta) -> None:
        self.looks: bool | None = None
        self._resting = resting
        self._wait = wait
        self._thread = threading.Thread(target=self._rest, args=(resting.news,))
        self._thread.start()

    def _rest(self, seen: int) -> None:
        self.looks = self._resting.rest(seen, self._wait)

    @property
    def rests(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> bool | None:
        self._thread.join(5)
        assert not self._thread.is_alive()
        return self.looks


def test_one_looks_while_the_others_rest_until_they_are_woken() -> None:
    resting = Resting()
    first = Worker(resting, SOON)
    others = [Worker(resting, LATE), Worker(resting, LATE)]
    assert first.join() is True
    assert all(other.rests for other in others)
    resting.wake()
    assert [other.join() for other in others] == [False, False]


def test_who_must_look_earlier_than_the_one_that_looks_does() -> None:
    resting = Resting()
    late = Worker(resting, LATE)
    wait_until(lambda: resting._look_at > time.monotonic() and resting._look_at < time.monotonic() + 601)
    assert Worker(resting, SOON).join() is True
    assert late.rests
    resting.stop()
    assert late.join() is False


def test_after_the_one_that_looked_another_does() -> None:
    resting = Resting()
    assert Worker(resting, SOON).join() is True
    assert Worker(resting, SOON).join() is True


def test_news_from_before_the_rest_are_not_slept_through() -> None:
    resting = Resting()
    seen = resting.news
    resting.wake()
    assert resting.rest(seen, LATE) is False


def test_a_pause_ends_with_the_end_only() -> None:
    resting = Resting()
    resting.wake()
    assert resting.pause(0.01) is False
    resting.stop()
    assert resting.pause(600) is True
    assert resting.stopping
