# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves queued acts into the audit trail, and deletes its oldest entries."""

import logging
from datetime import datetime, timedelta

from router.audit.audit import Audit
from router.clock import Clock
from router.nodes import Duty
from router.rounds import Rounds
from router.store import Store, StoreUnavailable
from router.version import VERSION

_log = logging.getLogger(__name__)

#: How often to look for queued acts. They are safe in the queue, so there is no hurry.
_LOOK_SECONDS = 1.0
_EXPIRE_EVERY = timedelta(hours=1)
#: How long a node that falls silent keeps the duty of settling.
AUDITING_LASTS = timedelta(seconds=9)


class Auditor(Rounds):
    """Settles the trail. Of several nodes that share a store, one does this: there is one chain, and several
    writers would hinder each other."""

    def __init__(
        self, store: Store, audit: Audit, clock: Clock, retention: timedelta, of_group: Duty
    ) -> None:
        super().__init__("router-auditor")
        self._of_group = of_group
        self._store = store
        self._audit = audit
        self._clock = clock
        self._retention = retention
        self._started = False
        self._works = False
        self._expire_at: datetime | None = None
        #: Why the trail cannot be written, in words; empty where it can.
        self._problem = ""

    def failures(self) -> list[str]:
        """Return the failures of the rounds (see `Rounds`), and that the trail cannot be written."""
        return [*super().failures(), *([self._problem] if self._problem else [])]

    def stop(self) -> None:
        """End. The next start, or another node, settles the acts that are still queued."""
        super().stop()
        # If the thread still waits for the store, the store is away: do not wait for it a second time.
        if self._works and self.has_ended:
            try:
                self._audit.record("router.stopped", detail=VERSION)
                self._of_group.give_up()
            except StoreUnavailable as error:
                _log.warning("That the router stops is not in the audit trail: %s", error)

    def _round(self) -> float:
        try:
            self._bring_up_to_date()
            self._works = True
            self._problem = ""
        except StoreUnavailable as error:
            if self._works or not self._started:
                _log.warning("The audit trail cannot be written now: %s", error)
            self._works = False
            self._problem = f"The audit trail cannot be written now: {error}"
        return _LOOK_SECONDS

    def _bring_up_to_date(self) -> None:
        if not self._started:
            self._audit.record("router.started", detail=VERSION)
            self._started = True
        if not self._of_group.is_ours():
            return
        while not self._ending.is_set() and self._audit.settle():
            self._of_group.is_ours()
        now = self._clock()
        if self._expire_at is None or now >= self._expire_at:
            expired = self._audit.expire(now - self._retention)
            self._expire_at = now + _EXPIRE_EVERY
            if expired:
                self._audit.record("audit.expired", detail=f"{expired} entries, the oldest")
