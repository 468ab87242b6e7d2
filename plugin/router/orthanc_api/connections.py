"""HTTP to Orthanc's own web server over loopback.

By the standard library rather than by `requests` or `urllib3`: an image that comes alone waits for three
calls one after the other, and each is a third of a millisecond quicker so.
"""

import http.client
import select
import ssl
import threading
from collections.abc import Mapping
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
        self._kept: list[http.client.HTTPConnection] = []
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
            return self._answer(self._taken() or self._opened(), method, path, body, headers, seconds)
        except OrthancSilent:
            # Orthanc closes a kept connection after a second; where that meets our request, it was not read.
            return self._answer(self._opened(), method, path, body, headers, seconds)

    def close(self) -> None:
        """Close the connections that are kept, and make no more."""
        with self._lock:
            self._is_closed = True
            kept, self._kept = self._kept, []
        for connection in kept:
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
        self._keep(connection)
        return answer

    def _opened(self) -> http.client.HTTPConnection:
        if self._is_closed:
            raise OrthancUnreachable("Orthanc is stopping")
        connection = (
            http.client.HTTPConnection(self._address, self._port)
            if self._context is None
            else http.client.HTTPSConnection(self._address, self._port, context=self._context)
        )
        try:
            connection.connect()
        except OSError as error:
            raise OrthancUnreachable(f"Orthanc does not answer: {error}") from error
        return connection

    def _taken(self) -> http.client.HTTPConnection | None:
        """A kept connection that Orthanc has not closed."""
        while True:
            with self._lock:
                if not self._kept:
                    return None
                connection = self._kept.pop()
            if not _has_news(connection):
                return connection
            connection.close()

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            keeps = connection.sock is not None and not self._is_closed and len(self._kept) < _KEPT
            if keeps:
                self._kept.append(connection)
        if not keeps:
            connection.close()


def _has_news(connection: http.client.HTTPConnection) -> bool:
    """Whether something has come that nobody has asked for: most likely the end of the connection."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))
