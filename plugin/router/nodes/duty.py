# SPDX-License-Identifier: GPL-3.0-or-later
"""Duties: work that one node of a group does for all of them."""

import time
from datetime import timedelta

from router.clock import Clock
from router.store import Store


class Duty:
    """A duty as one node sees it. Used by one thread.

    Two nodes may do the same for a moment, after one of them stood still; that must do no harm.
    """

    def __init__(self, store: Store, name: str, node: str, clock: Clock, lasts: timedelta) -> None:
        """`lasts` is how long a node that falls silent keeps the duty. Each node asks the store for it again
        after a third of that time: its owner extends the lease, the others try to take it."""
        self._store = store
        self._name = name
        self._node = node
        self._clock = clock
        self._lasts = lasts
        self._is_ours = False
        self._ask_at = 0.0

    def is_ours(self) -> bool:
        """Whether this node has the duty now; takes the duty where no node has it. Raises
        StoreUnavailable."""
        began = time.monotonic()
        if began >= self._ask_at:
            now = self._clock()
            self._is_ours = self._store.nodes.claim(self._name, self._node, now + self._lasts, now)
            self._ask_at = began + self._lasts.total_seconds() / 3
        return self._is_ours

    def give_up(self) -> None:
        """Give the duty up at once. Raises StoreUnavailable."""
        if self._is_ours:
            self._is_ours = False
            self._store.nodes.give_up(self._name, self._node)
