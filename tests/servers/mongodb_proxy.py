# SPDX-License-Identifier: GPL-3.0-or-later
"""A way to MongoDB that knows its protocol: it counts commands, and has chosen ones fail or take their time.

A stand-in for what a single test server cannot do by itself: a primary that steps down, and a slow one.
It reads OP_MSG only (MongoDB 3.6 and newer); all else is handed on as it is.
"""

import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import bson

_HEADER: Final = struct.Struct("<iiii")
_OP_MSG: Final = 2013
#: Behind the header come 4 bytes of flags, and the kind of the first section, which is the command.
_BODY: Final = _HEADER.size + 5
#: What the driver asks to know the server, not for the router.
_OF_THE_DRIVER: Final = frozenset({"hello", "isMaster", "ismaster", "ping", "endSessions"})


@dataclass(frozen=True, slots=True)
class Failure:
    """How a command fails: with this error, before it was done, or after it."""

    code: int
    name: str
    done: bool = False

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """What the client is told. As MongoDB does, with the leave to try a retryable write again."""
        labels = ["RetryableWriteError"] if "txnNumber" in command else []
        return {
            "ok": 0.0,
            "errmsg": self.name,
            "code": self.code,
            "codeName": self.name,
            "errorLabels": labels,
        }


#: A primary that is none any more says the first of what comes, and the second of what it was at.
NOT_PRIMARY: Final = Failure(10107, "NotWritablePrimary")
INTERRUPTED: Final = Failure(11602, "InterruptedDueToReplStateChange", done=True)

#: Asked for each command, by its name; None where it is to be done.
Fault = Callable[[str], Failure | None]


class MongoProxy:
    """Hands on what comes to `port` to a MongoDB server on another port of the loopback interface.

    `fault` decides which commands fail; `delay` is how many seconds each one takes longer. Both may be
    changed while it runs. What the driver asks by itself is neither counted nor made to fail.
    """

    def __init__(self, target: int) -> None:
        self.delay = 0.0
        self.fault: Fault = lambda _name: None
        #: How many commands have failed by `fault`.
        self.failed = 0
        #: How long commands have been waited for, all together.
        self.seconds = 0.0
        self._target = target
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._begin(self._accept)

    @contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """The commands that come in the block, by name and collection; complete at its end."""
        counts: Counter[str] = Counter()
        with self._lock:
            before = self._counts.copy()
        yield counts
        with self._lock:
            counts.update(self._counts - before)

    def commands(self) -> int:
        """How many have come."""
        with self._lock:
            return self._counts.total()

    def close(self) -> None:
        """Break all connections and end."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            sockets = list(self._sockets)
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> "MongoProxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="mongodb-proxy")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._target), 5)
                except OSError:
                    client.close()
                    continue
                for one in (client, server):
                    one.settimeout(None)
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._sockets += [client, server]
                line = _Line(self, client, server)
                self._begin(line.hand_on_requests)
                self._begin(line.hand_on_answers)

    def count(self, name: str, command: dict[str, Any]) -> None:
        """A command has come."""
        with self._lock:
            collection = command["collection"] if name == "getMore" else command[name]
            self._counts[f"{name} {collection}"] += 1

    def answered(self, seconds: float) -> None:
        """A command has had its answer after so long."""
        with self._lock:
            self.seconds += seconds

    def choose(self, name: str) -> Failure | None:
        """How this command fails, if it does."""
        failure = self.fault(name)
        if failure is not None:
            with self._lock:
                self.failed += 1
        return failure


class _Line:
    """One connection."""

    def __init__(self, proxy: MongoProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        #: The answers that are put in the place of the server's, by the number of the request.
        self._instead: dict[int, dict[str, Any]] = {}
        #: When the commands came whose answers are outstanding, by the same.
        self._asked_at: dict[int, float] = {}

    def hand_on_requests(self) -> None:
        """Until one of both goes."""
        for message in _messages(self._client, self._server):
            _length, number, _to, kind = _HEADER.unpack_from(message)
            if kind == _OP_MSG:
                command = bson.decode(message[_BODY : _BODY + struct.unpack_from("<i", message, _BODY)[0]])
                name = next(iter(command))
                if name not in _OF_THE_DRIVER and not name.startswith("sasl"):
                    self._proxy.count(name, command)
                    self._asked_at[number] = time.monotonic()
                    if self._proxy.delay:
                        threading.Event().wait(self._proxy.delay)
                    failure = self._proxy.choose(name)
                    if failure is not None and not failure.done:
                        _send(self._client, _message(number, failure.answer(command)))
                        continue
                    if failure is not None:
                        self._instead[number] = failure.answer(command)
            _send(self._server, message)

    def hand_on_answers(self) -> None:
        """Until one of both goes."""
        for message in _messages(self._server, self._client):
            _length, _number, to, _kind = _HEADER.unpack_from(message)
            asked_at = self._asked_at.pop(to, None)
            if asked_at is not None:
                self._proxy.answered(time.monotonic() - asked_at)
            instead = self._instead.pop(to, None)
            _send(self._client, message if instead is None else _message(to, instead))


def _messages(source: socket.socket, other: socket.socket) -> Iterator[bytes]:
    """Whole messages from `source`; when it ends, so does the other side."""
    with suppress(OSError):
        while header := _exactly(source, _HEADER.size):
            yield header + _exactly(source, _HEADER.unpack(header)[0] - _HEADER.size)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


def _send(sink: socket.socket, message: bytes) -> None:
    """Where the sink has gone, its other pump ends this line."""
    with suppress(OSError):
        sink.sendall(message)


def _exactly(source: socket.socket, length: int) -> bytes:
    """So many bytes; empty where the source has ended."""
    pieces = bytearray()
    while len(pieces) < length:
        piece = source.recv(length - len(pieces))
        if not piece:
            return b""
        pieces += piece
    return bytes(pieces)


def _message(to: int, document: dict[str, Any]) -> bytes:
    body = struct.pack("<iB", 0, 0) + bson.encode(document)
    return _HEADER.pack(_HEADER.size + len(body), 0, to, _OP_MSG) + body
