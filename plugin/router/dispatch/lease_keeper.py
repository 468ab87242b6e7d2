# SPDX-License-Identifier: GPL-3.0-or-later
"""Prolongs the leases of deliveries that are under way, so that nobody else takes them."""

import logging
import threading
from datetime import timedelta

from router.clock import Clock
from router.rounds import Rounds
from router.store import Store, StoreUnavailable

_log = logging.getLogger(__name__)

#: How soon it is tried again where the store is away.
_STORE_PAUSE_SECONDS = 1.0


class LeaseKeeper(Rounds):
    """Prolongs all leases that it was told of."""

    def __init__(self, store: Store, clock: Clock, lease: timedelta) -> None:
        super().__init__("router-leases")
        self._store = store
        self._clock = clock
        self._lease = lease
        self._lock = threading.Lock()
        self._tokens: dict[str, int] = {}

    def hold(self, token: str, held: bool) -> None:
        """Several deliveries may share a token; it is prolonged until all of them are given back."""
        with self._lock:
            count = self._tokens.get(token, 0) + (1 if held else -1)
            if count > 0:
                self._tokens[token] = count
            else:
                self._tokens.pop(token, None)

    def held(self) -> int:
        """How many leases are held."""
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
                # As soon as the store is back: others take what has run out.
                return _STORE_PAUSE_SECONDS
        return self._lease.total_seconds() / 3
