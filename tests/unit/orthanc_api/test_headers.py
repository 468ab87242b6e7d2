# SPDX-License-Identifier: GPL-3.0-or-later
"""Of a file no more is read than is wanted: where it lies, or from Orthanc in parts, if it knows parts."""

import io
import re
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from router.orthanc_api import OrthancApi, OrthancError, storage_area
from router.orthanc_api.beginnings import BEGINNING, PART
from router.orthanc_api.storage_area import StorageArea
from samples import file_bytes, make_image

Read = Callable[[int], bytes]
FILE = file_bytes(make_image(size=3 * PART, StudyDescription="CHEST"))
SHORT = file_bytes(make_image(size=1000))


class WebServer(ThreadingHTTPServer):
    """Has files by path, and gives parts of them or not; notes what was asked and how many bytes it gave."""

    daemon_threads = True

    def __init__(self, *, knows_parts: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.knows_parts = knows_parts
        #: Whether a part that ends beyond the file is refused, as Orthanc 1.13 does.
        self.is_strict = False
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.sent = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WebServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        file = self.server.files.get(self.path)
        if file is None:
            self._answer(404, b'{"Message": "Unknown resource"}')
        elif self.server.knows_parts and (
            asked := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        ):
            if self.server.is_strict and int(asked[2]) >= len(file):
                self._answer(416, b'{"Message": "Incorrect range request"}')
                return
            start, end = int(asked[1]), min(int(asked[2]) + 1, len(file))
            self._answer(206, file[start:end], f"bytes {start}-{end - 1}/{len(file)}")
        else:
            self._answer(200, file)

    def _answer(self, status: int, body: bytes, content_range: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        self.wfile.write(body)
        self.server.sent += len(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(*, knows_parts: bool, files: dict[str, bytes]) -> Iterator[tuple[WebServer, OrthancApi]]:
    """An Orthanc that has these instances, and the calls of its API."""
    server = WebServer(knows_parts=knows_parts)
    server.files = {path(instance): file for instance, file in files.items()}
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        with closing(OrthancApi(server.server_port, "token")) as orthanc:
            yield server, orthanc
    finally:
        server.shutdown()
        server.server_close()


def path(instance: str) -> str:
    return f"/instances/{instance}/attachments/dicom/data"


def bytes_of(*sizes: int) -> Callable[[Read], bytes]:
    """What takes so many bytes each time."""
    return lambda read: b"".join(map(read, sizes))


@pytest.mark.parametrize("knows_parts", [True, False])
@pytest.mark.parametrize(
    "sizes", [(0,), (132, 1000), (BEGINNING, 1), (BEGINNING + PART + 5, 7), (len(FILE), 9)]
)
def test_files_from_orthanc(sizes: tuple[int, ...], knows_parts: bool) -> None:
    files = {f"image {number}": FILE for number in range(25)}
    del files["image 7"]
    with serving(knows_parts=knows_parts, files={one.replace(" ", "%20"): files[one] for one in files}) as (
        server,
        orthanc,
    ):
        answers = orthanc.headers({f"image {number}": "" for number in range(25)}, bytes_of(*sizes))
    gone = answers.pop(7)
    assert isinstance(gone, OrthancError)
    assert gone.status == 404
    assert answers == [(FILE[: sum(sizes)],)] * 24
    if knows_parts and sum(sizes) <= BEGINNING:
        assert server.sent < 25 * (BEGINNING + 100)


@pytest.mark.parametrize(
    "size",
    [500, len(SHORT), len(SHORT) + 1, BEGINNING + PART + 5],
    ids=["a beginning", "a whole short file", "more than a short file has", "several parts"],
)
def test_an_orthanc_that_refuses_parts_beyond_the_end_of_a_file(size: int) -> None:
    files = {f"image-{number}": SHORT if number % 2 else FILE for number in range(25)}
    with serving(knows_parts=True, files=files) as (server, orthanc):
        server.is_strict = True
        answers = orthanc.headers(dict.fromkeys([*files, "gone"], ""), bytes_of(size))
    gone = answers.pop()
    assert isinstance(gone, OrthancError)
    assert answers == [(file[:size],) for file in files.values()]


def test_one_that_goes_while_it_is_read_ends() -> None:
    with serving(knows_parts=True, files={"image": FILE}) as (server, orthanc):

        def take(read: Read) -> int:
            begin = read(BEGINNING)
            server.files.clear()
            return len(begin + read(10))

        assert orthanc.headers({"image": ""}, take) == [(BEGINNING,)]


def in_storage(folder: Path, content: bytes) -> str:
    """The name of a new file with this content."""
    name = str(uuid.uuid4())
    place = folder / name[:2] / name[2:4]
    place.mkdir(parents=True)
    (place / name).write_bytes(content)
    return name


def test_files_where_they_lie_are_not_asked_for(tmp_path: Path) -> None:
    here, compressed, elsewhere = (in_storage(tmp_path, FILE), in_storage(tmp_path, zlib.compress(FILE)), "")
    with serving(knows_parts=True, files=dict.fromkeys(("a", "b", "c", "d"), FILE)) as (server, _):
        orthanc = OrthancApi(server.server_port, "token", storage_directory=tmp_path)
        names = {"a": elsewhere, "b": here, "c": compressed, "d": str(uuid.uuid4())}
        assert orthanc.headers(names, bytes_of(500)) == [(FILE[:500],)] * 4
        orthanc.close()
    assert server.asked == [path("a"), path("c"), path("d")]


def test_no_more_is_read_than_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0

    class Counting(io.FileIO):
        def readinto(self, buffer: bytearray | memoryview) -> int | None:  # type: ignore[override]
            nonlocal read
            count = super().readinto(buffer)
            read += count or 0
            return count

    name = in_storage(tmp_path, FILE)
    monkeypatch.setattr(storage_area, "FileIO", Counting)
    assert StorageArea(tmp_path).read(name, bytes_of(1000)) == (FILE[:1000],)
    assert 1000 <= read <= 1 << 14


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "x" * 36, "-" * 36])
def test_only_names_that_orthanc_gives_are_looked_for(tmp_path: Path, name: str) -> None:
    assert StorageArea(tmp_path).read(name, bytes_of(1)) is None


def test_where_the_storage_area_is_not_known() -> None:
    assert StorageArea(None).read(str(uuid.uuid4()), bytes_of(1)) is None
