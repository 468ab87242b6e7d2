"""Forgets what has been finished for longer than it is to be kept."""

import logging
import threading
from datetime import timedelta

from router.clock import Clock
from router.store import Store, StoreUnavailable

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 3600.0


class Housekeeping:
    """One thread that lets finished deliveries and the ledger of arrivals expire."""

    def __init__(self, store: Store, clock: Clock, retention: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._retention = retention
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="router-housekeeping", daemon=True)

    def start(self) -> None:
        """Begin: once now, then every hour."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the round under way."""
        self._stop.set()
        self._thread.join(2.0)

    def _work(self) -> None:
        while not self._stop.is_set():
            before = self._clock() - self._retention
            try:
                deliveries = self._store.deliveries.expire(before)
                arrivals = self._store.intake.expire(before)
            except StoreUnavailable as error:
                _log.warning("What has expired cannot be forgotten now: %s", error)
            else:
                if deliveries or arrivals:
                    _log.info("Forgotten: %d deliveries, %d arrivals", deliveries, arrivals)
            self._stop.wait(_EVERY_SECONDS)
