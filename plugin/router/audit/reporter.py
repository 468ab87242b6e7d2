# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the audit trail to a syslog server, from the last sent entry on."""

import logging
from datetime import timedelta
from typing import Final

from router.audit.messages import message
from router.audit.syslog import Syslog, SyslogUnavailable
from router.clock import Clock
from router.health import Health, Problem
from router.rounds import Rounds
from router.store import Store, StoreUnavailable

_log = logging.getLogger(__name__)

_READER: Final = "syslog"
_PORTION: Final = 200

_LOOK_SECONDS: Final = 2.0
#: The longest pause while the server is away.
_LONGEST_PAUSE_SECONDS: Final = 60.0
#: Longer than sending a portion takes.
_LEASE: Final = timedelta(seconds=90)


class Reporter(Rounds):
    """Sends entries from one of several nodes. If that node dies, another goes on and repeats the last
    portion: an entry may be sent twice, but none is left out."""

    def __init__(self, store: Store, syslog: Syslog, source: str, owner: str, clock: Clock) -> None:
        """`source` is the name of this Orthanc in the messages, `owner` that of this
        node as an owner of leases."""
        super().__init__("router-audit-syslog")
        self._store = store
        self._syslog = syslog
        self._source = source
        self._owner = owner
        self._clock = clock
        #: The number of the last sent entry, as far as this node knows.
        self._sent = 0
        #: The problem, in words; empty where there is none.
        self.problem = ""
        self._pause = _LOOK_SECONDS

    def health(self, *, store_answers: bool) -> Health:  # noqa: ARG002 - it is known here
        """Return whether the server receives the trail."""
        return Health([Problem("audit", self.problem)] if self.problem else [])

    def _round(self) -> float:
        try:
            while not self._ending.is_set() and self._send_portion():
                pass
            self.problem, self._pause = "", _LOOK_SECONDS
        except (SyslogUnavailable, StoreUnavailable) as error:
            if str(error) != self.problem:
                _log.warning("%s", error)
            self.problem, self._pause = str(error), min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
        return self._pause

    def _send_portion(self) -> bool:
        """Send the next portion; return whether this node has sent one and may go on."""
        if self._store.audit.ends().head.number <= self._sent:
            return False
        now = self._clock()
        number = self._store.audit.take_up(_READER, self._owner, now + _LEASE, now)
        if number is None:
            return False
        self._sent = number
        entries = self._store.audit.after(number, _PORTION)
        if not entries:
            return False
        self._syslog.send([(entry.at, message(entry, self._source)) for entry in entries])
        self._sent = entries[-1].number
        return self._store.audit.put_down(_READER, self._owner, self._sent)
