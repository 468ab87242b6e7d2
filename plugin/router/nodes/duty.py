# SPDX-License-Identifier: GPL-3.0-or-later
"""What one node of a group does for all of them."""

import time
from datetime import timedelta

from router.clock import Clock
from router.store import Store


class Duty:
    """A duty as one node sees it. Used by one thread.

    That two nodes do the same at once for a moment, because one of them stood still, must do no harm.
    """

    def __init__(self, store: Store, name: str, node: str, clock: Clock, lasts: timedelta) -> None:
        """`lasts` is how long it stays with a node that falls silent. Others ask for it no sooner than after
        a third of that, as often as its owner prolongs it."""
        self._store = store
        self._name = name
        self._node = node
        self._clock = clock
        self._lasts = lasts
        self._is_ours = False
        self._ask_at = 0.0

    def is_ours(self) -> bool:
        """Whether this node has it now; it takes it where nobody has. Raises StoreUnavailable."""
        began = time.monotonic()
        if began >= self._ask_at:
            now = self._clock()
            self._is_ours = self._store.nodes.claim(self._name, self._node, now + self._lasts, now)
            self._ask_at = began + self._lasts.total_seconds() / 3
        return self._is_ours

    def give_up(self) -> None:
        """Leave it to others at once. Raises StoreUnavailable."""
        if self._is_ours:
            self._is_ours = False
            self._store.nodes.give_up(self._name, self._node)
