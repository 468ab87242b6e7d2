"""Prolongs the leases of deliveries that are under way, so that nobody else takes them."""

import logging
import threading
from datetime import timedelta

from router.clock import Clock
from router.store import Store, StoreUnavailable

_log = logging.getLogger(__name__)


class LeaseKeeper:
    """One thread that prolongs all leases that it was told of."""

    def __init__(self, store: Store, clock: Clock, lease: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._lease = lease
        self._lock = threading.Lock()
        self._tokens: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="router-leases", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is still held is not prolonged any more."""
        self._stop.set()

    def join(self, seconds: float) -> bool:
        """Wait for the end; False where it has not come after `seconds`."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

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

    def _work(self) -> None:
        while not self._stop.wait(self._lease.total_seconds() / 3):
            with self._lock:
                tokens = list(self._tokens)
            if not tokens:
                continue
            try:
                self._store.deliveries.renew(tokens, self._clock() + self._lease)
            except StoreUnavailable as error:
                _log.warning("Leases cannot be prolonged: %s", error)
