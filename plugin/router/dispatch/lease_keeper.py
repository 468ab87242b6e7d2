# SPDX-License-Identifier: GPL-3.0-or-later
"""Prolongs the leases of deliveries that are under way, so that no other node takes these."""

import logging
import threading
from datetime import timedelta

from router.clock import Clock
from router.rounds import Rounds
from router.store import Store, StoreUnavailable

_log = logging.getLogger(__name__)

#: How long to wait before the next try where the store is away.
_STORE_PAUSE_SECONDS = 1.0


class LeaseKeeper(Rounds):
    """Prolongs all leases reported to `hold`."""

    def __init__(self, store: Store, clock: Clock, lease: timedelta) -> None:
        super().__init__("router-leases")
        self._store = store
        self._clock = clock
        self._lease = lease
        self._lock = threading.Lock()
        self._tokens: dict[str, int] = {}

    def hold(self, token: str, held: bool) -> None:
        """Count a lease as taken (`held`) or given back.

        Several deliveries may share a token; it is prolonged until all of them are given back.
        """
        with self._lock:
            count = self._tokens.get(token, 0) + (1 if held else -1)
            if count > 0:
                self._tokens[token] = count
            else:
                self._tokens.pop(token, None)

    def held(self) -> int:
        """Return how many leases are held."""
        with self._lock:
            return sum(self._tokens.values())

    def _round(self) -> float:
        with self._lock:
            tokens = list(self._tokens)
        if tokens:
            try:
                self._store.deliveries.renew(tokens, self._clock() + self._lease)
            except StoreUnavailable as error:
                _log.warning("Leases cannot be prolonged: %s", error)
                # Soon, because other nodes take deliveries whose lease has run out.
                return _STORE_PAUSE_SECONDS
        return self._lease.total_seconds() / 3
