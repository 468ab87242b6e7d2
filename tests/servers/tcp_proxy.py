# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP proxy that cuts connections in the middle, or keeps silent."""

import socket
import struct
import threading
from contextlib import suppress


class TcpProxy:
    """Hands on what comes to `port` (of `host`) to another port of the loopback interface.

    With `cut_after` set, each connection is reset once so many bytes have gone to the server; `hold()` keeps
    back everything until `let_go()`. Both may be changed while it runs.
    """

    def __init__(self, target: int, cut_after: int | None = None, host: str = "127.0.0.1") -> None:
        self.host = host
        self.cut_after = cut_after
        #: How many connections were cut.
        self.cuts = 0
        self._target = target
        self._free = threading.Event()
        self._free.set()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._listening = socket.create_server((self.host, 0))
        self.port = int(self._listening.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, name="tcp-proxy")]
        self._threads[0].start()

    def hold(self) -> None:
        """Keep back everything from now on."""
        self._free.clear()

    def let_go(self) -> None:
        """Hand on again."""
        self._free.set()

    def close(self) -> None:
        """Break all connections and end."""
        self._free.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            sockets = list(self._sockets)
        for one in sockets:
            _reset(one)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._target), 5)
                except OSError:
                    _reset(client)
                    continue
                server.settimeout(None)
                with self._lock:
                    self._sockets += [client, server]
                for source, sink, limited in ((client, server, True), (server, client, False)):
                    thread = threading.Thread(
                        target=self._pump, args=(source, sink, limited), name="tcp-proxy"
                    )
                    self._threads.append(thread)
                    thread.start()

    def _pump(self, source: socket.socket, sink: socket.socket, limited: bool) -> None:
        handed_on = 0
        with suppress(OSError):
            while piece := source.recv(4096):
                self._free.wait()
                sink.sendall(piece)
                handed_on += len(piece)
                if limited and self.cut_after is not None and handed_on >= self.cut_after:
                    self.cuts += 1
                    _reset(source)
                    break
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> "TcpProxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _reset(one: socket.socket) -> None:
    """Close with RST rather than FIN, as a broken line would; also wakes who waits in it."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    one.close()
