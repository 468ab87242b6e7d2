# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to Orthanc's web server that stay open, and a look at whether it answers others.

Each of its threads (`HttpThreadsCount`) serves one connection until that is closed, a second after the last
answer. Where slow clients hold all threads, a new connection waits for up to half a minute. A connection that
never rests for a second keeps its thread.
"""

import logging
import threading
import time
from collections.abc import Mapping
from typing import Final

from router.orthanc_api.connections import Connections
from router.orthanc_api.errors import OrthancUnreachable

_log = logging.getLogger(__name__)

#: Answered at once, without the database.
_PATH: Final = "/tools/now"
#: Connections that are kept for whoever comes, beside those that a thread has reserved.
_SHARED: Final = 4
#: How often they are used, and how long that may take. Together they stay below Orthanc's second.
_EVERY_SECONDS: Final = 0.5
_WITHIN_SECONDS: Final = 0.4
#: A new connection is tried so often, and must be answered within this time.
_LOOK_EVERY_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 10.0


class Keeper:
    """Owns the threads that do both."""

    def __init__(self, connections: Connections, headers: Mapping[str, str]) -> None:
        """`headers` are those of each request."""
        self._connections = connections
        self._headers = headers
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, name="router-orthanc-keep", daemon=True),
            threading.Thread(target=self._look, name="router-orthanc-look", daemon=True),
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, and wait a little for what is under way."""
        self._ending.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(2 * _WITHIN_SECONDS)

    def _keep(self) -> None:
        while not self._ending.wait(_EVERY_SECONDS):
            self._connections.refresh(_PATH, self._headers, _EVERY_SECONDS / 2, _SHARED, _WITHIN_SECONDS)

    def _look(self) -> None:
        answers = True
        while not self._ending.wait(_LOOK_EVERY_SECONDS):
            began = time.monotonic()
            try:
                self._connections.ask_anew("GET", _PATH, self._headers, _LOOK_SECONDS)
            except OrthancUnreachable as error:
                if answers and not self._ending.is_set():
                    _log.warning(
                        "Orthanc's web server has not answered a new connection for %.0f s: all its threads"
                        " (HttpThreadsCount) may be held by slow or many clients: %s",
                        time.monotonic() - began,
                        error,
                    )
                answers = False
            else:
                if not answers:
                    _log.warning("Orthanc's web server answers new connections again")
                answers = True
