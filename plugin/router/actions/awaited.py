# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries that wait for the end of others, and are woken by it."""

import threading
from collections import OrderedDict, defaultdict

#: How many ends are remembered: far more than happen while one delivery looks at others.
_ENDS_KEPT = 10_000


class Awaited:
    """The deliveries of this node that wait for another one. May be used from any thread.

    A delivery first calls `look`, then looks at the others, then calls `wait` with the delivery it waits for.
    An end in between is not missed. An end wakes only the deliveries that wait for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: The waiting deliveries by the delivery they wait for, and the reverse.
        self._waiting: defaultdict[str, set[str]] = defaultdict(set)
        self._waits_for: dict[str, str] = {}
        #: By delivery, the number of ends before it began to look.
        self._looks_since: dict[str, int] = {}
        #: The newest ends, each with its number.
        self._ends: OrderedDict[str, int] = OrderedDict()
        self._count = 0
        #: Deliveries for which the end that they wait for has come; see `has_passed`.
        self._passed: set[str] = set()

    def look(self, delivery: str) -> None:
        """Note that a delivery begins to look at others."""
        with self._lock:
            self._forget(delivery)
            self._looks_since[delivery] = self._count

    def wait(self, delivery: str, other: str) -> None:
        """Note that a delivery, having looked, waits for the end of another one."""
        with self._lock:
            since = self._looks_since.pop(delivery, self._count)
            if self._ends.get(other, -1) >= since or self._count - since > _ENDS_KEPT:
                self._passed.add(delivery)
            else:
                self._waits_for[delivery] = other
                self._waiting[other].add(delivery)

    def ended(self, other: str) -> list[str]:
        """Note the end of a delivery. Return the deliveries that waited for it: they must look again."""
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
        """Whether the delivery that this one waits for has ended meanwhile. True only once for each end."""
        with self._lock:
            passed = delivery in self._passed
            self._passed.discard(delivery)
            return passed

    def forget(self, delivery: str) -> None:
        """Note that a delivery does not wait any more."""
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
