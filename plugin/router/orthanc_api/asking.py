# SPDX-License-Identifier: GPL-3.0-or-later
"""How Orthanc's REST API is asked: HTTP over loopback with the internal token (Orthanc Book, "REST API").

HTTP rather than `orthanc.RestApi...`, because those calls hold the interpreter's lock while they wait,
and the interpreter is what Orthanc needs to tell the plugin of the next image.
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

#: How long Orthanc may take to answer what its database tells.
DATABASE_SECONDS: Final = 60.0


class Asking:
    """What all calls have in common. May be used from any thread."""

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
        """`waiting` is how many calls at once may wait for somebody else (a DICOM node, a peer): each holds a
        thread of Orthanc's web server meanwhile. More calls than that wait here. `storage_directory` is where
        Orthanc keeps files on this machine, by its configuration."""
        self._headers = {"Authorization": authorization}
        self._connections = Connections(port, tls, address)
        self._storage = StorageArea(storage_directory)
        self._beginnings = Beginnings(self._connections, self._headers)
        self._keeper = Keeper(self._connections, self._headers)
        self._waiting = threading.BoundedSemaphore(waiting)
        #: By thread: what the jobs of Orthanc that it asks for are to carry.
        self._purpose = threading.local()

    def keep_connections(self) -> None:
        """Keep some connections open from now on, until `close`, so that there is one when all threads of
        Orthanc's web server are taken by others; and say so in the log when they are."""
        self._keeper.start()

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """What the calling thread asks in the block has a connection of its own, which is kept open."""
        with self._connections.reserved():
            yield

    @contextmanager
    def acting_for(self, deliveries: Sequence[str]) -> Iterator[None]:
        """Orthanc's jobs that the calling thread asks for in the block carry the identifiers of these
        deliveries, as `UserData` (Orthanc 1.12.9 and newer): `{"RouterDeliveries": [...]}`."""
        self._purpose.user_data = {"RouterDeliveries": list(deliveries)}
        try:
            yield
        finally:
            del self._purpose.user_data

    def close(self) -> None:
        """Close the connections that are kept, and ask nothing more: every later call raises
        OrthancUnreachable."""
        self._keeper.stop()
        self._connections.close()

    def _json(
        self, method: str, path: str, body: object = None, seconds: float | None = DATABASE_SECONDS
    ) -> Any:
        return json.loads(self._call(method, path, body, seconds))

    def _call(
        self, method: str, path: str, body: object = None, seconds: float | None = DATABASE_SECONDS
    ) -> bytes:
        """Everything asked here may be asked twice."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        answer = self._connections.ask(method, path, content, self._headers, seconds)
        if answer.status >= 400:
            raise error_of(answer.status, answer.body)
        return answer.body

    def _call_that_waits(self, method: str, path: str, body: object = None) -> bytes:
        """One in which Orthanc waits for somebody else, which has a limit of time of its own there."""
        with self._waiting:
            return self._call(method, path, body, seconds=None)


def check(file: bytes) -> None:
    """Before Orthanc parses a file. Raises OrthancError."""
    if is_too_deep(file):
        raise OrthancError(400, TOO_DEEP)
