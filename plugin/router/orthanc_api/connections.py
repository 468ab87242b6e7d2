# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP to Orthanc's own web server over loopback.

By the standard library rather than by `requests` or `urllib3`: an image that comes alone waits for three
calls one after the other, and each is a third of a millisecond quicker so.
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

#: Connections that stay open while nobody needs them. Orthanc closes them after a second.
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What Orthanc's web server has answered."""

    status: int
    body: bytes


class Connections:
    """May be used by several threads at once; each call has a connection to itself."""

    def __init__(self, port: int, tls: bool, address: str = "127.0.0.1") -> None:
        self._address = address
        self._port = port
        self._context: ssl.SSLContext | None = None
        if tls:
            # The certificate is for Orthanc's public name, and the connection never leaves this machine.
            self._context = ssl.create_default_context()
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE
        self._lock = threading.Lock()
        #: With the time (`time.monotonic`) at which each was last used.
        self._kept: list[tuple[http.client.HTTPConnection, float]] = []
        #: By the identifier of the thread that has reserved it; None while it is in use, or is still to be
        #: made.
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
        """The answer to one request, which may be made twice; `seconds` is how long to wait for it (None: as
        long as it takes). Raises OrthancUnreachable."""
        try:
            connection = self.taken() or self.opened(seconds)
            answer = self._answer(connection, method, path, body, headers, seconds)
        except OrthancSilent:
            # Orthanc closes a kept connection after a second; where that meets our request, it was not read.
            connection = self.opened(seconds)
            answer = self._answer(connection, method, path, body, headers, seconds)
        self.keep(connection)
        return answer

    def ask_anew(self, method: str, path: str, headers: Mapping[str, str], seconds: float) -> Answer:
        """The answer to one request over a connection that is opened for it, and closed then. Raises
        OrthancUnreachable."""
        connection = self.opened(seconds)
        try:
            return self._answer(connection, method, path, None, headers, seconds)
        finally:
            connection.close()

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """The calling thread has a connection of its own in the block."""
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
    ) -> None:
        """Ask something over each connection that nobody has used for `idle` seconds: Orthanc keeps it open.

        Of those that threads share, as many as are `wanted` are kept; one is opened where some are missing.
        An answer may take so many seconds; a connection on which it takes longer is given up.
        """
        before = time.monotonic() - idle
        with self._lock:
            own = [(thread, one) for thread, one in self._reserved.items() if one is not None]
            self._reserved |= dict.fromkeys((thread for thread, _ in own), None)
            stale = [one for one, used_at in self._kept if used_at < before]
            self._kept = [kept for kept in self._kept if kept[1] >= before]
            # One at a time: where nobody answers it, the others must not wait for it too long.
            missing = min(1, wanted - len(self._kept) - len(stale))
        for connection in stale[wanted:]:
            connection.close()
        shared: list[tuple[int | None, http.client.HTTPConnection | None]] = [
            *((None, connection) for connection in stale[:wanted]),
            *[(None, None)] * missing,
        ]
        for thread, given in [*own, *shared]:
            try:
                connection = self.opened(seconds) if given is None or _has_news(given) else given
                self._answer(connection, "GET", path, None, headers, seconds)
            except OrthancUnreachable:
                continue  # whoever needs one is told so, and it is looked for again
            self.keep(connection, thread)

    def close(self) -> None:
        """Close the connections that are kept, and make no more."""
        with self._lock:
            self._is_closed = True
            kept, self._kept = self._kept, []
            own = [one for one in self._reserved.values() if one is not None]
            self._reserved |= dict.fromkeys(self._reserved, None)
        for connection in [*own, *(connection for connection, _ in kept)]:
            connection.close()

    def opened(self, seconds: float | None = None) -> http.client.HTTPConnection:
        """A new connection, for answers that may take so many seconds. Raises OrthancUnreachable."""
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
        """A kept connection that Orthanc has not closed: the calling thread's own, or one that threads
        share."""
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
        """Keep it for a thread, by default the calling one, where that has reserved one; else for all."""
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
    """Whether something has come that nobody has asked for: most likely the end of the connection."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))
