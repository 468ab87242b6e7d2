# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clients at once, or many slow ones, stop neither the API nor the routing."""

import contextlib
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from samples import make_series, uids
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until

#: More than Orthanc's web server has threads.
THREADS = 24
MANY = 3 * THREADS


@pytest.fixture
def server(tmp_path: Path) -> OrthancServer:
    options = {"HttpThreadsCount": THREADS, "HttpRequestTimeout": 60}
    return OrthancServer(tmp_path / "orthanc", options=options)


def test_more_requests_at_once_than_orthanc_has_threads(server: OrthancServer, node: Node) -> None:
    with server:
        router = RouterClient(server.rest)
        router.policy("Out", patient("SOMEONE"), router.destination("Node", node))
        together = threading.Barrier(MANY)

        def ask(_number: int) -> tuple[int, str | None]:
            together.wait()
            answer = server.rest.request("GET", "/router/health", timeout=60)
            return answer.status_code, answer.headers.get("Retry-After")

        # All are read by Orthanc in one moment, as after a machine was frozen.
        server.pause()
        with ThreadPoolExecutor(MANY) as clients:
            asked = clients.map(ask, range(MANY))
            wait_until(lambda: _waiting(server) >= MANY)
            assert_no_answer(server)
            server.resume()
            answers = Counter(asked)
        assert set(answers) <= {(200, None), (503, "1")}, answers
        assert answers[(200, None)] > 0
        images = make_series(3, PatientID="SOMEONE")
        send(server.dicom_port, images)
        node.wait_for(uids(images))
        assert server.rest.request("GET", "/router/health", timeout=5).status_code == 200


def test_clients_that_hold_all_threads(server: OrthancServer, node: Node) -> None:
    with server, contextlib.ExitStack() as held:
        router = RouterClient(server.rest)
        router.policy("Out", patient("SOMEONE"), router.destination("Node", node))
        for _ in range(2 * THREADS):
            client = held.enter_context(socket.create_connection(("127.0.0.1", server.http_port)))
            client.sendall(b"GET /system HTTP/1.1\r\nHost: orthanc\r\nX-Slow: ")
        assert_no_answer(server)
        images = make_series(3, PatientID="SOMEONE")
        send(server.dicom_port, images)
        node.wait_for(uids(images), timeout=10)


def assert_no_answer(server: OrthancServer) -> None:
    """That nobody is answered for longer than Orthanc keeps a connection that rests."""
    with pytest.raises(requests.Timeout):
        server.rest.request("GET", "/system", timeout=1.5)


def _waiting(server: OrthancServer) -> int:
    """Connections to the web server that are open."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    local = f"0100007F:{server.http_port:04X}"
    return sum(line.split()[1] == local and line.split()[3] == "01" for line in lines)
