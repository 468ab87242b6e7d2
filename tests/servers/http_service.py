# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP server that does what a test tells it, badly where it is told so."""

import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

from servers.waiting import wait_until

_DRIP_SECONDS = 0.05


@dataclass(frozen=True)
class Called:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """How to answer one request.

    `cut` says the whole length and sends half of the body; `silent` says nothing until the server ends;
    `endless` sends the body again and again; `drips` sends the body byte by byte, `drips_headers` a header
    that does not end; `cut_headers` ends in the middle of the headers.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    silent: bool = False
    endless: bool = False
    drips: bool = False
    drips_headers: bool = False
    cut_headers: bool = False


class HttpService:
    """Listens on 127.0.0.1 while it is entered. `answers` are given one a request, then `usually`,
    which is what a test gets too. With `sips`, bodies are read byte by byte."""

    def __init__(self, authority: trustme.CA | None = None) -> None:
        self.calls: list[Called] = []
        self.answers: list[Answer] = []
        self.usually = Answer()
        self.sips = False
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.scheme = "http"
        if authority is not None:
            self.scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="http-service")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}/in"

    def wait_for_calls(self, number: int, timeout: float = 15) -> list[Called]:
        """Wait until so many requests have come in; all of them."""
        wait_until(lambda: len(self.calls) >= number, timeout, lambda: f"there were {len(self.calls)} calls")
        return list(self.calls)

    def take(self, called: Called) -> Answer:
        """Note a request; how to answer it."""
        with self._lock:
            self.calls.append(called)
            # The router may test a destination at any time (OPTIONS); `answers` are for what it is sent.
            return self.answers.pop(0) if self.answers and called.method != "OPTIONS" else self.usually

    @property
    def sent(self) -> list[Called]:
        """What it was sent, without the tests."""
        return [call for call in self.calls if call.method != "OPTIONS"]

    def ends_within(self, seconds: float) -> bool:
        """Whether the server ends before so many seconds have passed."""
        return self._ending.wait(seconds)

    def wait_for_the_end(self) -> None:
        """Return when the server ends."""
        self._ending.wait()

    def __enter__(self) -> "HttpService":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(service: HttpService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            while service.sips and not service.ends_within(_DRIP_SECONDS):
                if not self.connection.recv(1):
                    return
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = service.take(Called(self.command, self.path, headers, body))
            self.close_connection = True
            if answer.silent:
                service.wait_for_the_end()
                return
            self.send_response(answer.status)
            # Said, so that no client takes the connection for one that it can use again.
            self.send_header("Connection", "close")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.drips_headers:
                self.flush_headers()
                self.wfile.write(b"X-Long: ")
                self._drip(b"x" * 10_000)
                return
            if answer.cut_headers:
                self.flush_headers()
                self.wfile.write(b"X-Cut:")
                return
            if not answer.endless:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if answer.drips:
                self._drip(answer.body)
                return
            try:
                self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
                while answer.endless:
                    self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError):
                """The other side has heard enough."""

        def _drip(self, content: bytes) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    if service.ends_within(_DRIP_SECONDS):
                        return

        do_POST = do_PUT = do_OPTIONS = do_GET = _any  # noqa: N815 - the base class's names

    return Handler
