# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that are slow, greedy or broken do not keep others from being answered."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from servers.orthanc import OrthancServer

#: Fewer than the threads of Orthanc's web server (`HttpThreadsCount`), each of which one of them takes.
CLIENTS = 100
HEAD = b"POST /router/evaluate HTTP/1.1\r\nHost: orthanc\r\n"
UNFINISHED = {
    "headers": HEAD + b"X-Slow: ",
    "body": HEAD + b"Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{",
}


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """What is asked has nothing to do with the store."""
    with OrthancServer(tmp_path_factory.mktemp("orthanc")) as server:
        yield server
    assert "Traceback" not in server.log(), server.log()


@pytest.mark.parametrize("part", UNFINISHED)
def test_clients_that_never_finish(orthanc: OrthancServer, part: str) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(CLIENTS):
            client = held.enter_context(socket.create_connection(("127.0.0.1", orthanc.http_port)))
            client.sendall(UNFINISHED[part])
        assert orthanc.rest.request("GET", "/router/health", timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"rule": ' + b'{"not": ' * 100_000 + b"{}" + b"}" * 100_001, 400),
        (b"[" * 1_000_000, 400),
        (b'{"rule": {"all": []}, "tags": {"PatientID": "' + b"x" * 5_000_000 + b'"}}', 413),
        (b'{"rule": {"all": []}, "tags": {"PatientID": ' + b"9" * 100_000 + b"}}", 400),
        (b"\xff\xfe{}", 400),
    ],
    ids=["deep", "deeper", "large", "a number of many digits", "no text"],
)
def test_bodies_that_nobody_sends_in_earnest(orthanc: OrthancServer, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    answer = orthanc.rest.request("POST", "/router/evaluate", data=body, headers=headers)
    assert answer.status_code == status, answer.text[:300]
    assert answer.json()["error"]["message"]
    assert orthanc.rest.request("GET", "/router/health").status_code == 200
