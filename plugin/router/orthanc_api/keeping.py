# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps connections to Orthanc's web server open, and checks whether the server answers new ones.

Each thread of the server (`HttpThreadsCount`) serves one connection until it is closed, a second after the
last answer. Where slow clients hold all threads, a new connection waits for up to half a minute. A connection
that is never idle for a second keeps its thread.
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
#: How many shared connections are kept, besides those that threads have reserved.
_SHARED: Final = 4
#: How often they are used, and how long that may take: together less than Orthanc's second.
_EVERY_SECONDS: Final = 0.5
_WITHIN_SECONDS: Final = 0.4
#: How often a new connection is tried, and within which time it must be answered.
_LOOK_EVERY_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 10.0


class Keeper:
    """Owns the threads that keep connections and check the server."""

    def __init__(self, connections: Connections, headers: Mapping[str, str]) -> None:
        """`headers`: those of each request."""
        self._connections = connections
        self._headers = headers
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, name="router-orthanc-keep", daemon=True),
            threading.Thread(target=self._look, name="router-orthanc-look", daemon=True),
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads; wait a little for calls under way."""
        self._ending.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(2 * _WITHIN_SECONDS)

    def _keep(self) -> None:
        rest = 0.0
        while not self._ending.wait(rest):
            idle = _EVERY_SECONDS / 2
            opened = self._connections.refresh(_PATH, self._headers, idle, _SHARED, _WITHIN_SECONDS)
            # Slow clients may be about to hold all threads: what is missing is opened while it can be.
            rest = 0.0 if opened else _EVERY_SECONDS

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
