"""HTTP to Orthanc's own web server over loopback.

By the standard library rather than by `requests` or `urllib3`: an image that comes alone waits for three
calls one after the other, and each is a third of a millisecond quicker so.
"""

import http.client
import select
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TypeVar, cast

from router.orthanc_api.errors import OrthancSilent, OrthancUnreachable

#: Requests that are sent before their answers are read; small enough for any socket's buffer.
_SENT_AHEAD = 20
_BUFFER = 1 << 16

_Taken = TypeVar("_Taken")

#: Connections that stay open while nobody needs them. Orthanc closes them after a second.
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What Orthanc's web server has answered."""

    status: int
    body: bytes


class Body:
    """The body of an answer, read as it comes."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = length

    def read(self, size: int) -> bytes:
        """So many of the next bytes (-1: all); fewer only at the end. Raises OrthancSilent."""
        wanted = self._left if size < 0 else min(size, self._left)
        taken = self._stream.read(wanted)
        if len(taken) < wanted:
            raise OrthancSilent("Orthanc has closed the connection within an answer")
        self._left -= wanted
        return taken

    def drain(self) -> None:
        """Pass over what has not been read. Raises OrthancSilent."""
        while self._left:
            self.read(_BUFFER)


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

    def ask_each(
        self, paths: Sequence[str], headers: Mapping[str, str], take: Callable[[Body], _Taken]
    ) -> list[_Taken | Answer]:
        """GET several: what `take` makes of each body, in order; the answer where its status is not 200.

        The requests go out some at a time before their answers are read (RFC 9112, 9.3.2), which takes a
        fifth of the time for small ones, and each may be made twice. Raises OrthancUnreachable, and what
        `take` raises.
        """
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        requests = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode("ascii") for path in paths]
        taken: list[_Taken | Answer] = []
        is_new = False
        while len(taken) < len(requests):
            connection = None if is_new else self._taken()
            is_new = connection is None
            before = len(taken)
            try:
                self._ask_ahead(connection or self._opened(), requests, taken, take)
            except OrthancSilent:
                # A kept connection may have been closed by Orthanc; a new one must bring something.
                if is_new and len(taken) == before:
                    raise
        return taken

    def _ask_ahead(
        self,
        connection: http.client.HTTPConnection,
        requests: Sequence[bytes],
        taken: list[_Taken | Answer],
        take: Callable[[Body], _Taken],
    ) -> None:
        """Ask for what has not been `taken`, and add it. Raises OrthancSilent, OrthancUnreachable."""
        is_kept = False
        try:
            connection.sock.settimeout(None)
            with cast(BinaryIO, connection.sock.makefile("rb", _BUFFER)) as stream:
                while len(taken) < len(requests):
                    ahead = requests[len(taken) : len(taken) + _SENT_AHEAD]
                    connection.sock.sendall(b"".join(ahead))
                    for _ in ahead:
                        status, length = _status_and_length(stream)
                        body = Body(stream, length)
                        answer = take(body) if status == 200 else Answer(status, body.read(-1))
                        body.drain()
                        taken.append(answer)
            is_kept = True
        except ConnectionError as error:
            raise OrthancSilent(f"Orthanc has closed the connection: {error}") from error
        except OSError as error:
            raise OrthancUnreachable(f"Orthanc does not answer: {error}") from error
        finally:
            if is_kept:
                self._keep(connection)
            else:
                connection.close()

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


def _status_and_length(stream: BinaryIO) -> tuple[int, int]:
    """The head of an answer. Raises OrthancSilent where there is none."""
    status = stream.readline(_BUFFER)
    length: int | None = None
    while line := stream.readline(_BUFFER).rstrip(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    try:
        return int(status.split()[1]), length or 0
    except (IndexError, ValueError):
        raise OrthancSilent("Orthanc has closed the connection without an answer") from None
