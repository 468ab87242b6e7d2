# SPDX-License-Identifier: GPL-3.0-or-later
"""A syslog server over TLS (RFC 5425), which keeps what it gets."""

import re
import socket
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path

import trustme

from servers.process import free_port
from servers.waiting import wait_until


@dataclass(frozen=True, slots=True)
class SyslogMessage:
    """A message of RFC 5424; the structured data must be `-`."""

    priority: int
    timestamp: str
    host: str
    application: str
    process: str
    identifier: str
    text: bytes

    @classmethod
    def of(cls, frame: bytes) -> "SyslogMessage":
        found = re.fullmatch(rb"<(\d+)>1 (\S+) (\S+) (\S+) (\S+) (\S+) - (.*)", frame, re.DOTALL)
        assert found, frame
        priority, timestamp, host, application, process, identifier = (
            part.decode("ascii") for part in found.groups()[:6]
        )
        return cls(int(priority), timestamp, host, application, process, identifier, found[7])


class SyslogServer:
    """Listens on a free port of its own; `folder` gets the certificates. Stopped, it can be started again.

    `says_goodbye=False`: it closes connections as some servers do, without the end that TLS has for it.
    `asks_for_certificate`: clients need one of the same authority (`client`).
    """

    def __init__(
        self, folder: Path, *, says_goodbye: bool = True, asks_for_certificate: bool = False
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        self.client_file = folder / "client.pem"
        authority.issue_cert("router@example.org").private_key_and_cert_chain_pem.write_to_path(
            self.client_file
        )
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(self._context)
        if asks_for_certificate:
            authority.configure_trust(self._context)
            self._context.verify_mode = ssl.CERT_REQUIRED
        self._says_goodbye = says_goodbye
        self.port = free_port()
        self.messages: list[SyslogMessage] = []
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        #: Cleared, connections are taken and nothing is read from them.
        self.reads = threading.Event()
        self.reads.set()

    def start(self) -> "SyslogServer":
        self._listener = socket.create_server(("localhost", self.port), reuse_port=False)
        self._thread = threading.Thread(target=self._serve, args=(self._listener,), name="syslog server")
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._listener is not None and self._thread is not None:
            self.reads.set()
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._thread.join(10)
            self._listener = None

    def wait_for(self, number: int, timeout: float = 15) -> list[SyslogMessage]:
        """Until so many messages are there."""
        wait_until(lambda: len(self.messages) >= number, timeout, lambda: f"{len(self.messages)} messages")
        return self.messages

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with plain:
                try:
                    self._receive(plain)
                except OSError:
                    continue

    def _receive(self, plain: socket.socket) -> None:
        plain.settimeout(10)
        connection = self._context.wrap_socket(plain, server_side=True)
        self.reads.wait()
        data = b""
        while piece := connection.recv(65536):
            data += piece
        while data:
            length, _, rest = data.partition(b" ")
            frame, data = rest[: int(length)], rest[int(length) :]
            assert len(frame) == int(length)
            self.messages.append(SyslogMessage.of(frame))
        if self._says_goodbye:
            connection.unwrap()

    def __enter__(self) -> "SyslogServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
