# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions with HTTP servers: requests that end in time, whatever the server does, and stay there."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import LocationParseError

from router.destinations.time_limit import TimeLimit, total_seconds
from router.version import VERSION


class Session(requests.Session):
    """A session that follows no redirection and uses no proxy. May be used by several threads."""

    def __init__(self) -> None:
        super().__init__()
        # Neither logins from ~/.netrc nor proxies from the environment, which are not set up in the router.
        self.trust_env = False
        self.headers["User-Agent"] = f"Orthanc-Router/{VERSION}"
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, _response: requests.Response) -> None:
        """Return None: requests would read the whole body of a redirection, of any size, and its `Location`,
        which may not be an address."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send as requests does. requests lets one exception of urllib3 through; this converts it."""
        try:
            return super().send(request, **options)
        except LocationParseError as error:  # the host's name cannot be asked for
            raise requests.exceptions.InvalidURL(error, request=request) from error

    @contextmanager
    def exchange(self, wait: float, size: int) -> Iterator[TimeLimit]:
        """Limit the total time of one request of `size` bytes and its answer, within this context. Ends their
        connection where they take too long. `wait`: seconds that the server may stay silent.

        An answer that was cut off may look complete: the caller must check `is_over`.
        """
        exchange = _Exchange(wait)
        before = _exchange.set(exchange)
        try:
            with TimeLimit(total_seconds(wait, size), exchange.end, "router-web-limit") as limit:
                yield limit
        finally:
            _exchange.reset(before)


class _Exchange:
    """The request that a thread makes now, and the connection in use."""

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._socket: socket.socket | None = None

    def uses(self, connected: socket.socket) -> None:
        self._socket = connected
        # Until it waits for the answer, urllib3 would keep the timeout for connecting.
        connected.settimeout(self._wait)

    def end(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                # Not SSLSocket's own, which removes the encryption while another thread reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


_exchange: ContextVar[_Exchange | None] = ContextVar("exchange", default=None)


def _tell(connected: socket.socket | None) -> None:
    exchange = _exchange.get()
    if exchange is not None and connected is not None:
        exchange.uses(connected)


class _Lines:
    """The header lines as they are read, and the stream that they come from."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.last = b""

    def readline(self, size: int = -1) -> bytes:
        self.last = self.stream.readline(size)
        return self.last

    def close(self) -> None:
        self.stream.close()


class _Response(http.client.HTTPResponse):
    """A response whose headers must be complete. Python takes headers that were cut off as complete, so that
    an empty answer seems to follow."""

    def begin(self) -> None:
        lines = _Lines(self.fp)
        self.fp = lines  # type: ignore[assignment]  # only lines are read from it here
        try:
            super().begin()
        finally:
            if self.fp is not None:
                self.fp = lines.stream
        if lines.last not in {b"\r\n", b"\n"}:
            self.close()
            raise http.client.IncompleteRead(lines.last)


class _Connection(HTTPConnection):
    """A connection that reports its socket to the current exchange."""

    response_class = _Response

    def connect(self) -> None:
        super().connect()
        _tell(self.sock)

    def request(self, *arguments: Any, **named: Any) -> None:
        _tell(self.sock)
        super().request(*arguments, **named)


class _TlsConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    """Makes connections of these classes."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
