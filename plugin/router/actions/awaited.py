"""Which deliveries wait for what becomes of others, so that they can be woken when it is known."""

import threading
from collections import OrderedDict, defaultdict

#: Ends that are remembered: far more than come while one delivery looks.
_ENDS_KEPT = 10_000


class Awaited:
    """The deliveries of this node that wait for another one. May be used from any thread.

    A delivery says first that it looks, then looks, and says last which one it waits for: what ends in
    between is not missed. The end of a delivery wakes those that wait for that one, and no others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: The waiting deliveries by the one that they wait for, and the other way round.
        self._waiting: defaultdict[str, set[str]] = defaultdict(set)
        self._waits_for: dict[str, str] = {}
        #: How many ends there had been when a delivery began to look.
        self._looks_since: dict[str, int] = {}
        #: The newest ends, each with its number.
        self._ends: OrderedDict[str, int] = OrderedDict()
        self._count = 0
        self._passed: set[str] = set()

    def look(self, delivery: str) -> None:
        """A delivery is about to look how others stand."""
        with self._lock:
            self._forget(delivery)
            self._looks_since[delivery] = self._count

    def wait(self, delivery: str, other: str) -> None:
        """A delivery waits for what becomes of another, having looked."""
        with self._lock:
            since = self._looks_since.pop(delivery, self._count)
            if self._ends.get(other, -1) >= since or self._count - since > _ENDS_KEPT:
                self._passed.add(delivery)
            else:
                self._waits_for[delivery] = other
                self._waiting[other].add(delivery)

    def ended(self, other: str) -> list[str]:
        """It is known what becomes of a delivery: which ones are to look again."""
        with self._lock:
            self._ends[other] = self._count
            self._ends.move_to_end(other)
            self._count += 1
            if len(self._ends) > _ENDS_KEPT:
                self._ends.popitem(last=False)
            waiting = sorted(self._waiting.pop(other, ()))
            for delivery in waiting:
                del self._waits_for[delivery]
            self._passed.update(waiting)
            return waiting

    def has_passed(self, delivery: str) -> bool:
        """Whether what a delivery waits for has ended since it began to look; told once."""
        with self._lock:
            passed = delivery in self._passed
            self._passed.discard(delivery)
            return passed

    def forget(self, delivery: str) -> None:
        """A delivery does not wait any more."""
        with self._lock:
            self._forget(delivery)

    def _forget(self, delivery: str) -> None:
        self._looks_since.pop(delivery, None)
        self._passed.discard(delivery)
        other = self._waits_for.pop(delivery, None)
        if other is not None:
            self._waiting[other].discard(delivery)
            if not self._waiting[other]:
                del self._waiting[other]
