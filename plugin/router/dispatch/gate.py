# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate of a lane: whether a worker may make an attempt now, on a single node or in a group of nodes."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from router.clock import Clock
from router.dispatch.breaker import Breaker, BreakerState
from router.documents.lane import LaneState
from router.store import Lanes, StoreUnavailable

#: A node that stops answering loses its slots after this.
SLOT_LEASE = timedelta(seconds=15)
#: How long a node may go on while other nodes wait for its slots.
_TURN = timedelta(seconds=2)
#: How often a worker that waits for a slot asks again.
_ASK_AGAIN = timedelta(milliseconds=250)
_SOON = timedelta(milliseconds=10)


class Gate(Protocol):
    """A worker passes the gate before each attempt. May be used from any thread."""

    @property
    def state(self) -> BreakerState:
        """The breaker's state, for people."""
        ...

    @property
    def failures(self) -> int:
        """The number of failures in a row."""
        ...

    @property
    def closed_again_at(self) -> datetime | None:
        """The time from which the next probe is allowed; None while the breaker is closed."""
        ...

    @property
    def is_at_hand(self) -> bool:
        """Whether `enter` can give a slot without asking other nodes."""
        ...

    def enter(self, now: datetime) -> bool:
        """Return whether the caller may try now. If so, it must call `succeeded`, `failed` or `leave`."""
        ...

    def wait(self, now: datetime) -> timedelta:
        """Return how long to wait before the next call of `enter`."""
        ...

    def leave(self) -> None:
        """Note that nothing was tried after all."""
        ...

    def succeeded(self) -> bool:
        """Note that the destination took something. Return whether it was down until now."""
        ...

    def failed(self, now: datetime, wait: timedelta) -> None:
        """Note that the destination could not be reached. No worker may try before `wait` has passed."""
        ...

    def reset(self) -> None:
        """Let the next worker try at once."""
        ...


class _WithBreaker:
    """The part of a gate that reports its breaker."""

    def __init__(self) -> None:
        self._breaker = Breaker()

    @property
    def state(self) -> BreakerState:
        """The breaker's state, for people."""
        return self._breaker.state

    @property
    def failures(self) -> int:
        """The number of failures in a row."""
        return self._breaker.failures

    @property
    def closed_again_at(self) -> datetime | None:
        """The time from which the next probe is allowed; None while the breaker is closed."""
        return self._breaker.closed_again_at


class OwnGate(_WithBreaker):
    """The gate of a node that has a store of its own.

    It outlives the lanes of a destination, one for each revision. The workers of these lanes share its slots.
    """

    def __init__(self, slots: int | None = None) -> None:
        """`slots`: how many workers may be inside at once; None: any number."""
        super().__init__()
        self._slots = slots
        self._lock = threading.Lock()
        self._inside: set[int] = set()

    def become(self, slots: int) -> None:
        """Let so many workers in from now on, and the next one at once: the destination was changed."""
        with self._lock:
            self._slots = slots
        self._breaker.reset()

    @property
    def is_at_hand(self) -> bool:
        """Whether `enter` can give a slot without asking other nodes: always."""
        return True

    def enter(self, now: datetime) -> bool:
        """Return whether the caller may try now. If so, it must call `succeeded`, `failed` or `leave`."""
        with self._lock:
            if self._slots is not None and len(self._inside) >= self._slots:
                return False
            if not self._breaker.enter(now):
                return False
            self._inside.add(threading.get_ident())
            return True

    def wait(self, now: datetime) -> timedelta:
        """Return how long to wait before the next call of `enter`."""
        with self._lock:
            is_full = self._slots is not None and len(self._inside) >= self._slots
        return max(_ASK_AGAIN if is_full else _SOON, self._breaker.wait(now))

    def leave(self) -> None:
        """Note that nothing was tried after all."""
        self._end()
        self._breaker.leave()

    def succeeded(self) -> bool:
        """Note that the destination took something. Return whether it was down until now."""
        self._end()
        return self._breaker.succeeded()

    def failed(self, now: datetime, wait: timedelta) -> None:
        """Note that the destination could not be reached. No worker may try before `wait` has passed."""
        self._end()
        self._breaker.failed(now, wait)

    def reset(self) -> None:
        """Let the next worker try at once."""
        self._breaker.reset()

    def _end(self) -> None:
        with self._lock:
            self._inside.discard(threading.get_ident())


