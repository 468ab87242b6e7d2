# SPDX-License-Identifier: GPL-3.0-or-later
"""Records refused requests in the audit trail."""

import logging
import threading
from datetime import datetime, timedelta
from typing import Final

from router.api.http import Refused, Route
from router.audit import Audit
from router.clock import Clock
from router.documents.audit import ObjectReference
from router.store import StoreUnavailable

_log = logging.getLogger(__name__)

#: A refusal is recorded once in this time: a web page may repeat a request every few seconds.
_ONCE_IN: Final = timedelta(minutes=5)
#: How many different refusals are remembered.
_REMEMBERED: Final = 1000


class Refusals:
    """Records refusals. May be used from any thread; never raises."""

    def __init__(self, audit: Audit, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str, str], datetime] = {}

    def record(self, refused: Refused, route: Route) -> None:
        """Record a refusal, unless the same was recorded a moment ago."""
        request = refused.request
        asked = f"{route.method} {route.pattern}"
        if not self._is_new((request.user, request.address, asked)):
            return
        reference = ObjectReference(type="route", id=asked, name=request.path)
        try:
            self._audit.record(
                "access.refused", request.actor, refused.message, object=reference, outcome="failure"
            )
        except StoreUnavailable:
            _log.warning("Refused, but not in the audit trail: %s asked for %s", request.user, asked)

    def _is_new(self, key: tuple[str, str, str]) -> bool:
        now = self._clock()
        with self._lock:
            if len(self._told) >= _REMEMBERED:
                self._told = {key: at for key, at in self._told.items() if now - at < _ONCE_IN}
            if key in self._told and now - self._told[key] < _ONCE_IN:
                return False
            if len(self._told) < _REMEMBERED:
                self._told[key] = now
            return True
