"""Sends the audit trail to a syslog server, from where it was left."""

import logging
import threading
from datetime import timedelta
from typing import Final

from router.audit.messages import message
from router.audit.syslog import Syslog, SyslogUnavailable
from router.clock import Clock
from router.store import Store, StoreUnavailable

_log = logging.getLogger(__name__)

_READER: Final = "syslog"
_PORTION: Final = 200

_LOOK_SECONDS: Final = 2.0
#: How long to wait with a server that is away, at most.
_LONGEST_PAUSE_SECONDS: Final = 60.0
#: Longer than sending a portion may take.
_LEASE: Final = timedelta(seconds=90)


class Reporter:
    """One thread. Of several nodes one sends; where it dies another goes on, with what may have been on its
    way: an entry may be told twice, but none is left out."""

    def __init__(self, store: Store, syslog: Syslog, source: str, owner: str, clock: Clock) -> None:
        """`source` is the name of this Orthanc in the messages, `owner` that of this node."""
        self._store = store
        self._syslog = syslog
        self._source = source
        self._owner = owner
        self._clock = clock
        #: The entry up to which all had been sent when this node last looked.
        self._sent = 0
        #: What is wrong, in words; empty where nothing is.
        self.problem = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="router-audit-syslog", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is left is for the next start."""
        self._stop.set()
        self._thread.join(2.0)

    def _work(self) -> None:
        pause = _LOOK_SECONDS
        while not self._stop.is_set():
            try:
                while not self._stop.is_set() and self._send_portion():
                    pass
                self.problem, pause = "", _LOOK_SECONDS
            except (SyslogUnavailable, StoreUnavailable) as error:
                if str(error) != self.problem:
                    _log.warning("%s", error)
                self.problem, pause = str(error), min(pause * 2, _LONGEST_PAUSE_SECONDS)
            self._stop.wait(pause)

    def _send_portion(self) -> bool:
        """Whether there was something to send, and it is this node that sends."""
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