class SharedGate(_WithBreaker):
    """The gate of one node of a group.

    The nodes agree by one document (`LaneState`), changed by compare-and-set. Most attempts do not touch it:
    a node keeps its slots while it uses them and no other node waits for them. `keep`, called every second,
    takes over the breaker's state. So each node may try a destination that has just failed for a second;
    only one node of the group probes a destination that is down.
    """

    def __init__(self, lanes: Lanes, lane: str, holder: str, slots: int, clock: Clock) -> None:
        """`holder` identifies this gate alone in the document; `slots` are those of the whole group."""
        super().__init__()
        self._lanes = lanes
        self._lane = lane
        self._holder = holder
        self._slots = slots
        self._clock = clock
        self._lock = threading.Lock()
        #: The threads that have entered, and their largest number since the last call of `keep`.
        self._inside: set[int] = set()
        self._most_inside = 0
        self._held = 0
        self._held_since = self._held_until = self._changed_at = datetime.min.replace(tzinfo=UTC)
        self._gives_way = False

    @property
    def is_at_hand(self) -> bool:
        """Whether this node has a free slot."""
        with self._lock:
            return len(self._inside) < self._held

    def enter(self, now: datetime) -> bool:
        """Return whether the caller may try now. Raises StoreUnavailable."""
        if not self._breaker.enter(now):
            return False
        try:
            may = (self._breaker.state == BreakerState.CLOSED or self._may_probe(now)) and self._has_slot(now)
        except StoreUnavailable:
            self._breaker.leave()
            raise
        if not may:
            self._breaker.leave()
        return may

    def wait(self, now: datetime) -> timedelta:
        """Return how long to wait before the next call of `enter`."""
        return max(_ASK_AGAIN, self._breaker.wait(now))

    def leave(self) -> None:
        """Note that nothing was tried after all."""
        self._breaker.leave()
        self._end()

    def succeeded(self) -> bool:
        """Note that the destination took something. Return whether it was down until now."""
        was_down = self._breaker.succeeded()
        self._end()
        if was_down:
            self._tell()
        return was_down

    def failed(self, now: datetime, wait: timedelta) -> None:
        """Note that the destination could not be reached. No worker may try before `wait` has passed."""
        self._breaker.failed(now, wait)
        self._end()
        self._tell()

    def reset(self) -> None:
        """Let the next worker try at once."""
        self._breaker.reset()
        self._tell()

    def keep(self, state: LaneState, asked_at: datetime) -> None:
        """Take over `state`, which the group had at `asked_at`. Prolong slots in use; give back the others.

        Raises StoreUnavailable.
        """
        if self._changed_at < asked_at:
            self._breaker.adopt(state.failures, state.closed_again_at)
        now = self._clock()
        with self._lock:
            used, self._most_inside = self._most_inside, len(self._inside)
            wanted = state.is_wanted_by_others(self._holder, now)
            self._gives_way = wanted and now - self._held_since > _TURN
            if not self._held or (used == self._held and self._held_until - now > SLOT_LEASE / 2):
                return
            self._held = used
        self._have_slots(used, now)

    def close(self) -> None:
        """Give all slots back. Raises StoreUnavailable."""
        with self._lock:
            self._held = 0
        self._have_slots(0, self._clock())

    def _may_probe(self, now: datetime) -> bool:
        """Whether this node, of all in the group, may probe the destination now."""
        lasts = now + SLOT_LEASE
        state = self._change(lambda state: state.probed_by(self._holder, now, lasts))
        if state is None:
            known, _ = self._lanes.get(self._lane)
            self._breaker.adopt(known.failures, known.closed_again_at)
        return state is not None

    def _has_slot(self, now: datetime) -> bool:
        """Whether this thread gets a slot. Where it does not, the node registers its wish for one."""
        with self._lock:
            if len(self._inside) < self._held and now < self._held_until and not self._gives_way:
                self._come_in()
                return True
            had = self._held if now < self._held_until else 0
        until = now + SLOT_LEASE
        state = self._change(
            lambda state: (
                state.with_slot_more(self._holder, self._slots, now, until)
                or state.with_wish(self._holder, now)
            )
        )
        assert state is not None, "it can always line up"
        with self._lock:
            self._held = state.slots_of(self._holder, now)
            if self._held > had:
                self._held_until = until
                self._held_since = now
                self._gives_way = False
            if len(self._inside) >= self._held:
                return False
            self._come_in()
            return True

    def _come_in(self) -> None:
        self._inside.add(threading.get_ident())
        self._most_inside = max(self._most_inside, len(self._inside))

    def _end(self) -> None:
        with self._lock:
            self._inside.discard(threading.get_ident())
            if not self._gives_way or self._held <= len(self._inside):
                return
            self._held = used = len(self._inside)
        self._have_slots(used, self._clock())

    def _have_slots(self, slots: int, now: datetime) -> None:
        until = now + SLOT_LEASE
        self._change(lambda state: state.with_slots(self._holder, slots, now, until))
        with self._lock:
            self._held_until = until

    def _tell(self) -> None:
        """Write the breaker's state for the group."""
        self._changed_at = self._clock()
        failures, closed_again_at = self._breaker.failures, self._breaker.closed_again_at
        self._change(lambda state: state.with_breaker(failures, closed_again_at))

    def _change(self, step: Callable[[LaneState], LaneState | None]) -> LaneState | None:
        """Store and return the state after `step`. `step` returns None to change nothing; so does this."""
        while True:
            state, version = self._lanes.get(self._lane)
            after = step(state)
            if after is None or after == state or self._lanes.put(self._lane, after, version):
                return after
