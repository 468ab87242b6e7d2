# SPDX-License-Identifier: GPL-3.0-or-later
"""Spreads what is sent over several connections, as many as bring something.

Where a destination is far away, each answer takes a round trip, and several connections wait at the same
time. More are opened while there is something left and the last ones have brought more throughput. A
destination that does not bear one more is not failing: the rest goes over those that it bears, and that
number is remembered for a while.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

#: An item that takes no longer than this, and than its size at this rate, is sent to somewhere near: more
#: connections would only take processor time from each other.
_NEAR_SECONDS: Final = 0.01
_NEAR_BYTES_A_SECOND: Final = 40_000_000
#: How many items each connection must have sent before it is judged what they bring together.
_JUDGED_AFTER: Final = 3
#: By how much throughput must have grown for another step.
_GAIN: Final = 1.2
#: What an item costs beside its own bytes, for comparing those of different size.
_BYTES_EACH: Final = 16_384
#: Bytes that may be in memory at once, over all connections; one item may always be.
_MOST_BYTES: Final = 64_000_000
#: How long it is remembered what a destination bears, and that it is near.
_REMEMBERED_SECONDS: Final = 600.0


class Spreading:
    """What is known of a destination from one sending to the next. May be used by several threads at once."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`most` connections at once; 1 spreads nothing."""
        self.most = most
        self.clock = clock
        self._lock = threading.Lock()
        self._best = 1
        self._borne = most
        self._borne_until = self._near_until = 0.0

    @property
    def is_worth_it(self) -> bool:
        """Whether several connections may be used, and the destination is not known to be near."""
        with self._lock:
            return self.most > 1 and self.clock() >= self._near_until

    @property
    def best(self) -> int:
        """How many connections have brought most, of those that are borne."""
        with self._lock:
            return min(self._best, self._limit())

    @property
    def limit(self) -> int:
        """How many connections the destination bears, for all that is known."""
        with self._lock:
            return self._limit()

    def is_near(self) -> None:
        """The answers come so quickly that one connection is enough."""
        with self._lock:
            self._near_until = self.clock() + _REMEMBERED_SECONDS

    def may_be_far(self) -> None:
        """Something has taken longer than it does nearby."""
        with self._lock:
            self._near_until = 0.0

    def brought(self, connections: int) -> None:
        """So many connections have brought most."""
        with self._lock:
            self._best = connections

    def bears(self, connections: int) -> None:
        """The destination has refused or ended the connection after so many."""
        with self._lock:
            self._borne = max(1, connections)
            self._borne_until = self.clock() + _REMEMBERED_SECONDS

    def _limit(self) -> int:
        return self.most if self.clock() >= self._borne_until else min(self._borne, self.most)


class Spread(Generic[Item]):
    """One sending over several connections: gives out what is to be sent, and opens connections.

    `connection` sends over one connection in the calling thread: it takes items with `take` until there is
    none, and tells of each with `done`, or of a connection that is not to be had with `not_borne`.
    """

    def __init__(
        self, spreading: Spreading, items: Sequence[Item], connection: Callable[["Spread[Item]"], None]
    ) -> None:
        self._spreading = spreading
        self._connection = connection
        self._lock = threading.Lock()
        self._left = deque(items)
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        self._running = 0
        #: The threads of connections that count no more.
        self._ended: set[int] = set()
        #: How many are to go on.
        self._wanted = spreading.most
        self._stopped = False
        #: Whether one connection is enough, as answers come quickly.
        self.is_near = False
        self._settled = False
        self._rate = 0.0
        self._count = self._bytes = 0
        self._largest = 0
        #: Items that do not count yet: with them goes the time in which connections are opened.
        self._warming = 0
        #: When what is counted has begun.
        self._began = 0.0

    def run(self) -> list[Item]:
        """Send all; returns what was not taken. Raises what a connection has raised."""
        with self._lock:
            self._grow_to(max(1, min(self._spreading.best, len(self._left) // _JUDGED_AFTER)))
        while True:
            with self._lock:
                if not self._threads and self._left and not self._stopped:
                    # Given back by a connection that was not borne, when the others had ended.
                    self._grow_to(1)
                threads, self._threads = self._threads, []
            if not threads:
                break
            for thread in threads:
                thread.join()
        if self._errors:
            raise self._errors[0]
        return list(self._left)

    def take(self) -> Item | None:
        """The next item; None where this connection is to end."""
        with self._lock:
            if self._stopped or not self._left:
                return None
            if self._running > min(self._wanted, self._allowed()):
                self._end()
                return None
            return self._left.popleft()

    def done(self, size: int) -> None:
        """An item of so many bytes has been sent, or has turned out not to be."""
        with self._lock:
            self._largest = max(self._largest, size)
            if self._warming:
                self._warming -= 1
                self._began = self._spreading.clock()
                return
            self._count += 1
            self._bytes += size + _BYTES_EACH
            if not self._settled and self._count >= _JUDGED_AFTER * self._running:
                self._judge()

    def not_borne(self, item: Item) -> bool:
        """No further connection was to be had for this item, or one was ended: False where it was the only
        one. The caller's connection then ends."""
        with self._lock:
            if self._running <= 1:
                return False
            self._left.appendleft(item)
            self._end()
            self._settled = True
            self._spreading.bears(self._running)
            self._spreading.brought(self._running)
            return True

    def lost(self) -> bool:
        """A connection has ended while something was sent over it: False where it was the only one."""
        with self._lock:
            if self._running <= 1:
                return False
            self._end()
            self._settled = True
            self._spreading.bears(self._running)
            return True

    def stop(self) -> None:
        """Nothing more is to be taken."""
        with self._lock:
            self._stopped = True

    def _end(self) -> None:
        """The caller's connection ends, and counts no more."""
        self._running -= 1
        self._ended.add(threading.get_ident())

    def _judge(self) -> None:
        elapsed = max(self._spreading.clock() - self._began, 1e-6)
        rate = self._bytes / elapsed
        running = self._running
        if running == 1 and elapsed < self._count * _NEAR_SECONDS + self._bytes / _NEAR_BYTES_A_SECOND:
            self.is_near = self._stopped = self._settled = True
            self._spreading.is_near()
            return
        if rate < self._rate * _GAIN:
            self._settled = True
            if rate < self._rate:
                self._wanted = max(1, running // 2)
                self._spreading.brought(self._wanted)
            return
        self._rate = rate
        self._spreading.brought(running)
        self._grow_to(min(2 * running, running + len(self._left) // _JUDGED_AFTER))
        if self._running == running:
            self._settled = True
        self._count = self._bytes = 0

    def _allowed(self) -> int:
        """How many connections may go on: none more than memory allows."""
        return max(1, _MOST_BYTES // max(self._largest, 1))

    def _grow_to(self, connections: int) -> None:
        connections = min(connections, self._spreading.limit, self._allowed())
        if self._running < connections:
            self._warming = connections
        while self._running < connections:
            self._running += 1
            name = f"router-connection-{self._running}"
            thread = threading.Thread(target=self._run_one, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run_one(self) -> None:
        try:
            self._connection(self)
        except BaseException as error:  # noqa: BLE001 - raised by `run`, in the thread that waits for it
            with self._lock:
                self._errors.append(error)
                self._stopped = True
        finally:
            with self._lock:
                if threading.get_ident() not in self._ended:
                    self._end()
                self._ended.discard(threading.get_ident())
