"""Brings what has been done into the audit trail, and lets the oldest of it expire."""

import logging
import threading
from datetime import datetime, timedelta

from router.audit.audit import Audit
from router.clock import Clock
from router.nodes import Duty
from router.store import Store, StoreUnavailable
from router.version import VERSION

_log = logging.getLogger(__name__)

#: How often to look for what has been put down. It is safe where it lies, so that there is no hurry.
_LOOK_SECONDS = 1.0
_EXPIRE_EVERY = timedelta(hours=1)
#: How long a node that falls silent keeps the others from settling.
AUDITING_LASTS = timedelta(seconds=9)


class Auditor:
    """One thread that settles the trail. Where several nodes share a store, one of them does: all add to one
    chain, where many would only be in each other's way."""

    def __init__(
        self, store: Store, audit: Audit, clock: Clock, retention: timedelta, of_group: Duty
    ) -> None:
        self._of_group = of_group
        self._store = store
        self._audit = audit
        self._clock = clock
        self._retention = retention
        self._started = False
        self._works = False
        self._expire_at: datetime | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="router-auditor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what cannot be settled any more is for the next start, or for another node."""
        self._stop.set()
        self._thread.join(2.0)
        # Where the thread still waits for the store, that is away, and would be waited for once more.
        if self._works and not self._thread.is_alive():
            try:
                self._audit.record("router.stopped", detail=VERSION)
                self._of_group.give_up()
            except StoreUnavailable as error:
                _log.warning("That the router stops is not in the audit trail: %s", error)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
                self._works = True
            except StoreUnavailable as error:
                if self._works or not self._started:
                    _log.warning("The audit trail cannot be written now: %s", error)
                self._works = False
            self._stop.wait(_LOOK_SECONDS)

    def _turn(self) -> None:
        if not self._started:
            self._audit.record("router.started", detail=VERSION)
            self._started = True
        if not self._of_group.is_ours():
            return
        while not self._stop.is_set() and self._audit.settle():
            self._of_group.is_ours()
        now = self._clock()
        if self._expire_at is None or now >= self._expire_at:
            expired = self._store.audit.expire(now - self._retention)
            self._expire_at = now + _EXPIRE_EVERY
            if expired:
                self._audit.record("audit.expired", detail=f"{expired} entries, the oldest")
