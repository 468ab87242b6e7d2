# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads many files from Orthanc over HTTP: the beginning of each, and further parts where needed."""

import http.client
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO, Final, TypeVar, cast

from router.orthanc_api.connections import Answer, Connections
from router.orthanc_api.errors import OrthancSilent, OrthancUnreachable

#: Bytes of the beginning, which holds most headers whole; and of each further part.
BEGINNING: Final = 1 << 16
PART: Final = 1 << 20
#: How many requests are sent before their answers are read; they fit into any socket's buffer.
_SENT_AHEAD: Final = 20
_BUFFER: Final = 1 << 16
#: How long Orthanc may be silent within an answer.
_SECONDS: Final = 60.0
#: Orthanc 1.13 refuses a range that goes beyond the end of the file, which is valid (RFC 9110, 14.1.2).
_NO_SUCH_RANGE: Final = 416
_RANGE: Final = re.compile(rb"bytes 0-\d+/(\d+)")

_Taken = TypeVar("_Taken")


class File:
    """A file that is read in order: the body of an answer, and then the parts that `following` yields."""

    def __init__(self, stream: BinaryIO, length: int, following: Iterator[bytes]) -> None:
        """`length`: bytes of the body."""
        self._stream = stream
        self._left = length
        self._following = following
        self._part = b""

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes; fewer only at the end. Raises OrthancSilent, OrthancUnreachable."""
        taken = self._of_body(size)
        while len(taken) < size:
            self._part = self._part or next(self._following, b"")
            if not self._part:
                break
            missing = size - len(taken)
            taken += self._part[:missing]
            self._part = self._part[missing:]
        return taken

    def pass_over(self) -> None:
        """Read the rest of the body, so that the next answer can be read. Raises OrthancSilent."""
        while self._left:
            self._of_body(_BUFFER)

    def _of_body(self, size: int) -> bytes:
        wanted = min(size, self._left)
        taken = self._stream.read(wanted)
        if len(taken) < wanted:
            raise OrthancSilent("Orthanc has closed the connection within an answer")
        self._left -= wanted
        return taken


class Beginnings:
    """Requests files in parts (RFC 9110, 14.2). Orthanc 1.12.4 and older sends each file as a whole; what is
    not needed is passed over. May be used from any thread."""

    def __init__(self, connections: Connections, headers: Mapping[str, str]) -> None:
        self._connections = connections
        self._headers = headers

    def read(self, paths: Sequence[str], take: Callable[[File], _Taken]) -> list[_Taken | Answer]:
        """Return the result of `take` for each path, in order; the answer itself where it is an error.

        Sends several requests before it reads their answers (RFC 9112, 9.3.2), which takes a fifth of the
        time for small files. Each request may be sent twice. Raises OrthancUnreachable, and the errors of
        `take`.
        """
        taken: list[_Taken | Answer] = []
        is_new = False
        while len(taken) < len(paths):
            connection = None if is_new else self._connections.taken()
            is_new = connection is None
            before = len(taken)
            try:
                self._ask_ahead(connection or self._connections.opened(), paths, taken, take)
            except OrthancSilent:
                # Orthanc may have closed a kept connection; a new one must bring at least one answer.
                if is_new and len(taken) == before:
                    raise
        return taken

    def _ask_ahead(
        self,
        connection: http.client.HTTPConnection,
        paths: Sequence[str],
        taken: list[_Taken | Answer],
        take: Callable[[File], _Taken],
    ) -> None:
        """Request what is missing in `taken`, and add it. Raises OrthancSilent, OrthancUnreachable."""
        is_kept = False
        try:
            connection.sock.settimeout(_SECONDS)
            with cast(BinaryIO, connection.sock.makefile("rb", _BUFFER)) as stream:
                while len(taken) < len(paths):
                    ahead = paths[len(taken) : len(taken) + _SENT_AHEAD]
                    connection.sock.sendall(b"".join(map(self._request, ahead)))
                    # Results stay even where a later one raises.
                    taken.extend(self._taken(path, stream, take) for path in ahead)
            is_kept = True
        except ConnectionError as error:
            raise OrthancSilent(f"Orthanc has closed the connection: {error}") from error
        except OSError as error:
            raise OrthancUnreachable(f"Orthanc does not answer: {error}") from error
        finally:
            if is_kept:
                self._connections.keep(connection)
            else:
                connection.close()

    def _request(self, path: str) -> bytes:
        headers = {"Host": "127.0.0.1", "Range": f"bytes=0-{BEGINNING - 1}", **self._headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode("ascii")

    def _taken(self, path: str, stream: BinaryIO, take: Callable[[File], _Taken]) -> _Taken | Answer:
        status, length, whole = _head(stream)
        if status == _NO_SUCH_RANGE:
            stream.read(length)
            return self._taken_whole(path, take)
        if status not in {200, 206}:
            return Answer(status, stream.read(length))
        file = File(stream, length, self._following(path, length, whole))
        taken = take(file)
        file.pass_over()
        return taken

    def _taken_whole(self, path: str, take: Callable[[File], _Taken]) -> _Taken | Answer:
        """Take a file shorter than a beginning, over another connection. Raises OrthancUnreachable."""
        answer = self._connections.ask("GET", path, None, self._headers, _SECONDS)
        if answer.status != 200:
            return answer
        return take(File(io.BytesIO(answer.body), len(answer.body), iter(())))

    def _following(self, path: str, start: int, whole: int) -> Iterator[bytes]:
        """Yield the parts of a file after its beginning, over other connections; ends where it is gone."""
        while start < whole:
            part = {"Range": f"bytes={start}-{min(start + PART, whole) - 1}"}
            answer = self._connections.ask("GET", path, None, {**self._headers, **part}, _SECONDS)
            if answer.status != 206 or not answer.body:
                return
            yield answer.body
            start += len(answer.body)


def _head(stream: BinaryIO) -> tuple[int, int, int]:
    """Read the head of an answer: its status, the bytes of the body, and those of the whole file (0 where the
    body is not a part). Raises OrthancSilent where there is none."""
    status = stream.readline(_BUFFER)
    length = whole = 0
    while line := stream.readline(_BUFFER).rstrip(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif name.lower() == b"content-range" and (range_ := _RANGE.fullmatch(value.strip())):
            whole = int(range_[1])
    try:
        return int(status.split()[1]), length, whole
    except (IndexError, ValueError):
        raise OrthancSilent("Orthanc has closed the connection without an answer") from None
