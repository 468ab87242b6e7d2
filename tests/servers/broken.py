# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations that accept a connection and then do nothing good."""

import socket
import struct
import threading
from contextlib import suppress

_RESET = struct.pack("ii", 1, 0)


class BrokenServer:
    """Listens on a free port. `reset=True`: ends each connection with a reset; else never says a word."""

    def __init__(self, *, reset: bool, aet: str = "BROKEN") -> None:
        self.aet = aet
        self.host = "127.0.0.1"
        self._reset = reset
        self._listener = socket.create_server((self.host, 0))
        self.port = int(self._listener.getsockname()[1])
        self._accepted: list[socket.socket] = []
        self._changed = threading.Condition()
        self._count = 0
        self._thread = threading.Thread(target=self._serve, name="broken-server")

    def wait_for_connections(self, count: int, timeout: float = 15) -> None:
        """Wait until so many connections have come in all."""
        with self._changed:
            enough = self._changed.wait_for(lambda: self._count >= count, timeout)
        assert enough, f"after {timeout} s there were only {self._count} of {count} connections"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._reset:
                # Lingering for no time makes the end a reset (socket(7)).
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                connection.close()
            else:
                self._accepted.append(connection)
            with self._changed:
                self._count += 1
                self._changed.notify_all()

    def __enter__(self) -> "BrokenServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for connection in self._accepted:
            connection.close()


class DrippingServer:
    """Says the same again and again, a little at a time, to whoever connects, until `ended` is set."""

    def __init__(self, said: bytes, ended: threading.Event) -> None:
        self._said = said
        self._ended = ended
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, name="dripping-server")]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._threads.append(
                    threading.Thread(target=self._drip, args=(connection,), name="dripping-server")
                )
                self._threads[-1].start()

    def _drip(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while not self._ended.wait(0.02):
                connection.sendall(self._said)

    def __enter__(self) -> "DrippingServer":
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


class SayingServer:
    """Says the same to whoever connects, and hangs up: at once, or once it has read a request of HTTP."""

    def __init__(self, said: bytes, *, asked: bool) -> None:
        self.said = said
        self._asked = asked
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, name="saying-server")

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                if self._asked:
                    self._read_request(connection)
                connection.sendall(self.said)
                # What is left unread would make the end a reset, which takes what was said along.
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(0.5)
                while connection.recv(65536):
                    pass

    def _read_request(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            length = 0
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            stream.read(length)

    def __enter__(self) -> "SayingServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


class BlackHole:
    """A port that answers no request for a connection, as behind a firewall that drops all: the queue of
    those that wait to be accepted is full, and nobody accepts (listen(2))."""

    def __init__(self, aet: str = "BLACKHOLE") -> None:
        self.aet = aet
        self.host = "127.0.0.1"
        self._listener = socket.create_server((self.host, 0), backlog=0)
        self.port = int(self._listener.getsockname()[1])
        self._waiting: list[socket.socket] = []

    def __enter__(self) -> "BlackHole":
        while True:
            connection = socket.socket()
            self._waiting.append(connection)
            connection.settimeout(0.2)
            try:
                connection.connect((self.host, self.port))
            except TimeoutError:
                return self

    def __exit__(self, *_: object) -> None:
        for connection in self._waiting:
            connection.close()
        self._listener.close()
