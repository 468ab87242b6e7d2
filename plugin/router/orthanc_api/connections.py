# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP to Orthanc's own web server over loopback.

Uses the standard library rather than `requests` or `urllib3`: a single image waits for three calls one after
the other, and this saves a third of a millisecond in each.
"""

import http.client
import select
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from router.orthanc_api.errors import OrthancSilent, OrthancUnreachable

#: How many idle connections are kept. Orthanc closes them after a second.
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of Orthanc's web server."""

    status: int
    body: bytes


class Connections:
    """A pool of connections. Each call has one to itself. May be used by several threads at once."""

    def __init__(self, port: int, tls: bool, address: str = "127.0.0.1") -> None:
        self._address = address
        self._port = port
        self._context: ssl.SSLContext | None = None
        if tls:
            # The certificate has Orthanc's public name, and the connection never leaves this machine.
            self._context = ssl.create_default_context()
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE
        self._lock = threading.Lock()
        #: Each with the time of its last use (`time.monotonic`).
        self._kept: list[tuple[http.client.HTTPConnection, float]] = []
        #: By the identifier of the thread that has reserved it; None while it is in use, or not yet made.
        self._reserved: dict[int, http.client.HTTPConnection | None] = {}
        self._is_closed = False

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        seconds: float | None = None,
    ) -> Answer:
        """Send a request, maybe twice; return the answer. `seconds`: how long to wait for it (None: without
        limit). Raises OrthancUnreachable."""
        try:
            connection = self.taken() or self.opened(seconds)
            answer = self._answer(connection, method, path, body, headers, seconds)
        except OrthancSilent:
            # Orthanc closes a kept connection after a second, maybe just now, with the request unread.
            connection = self.opened(seconds)
            answer = self._answer(connection, method, path, body, headers, seconds)
        self.keep(connection)
        return answer

    def ask_anew(self, method: str, path: str, headers: Mapping[str, str], seconds: float) -> Answer:
        """Send a request over a connection of its own, which is closed afterwards; return the answer. Raises
        OrthancUnreachable."""
        connection = self.opened(seconds)
        try:
            return self._answer(connection, method, path, None, headers, seconds)
        finally:
            connection.close()

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Give the calling thread a connection of its own in this context."""
        thread = threading.get_ident()
        with self._lock:
            self._reserved[thread] = None
        try:
            yield
        finally:
            with self._lock:
                connection = self._reserved.pop(thread)
            if connection is not None:
                connection.close()

    def refresh(
        self, path: str, headers: Mapping[str, str], idle: float, wanted: int, seconds: float
    ) -> bool:
        """Send a request over each connection that was not used for `idle` seconds, so that Orthanc keeps it.
        Return whether one was opened beside them.

        Of the shared connections, `wanted` are kept; one is opened where some are missing. A connection whose
        answer takes longer than `seconds` is given up.
        """
        before = time.monotonic() - idle
        with self._lock:
            own = [(thread, one) for thread, one in self._reserved.items() if one is not None]
            self._reserved |= dict.fromkeys((thread for thread, _ in own), None)
            stale = [one for one, used_at in self._kept if used_at < before]
            self._kept = [kept for kept in self._kept if kept[1] >= before]
            # One at a time: without an answer, the other connections must not wait for it too long.
            missing = min(1, wanted - len(self._kept) - len(stale))
        for connection in stale[wanted:]:
            connection.close()
        shared: list[tuple[int | None, http.client.HTTPConnection | None]] = [
            *((None, connection) for connection in stale[:wanted]),
            *[(None, None)] * missing,
        ]
        opened = False
        for thread, given in [*own, *shared]:
            try:
                connection = self.opened(seconds) if given is None or _has_news(given) else given
                self._answer(connection, "GET", path, None, headers, seconds)
            except OrthancUnreachable:
                continue  # a call that needs a connection raises this, and the next round tries again
            self.keep(connection, thread)
            opened = opened or given is None
        return opened

    def close(self) -> None:
        """Close the kept connections, and make no more."""
        with self._lock:
            self._is_closed = True
            kept, self._kept = self._kept, []
            own = [one for one in self._reserved.values() if one is not None]
            self._reserved |= dict.fromkeys(self._reserved, None)
        for connection in [*own, *(connection for connection, _ in kept)]:
            connection.close()

    def opened(self, seconds: float | None = None) -> http.client.HTTPConnection:
        """Open a connection, with a timeout for its answers. Raises OrthancUnreachable."""
        if self._is_closed:
            raise OrthancUnreachable("Orthanc is stopping")
        address, port, context = self._address, self._port, self._context
        connection = (
            http.client.HTTPConnection(address, port, timeout=seconds)
            if context is None
            else http.client.HTTPSConnection(address, port, timeout=seconds, context=context)
        )
        try:
            connection.connect()
        except OSError as error:
            raise OrthancUnreachable(f"Orthanc does not answer: {error}") from error
        return connection

    def taken(self) -> http.client.HTTPConnection | None:
        """Take a kept connection that Orthanc has not closed: the calling thread's own, or a shared one. None
        where there is none."""
        thread = threading.get_ident()
        while True:
            with self._lock:
                connection = self._reserved.get(thread)
                if connection is not None:
                    self._reserved[thread] = None
                elif self._kept:
                    connection, _ = self._kept.pop()
                else:
                    return None
            if not _has_news(connection):
                return connection
            connection.close()

    def keep(self, connection: http.client.HTTPConnection, thread: int | None = None) -> None:
        """Keep a connection for `thread` (None: the calling one) if it has reserved one, else for all."""
        thread = threading.get_ident() if thread is None else thread
        with self._lock:
            keeps = connection.sock is not None and not self._is_closed
            if keeps and self._reserved.get(thread, connection) is None:
                self._reserved[thread] = connection
            elif keeps and len(self._kept) < _KEPT:
                self._kept.append((connection, time.monotonic()))
            else:
                keeps = False
        if not keeps:
            connection.close()

    def _answer(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        seconds: float | None,
    ) -> Answer:
        try:
            connection.sock.settimeout(seconds)
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.read())
        except (http.client.HTTPException, ConnectionError) as error:
            connection.close()
            raise OrthancSilent(f"Orthanc has closed the connection: {error}") from error
        except OSError as error:
            connection.close()
            raise OrthancUnreachable(f"Orthanc does not answer: {error}") from error
        return answer


def _has_news(connection: http.client.HTTPConnection) -> bool:
    """Whether unrequested data has come: most likely the end of the connection."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))
