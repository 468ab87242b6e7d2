# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP to Orthanc's web server: what is kept, what is asked again, and what fails in words."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from router.orthanc_api import keeping
from router.orthanc_api.connections import Answer, Connections
from router.orthanc_api.errors import OrthancSilent, OrthancUnreachable
from servers.process import free_port
from servers.waiting import wait_until


class WebServer:
    """Answers so many requests on each connection, in order, and then closes it."""

    def __init__(self, *answers: int, body: bytes = b"ok") -> None:
        self.requests: list[bytes] = []
        self.closed = 0
        self._answers = answers
        self._answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def connections(self) -> int:
        return len({request.split(b"#")[0] for request in self.requests})

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        for number, answers in enumerate(self._answers):
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                for _ in range(answers):
                    if not self._receive(number, connection):
                        break
                    connection.sendall(self._answer)
                if not answers:
                    self._receive(number, connection)
            self.closed += 1

    def _receive(self, number: int, connection: socket.socket) -> bool:
        request = connection.recv(65536)
        if request:
            self.requests.append(b"%d#%s" % (number, request))
        return bool(request)


@contextmanager
def asking(*answers: int, body: bytes = b"ok") -> Iterator[tuple[WebServer, Connections]]:
    with (
        closing(WebServer(*answers, body=body)) as server,
        closing(Connections(server.port, tls=False)) as connections,
    ):
        yield server, connections


def ask(connections: Connections, body: bytes | None = None, seconds: float | None = None) -> Answer:
    return connections.ask("GET" if body is None else "POST", "/it", body, {"Name": "value"}, seconds)


def test_an_answer() -> None:
    with asking(1) as (server, connections):
        assert ask(connections, b"body") == Answer(200, b"ok")
    [request] = server.requests
    assert request.startswith(b"0#POST /it HTTP/1.1\r\n")
    assert b"\r\nName: value\r\n" in request
    assert b"\r\nContent-Length: 4\r\n" in request


def test_a_connection_is_used_again() -> None:
    with asking(2) as (server, connections):
        ask(connections)
        ask(connections)
        assert server.connections == 1


def test_one_that_the_server_has_closed_is_not() -> None:
    with asking(1, 1) as (server, connections):
        ask(connections)
        wait_until(lambda: server.closed == 1)
        ask(connections)
        assert server.connections == len(server.requests) == 2


def test_where_the_server_closes_it_as_we_ask_it_is_asked_again() -> None:
    with asking(0, 1) as (server, connections):
        assert ask(connections) == Answer(200, b"ok")
        assert len(server.requests) == 2


def test_a_server_that_never_answers_is_asked_twice() -> None:
    with asking(0, 0, 0) as (server, connections):
        with pytest.raises(OrthancSilent, match="Orthanc has closed the connection"):
            ask(connections)
        assert len(server.requests) == 2


def test_two_at_a_time_have_a_connection_each() -> None:
    with asking(1, 1) as (server, connections):
        answers: list[Answer] = []
        threads = [
            threading.Thread(target=lambda: answers.append(ask(connections)), daemon=True) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == server.connections == 2


def test_nobody_listens() -> None:
    with (
        closing(Connections(free_port(), tls=False)) as connections,
        pytest.raises(OrthancUnreachable, match=r"Orthanc does not answer: .*refused") as caught,
    ):
        ask(connections)
    assert not isinstance(caught.value, OrthancSilent)


def test_an_answer_that_takes_too_long() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        closing(Connections(silent.getsockname()[1], tls=False)) as connections,
        pytest.raises(OrthancUnreachable, match="Orthanc does not answer: timed out"),
    ):
        ask(connections, seconds=0.05)


def test_an_answer_that_breaks_off() -> None:
    with (
        asking(1, 1, body=b"o") as (_, connections),
        pytest.raises(OrthancUnreachable, match="IncompleteRead"),
    ):
        ask(connections)


def test_nothing_is_asked_after_the_end() -> None:
    with asking(2) as (server, connections):
        ask(connections)
        connections.close()
        with pytest.raises(OrthancUnreachable, match="Orthanc is stopping"):
            ask(connections)
        assert len(server.requests) == 1


def test_a_thread_has_a_connection_of_its_own() -> None:
    with asking(3, 1) as (server, connections):
        with connections.reserved():
            ask(connections)
            other = threading.Thread(target=lambda: ask(connections), daemon=True)
            # The server takes connections one after the other: the other thread's waits for its turn.
            other.start()
            ask(connections)
            ask(connections)
        other.join()
        assert [request[:1] for request in server.requests] == [b"0", b"0", b"0", b"1"]


def test_connections_are_kept_open_by_using_them() -> None:
    with asking(3, 2) as (server, connections), connections.reserved():
        ask(connections)
        connections.refresh("/now", {}, idle=0.0, wanted=0, seconds=1.0)
        ask(connections)
        assert server.connections == 1
        assert [request.split()[1] for request in server.requests] == [b"/it", b"/now", b"/it"]


def test_one_that_others_share_is_made_where_there_is_none() -> None:
    with asking(3) as (server, connections):
        connections.refresh("/now", {}, idle=0.0, wanted=1, seconds=1.0)
        ask(connections)
        connections.refresh("/now", {}, idle=0.0, wanted=1, seconds=1.0)
        assert len(server.requests) == 3
        assert server.connections == 1


def test_a_web_server_that_answers_nobody_new_is_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeping, "_LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(keeping, "_LOOK_SECONDS", 0.1)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        connections = Connections(silent.getsockname()[1], tls=False)
        keeper = keeping.Keeper(connections, {})
        keeper.start()
        wait_until(lambda: "has not answered a new connection" in caplog.text)
        keeper.stop()
        connections.close()
