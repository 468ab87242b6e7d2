# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of a certain length: a relay that holds back each piece of what goes through it, each way."""

import heapq
import socket
import threading
import time
from contextlib import suppress
from itertools import count
from typing import Final

_PIECE: Final = 65_536


class Relay:
    """Hands on what comes to `port` to another port of the loopback interface, each piece after `seconds`.

    A round trip takes twice that; how much goes through is not limited. At most `most` connections are handed
    on at once, where that is given; others are refused.
    """

    def __init__(self, target: int, seconds: float, aet: str = "FAR", most: int | None = None) -> None:
        self.host = "127.0.0.1"
        self.aet = aet
        #: How many connections there were at once at most.
        self.most_at_once = 0
        self._target = target
        self._seconds = seconds
        self._most = most
        self._lock = threading.Condition()
        self._open = 0
        self._numbers = count()
        #: What is to be handed on: when, in which order, to which socket; nothing means its end.
        self._due: list[tuple[float, int, socket.socket, bytes]] = []
        self._ended = False
        self._listening = socket.create_server((self.host, 0), backlog=64)
        self.port = int(self._listening.getsockname()[1])
        self._sockets: list[socket.socket] = []
        for work in (self._accept, self._hand_on):
            threading.Thread(target=work, name="relay", daemon=True).start()

    def close(self) -> None:
        """Break all connections and end."""
        with self._lock:
            self._ended = True
            self._lock.notify_all()
            sockets = list(self._sockets)
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                with self._lock:
                    is_refused = self._most is not None and self._open >= self._most
                    if not is_refused:
                        self._open += 1
                        self.most_at_once = max(self.most_at_once, self._open)
                if is_refused:
                    client.close()
                    continue
                server = socket.create_connection((self.host, self._target), 5)
                server.settimeout(None)
                for one in (client, server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._sockets += [client, server]
                for source, sink, is_client in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._read, args=(source, sink, is_client), name="relay", daemon=True
                    ).start()

    def _read(self, source: socket.socket, sink: socket.socket, is_client: bool) -> None:
        piece = b"x"
        while piece:
            try:
                piece = source.recv(_PIECE)
            except OSError:
                piece = b""
            with self._lock:
                heapq.heappush(
                    self._due, (time.monotonic() + self._seconds, next(self._numbers), sink, piece)
                )
                self._lock.notify_all()
        if is_client:
            with self._lock:
                self._open -= 1

    def _hand_on(self) -> None:
        while True:
            with self._lock:
                while not self._ended and (not self._due or self._due[0][0] > time.monotonic()):
                    self._lock.wait(self._due[0][0] - time.monotonic() if self._due else None)
                if self._ended:
                    return
                _, _, sink, piece = heapq.heappop(self._due)
            with suppress(OSError):
                if piece:
                    sink.sendall(piece)
                else:
                    sink.shutdown(socket.SHUT_WR)

    def __enter__(self) -> "Relay":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
