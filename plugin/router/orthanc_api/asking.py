# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to Orthanc's REST API: HTTP over loopback with the internal token (Orthanc Book, "REST API").

HTTP rather than `orthanc.RestApi...`: those calls hold the interpreter's lock while they wait, and Orthanc
needs the interpreter to tell the plugin of the next image.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from router.nesting import TOO_DEEP, is_too_deep
from router.orthanc_api.beginnings import Beginnings
from router.orthanc_api.connections import Connections
from router.orthanc_api.errors import OrthancError, error_of
from router.orthanc_api.keeping import Keeper
from router.orthanc_api.storage_area import StorageArea

#: How long Orthanc may take for an answer from its database.
DATABASE_SECONDS: Final = 60.0


class Asking:
    """The base of all calls. May be used from any thread."""

    def __init__(
        self,
        port: int,
        authorization: str,
        tls: bool = False,
        *,
        address: str = "127.0.0.1",
        waiting: int = 64,
        storage_directory: Path | None = None,
    ) -> None:
        """`waiting`: how many calls may wait for another machine (a DICOM node, a peer) at once. Each
        occupies a thread of Orthanc's web server; further calls wait here. `storage_directory`: where Orthanc
        keeps files on this machine, by its configuration."""
        self._headers = {"Authorization": authorization}
        self._connections = Connections(port, tls, address)
        self._storage = StorageArea(storage_directory)
        self._beginnings = Beginnings(self._connections, self._headers)
        self._keeper = Keeper(self._connections, self._headers)
        self._waiting = threading.BoundedSemaphore(waiting)
        #: By thread: the `UserData` of the jobs that it starts in Orthanc.
        self._purpose = threading.local()

    def keep_connections(self) -> None:
        """Keep some connections open from now on, until `close`, so that calls are possible while others hold
        all threads of Orthanc's web server. Log it when they do."""
        self._keeper.start()

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Give the calling thread a connection of its own in this context, which is kept open."""
        with self._connections.reserved():
            yield

    @contextmanager
    def acting_for(self, deliveries: Sequence[str]) -> Iterator[None]:
        """Mark the jobs that the calling thread starts in this context with the identifiers of these
        deliveries, as `UserData` (Orthanc 1.12.9 and newer): `{"RouterDeliveries": [...]}`."""
        self._purpose.user_data = {"RouterDeliveries": list(deliveries)}
        try:
            yield
        finally:
            del self._purpose.user_data

    def close(self) -> None:
        """Close the kept connections. Every later call raises OrthancUnreachable."""
        self._keeper.stop()
        self._connections.close()

    def _json(
        self, method: str, path: str, body: object = None, seconds: float | None = DATABASE_SECONDS
    ) -> Any:
        return json.loads(self._call(method, path, body, seconds))

    def _call(
        self, method: str, path: str, body: object = None, seconds: float | None = DATABASE_SECONDS
    ) -> bytes:
        """Make a call. It may be sent twice, so it must be repeatable."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        answer = self._connections.ask(method, path, content, self._headers, seconds)
        if answer.status >= 400:
            raise error_of(answer.status, answer.body)
        return answer.body

    def _call_that_waits(self, method: str, path: str, body: object = None) -> bytes:
        """Make a call in which Orthanc waits for another machine, with a timeout of its own."""
        with self._waiting:
            return self._call(method, path, body, seconds=None)


def check(file: bytes) -> None:
    """Refuse a file that is nested too deeply, before Orthanc parses it. Raises OrthancError."""
    if is_too_deep(file):
        raise OrthancError(400, TOO_DEEP)
