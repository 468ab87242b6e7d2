# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends over several connections at once, as many as make it faster.

Where a destination is far away, each answer takes a round trip; several connections wait at the same time.
More are opened while items are left and the last ones have raised the throughput. A destination that accepts
no more connections has not failed: the rest goes over those that it accepts, and their number is remembered
for a while.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

#: A destination is near where an item takes no longer than this, plus its size at this rate. Then more
#: connections would only compete for processor time.
_NEAR_SECONDS: Final = 0.01
_NEAR_BYTES_A_SECOND: Final = 40_000_000
#: How many items each connection must have sent before their throughput is judged.
_JUDGED_AFTER: Final = 3
#: By which factor throughput must have grown to open more connections.
_GAIN: Final = 1.2
#: Bytes added to each item's own, so that items of different size can be compared.
_BYTES_EACH: Final = 16_384
#: The most bytes in memory at once, over all connections. One item is always allowed.
_MOST_BYTES: Final = 64_000_000
#: How long the router remembers how many connections a destination accepts, and that it is near.
_REMEMBERED_SECONDS: Final = 600.0


class Spreading:
    """What is known of a destination from earlier sendings. May be used by several threads at once."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`most`: connections at once; with 1, nothing is spread."""
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
        """How many of the accepted connections gave the highest throughput."""
        with self._lock:
            return min(self._best, self._limit())

    @property
    def limit(self) -> int:
        """How many connections the destination accepts, as far as known."""
        with self._lock:
            return self._limit()

    def is_near(self) -> None:
        """Note that answers come so quickly that one connection is enough."""
        with self._lock:
            self._near_until = self.clock() + _REMEMBERED_SECONDS

    def may_be_far(self) -> None:
        """Note that something took longer than it would nearby."""
        with self._lock:
            self._near_until = 0.0

    def brought(self, connections: int) -> None:
        """Note that so many connections gave the highest throughput."""
        with self._lock:
            self._best = connections

    def bears(self, connections: int) -> None:
        """Note that the destination accepts only so many: it refused or ended one more."""
        with self._lock:
            self._borne = max(1, connections)
            self._borne_until = self.clock() + _REMEMBERED_SECONDS

    def _limit(self) -> int:
        return self.most if self.clock() >= self._borne_until else min(self._borne, self.most)


class Spread(Generic[Item]):
    """One sending over several connections: hands out the items, and opens connections.

    `connection` sends over one connection in the thread that calls it. It takes items with `take` until there
    is none, and reports each with `done`, or a refused connection with `not_borne`.
    """

    def __init__(
        self,
        spreading: Spreading,
        items: Sequence[Item],
        connection: Callable[["Spread[Item]"], None],
        *,
        ends_when_near: bool = False,
    ) -> None:
        """`ends_when_near`: leave the rest, where one connection is enough, to what sends it more quickly."""
        self._ends_when_near = ends_when_near
        self._spreading = spreading
        self._connection = connection
        self._lock = threading.Lock()
        self._left = deque(items)
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        self._running = 0
        #: The threads of connections that are not counted any more.
        self._ended: set[int] = set()
        #: How many connections are to continue.
        self._wanted = spreading.most
        self._stopped = False
        #: Whether one connection is enough, because answers come quickly.
        self.is_near = False
        self._settled = False
        self._rate = 0.0
        self._count = self._bytes = 0
        self._largest = 0
        #: Items not to be counted yet: they are sent while connections are being opened.
        self._warming = 0
        #: When counting began.
        self._began = 0.0

    def run(self) -> list[Item]:
        """Send all items; return those not taken. Raises the error of a connection."""
        with self._lock:
            self._grow_to(max(1, min(self._spreading.best, len(self._left) // _JUDGED_AFTER)))
        while True:
            with self._lock:
                if not self._threads and self._left and not self._stopped:
                    # A refused connection gave its item back after the others had ended.
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
        """Return the next item; None where this connection must end."""
        with self._lock:
            if self._stopped or not self._left:
                return None
            if self._running > min(self._wanted, self._allowed()):
                self._end()
                return None
            return self._left.popleft()

    def done(self, size: int) -> None:
        """Report that an item of so many bytes was sent, or could not be."""
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
        """Give back an item because its connection was refused or ended. Return False where it was the only
        connection; otherwise the caller must end."""
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
        """Report that a connection ended while an item was sent. Return False where it was the only one."""
        with self._lock:
            if self._running <= 1:
                return False
            self._end()
            self._settled = True
            self._spreading.bears(self._running)
            return True

    def stop(self) -> None:
        """Hand out no more items."""
        with self._lock:
            self._stopped = True

    def _end(self) -> None:
        """Stop counting the caller's connection."""
        self._running -= 1
        self._ended.add(threading.get_ident())

    def _judge(self) -> None:
        elapsed = max(self._spreading.clock() - self._began, 1e-6)
        rate = self._bytes / elapsed
        running = self._running
        if running == 1 and elapsed < self._count * _NEAR_SECONDS + self._bytes / _NEAR_BYTES_A_SECOND:
            self.is_near = self._settled = True
            self._stopped = self._ends_when_near
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
        """Return how many connections memory allows."""
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
