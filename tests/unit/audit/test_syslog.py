# SPDX-License-Identifier: GPL-3.0-or-later
"""Audit messages on their way to a syslog server: in order, none left out, whatever becomes of the server."""

import select
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from router.audit import Audit, AuditTrailKey, Reporter
from router.audit import reporter as reporting
from router.audit import syslog as sending
from router.audit.syslog import Syslog, SyslogUnavailable
from router.secrets import Vault
from router.settings import SyslogSettings
from router.store import Store, open_store
from servers.syslog import SyslogServer
from servers.waiting import wait_until
from unit.store.stored_samples import NOON


def settings(server: SyslogServer, **more: object) -> SyslogSettings:
    return SyslogSettings.model_validate(
        {"Host": "localhost", "Port": server.port, "CaFile": server.ca_file, **more}
    )


def audit_of(store: Store, folder: Path) -> Audit:
    return Audit(store, AuditTrailKey(store, Vault(folder / "secret.key")), "node-1", lambda: NOON)


def texts(server: SyslogServer) -> list[bytes]:
    return [message.text.removeprefix(b"\xef\xbb\xbf") for message in server.messages]


class TestSending:
    def test_it_comes_as_it_was_sent(self, tmp_path: Path) -> None:
        with SyslogServer(tmp_path) as server:
            Syslog(settings(server)).send([(NOON, b"one"), (NOON, "zwei ä\n".encode())])
            first, second = server.wait_for(2)
        assert (first.priority, first.timestamp, first.identifier) == (
            85,
            "2024-05-17T12:00:00.000Z",
            "DICOM+RFC3881",
        )
        assert first.application == "orthanc-router"
        assert (first.text, second.text) == (b"\xef\xbb\xbfone", b"\xef\xbb\xbf" + "zwei ä\n".encode())

    def test_much_at_once(self, tmp_path: Path) -> None:
        with SyslogServer(tmp_path) as server:
            Syslog(settings(server)).send([(NOON, b"x" * 10_000)] * 300)
            assert len(server.wait_for(300)) == 300

    def test_to_a_server_that_closes_without_a_word(self, tmp_path: Path) -> None:
        with SyslogServer(tmp_path, says_goodbye=False) as server:
            Syslog(settings(server)).send([(NOON, b"one")])
            server.wait_for(1)

    def test_with_a_certificate_where_the_server_asks_for_one(self, tmp_path: Path) -> None:
        with SyslogServer(tmp_path, asks_for_certificate=True) as server:
            with pytest.raises(SyslogUnavailable):
                Syslog(settings(server)).send([(NOON, b"one")])
            Syslog(settings(server, CertificateFile=server.client_file)).send([(NOON, b"two")])
            server.wait_for(1)
        assert texts(server) == [b"two"]

    def test_a_refusal_that_has_come_before_we_look(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        close = sending._TlsConnection.close

        def late(connection: sending._TlsConnection) -> None:
            select.select([connection._plain], [], [], 10)
            close(connection)

        monkeypatch.setattr(sending._TlsConnection, "close", late)
        with SyslogServer(tmp_path, asks_for_certificate=True) as server:
            with pytest.raises(SyslogUnavailable):
                Syslog(settings(server)).send([(NOON, b"one")])
            assert server.messages == []

    def test_not_to_a_server_that_is_not_known(self, tmp_path: Path) -> None:
        other = SyslogServer(tmp_path / "other")
        with SyslogServer(tmp_path / "real") as server:
            with pytest.raises(SyslogUnavailable, match="certificate"):
                Syslog(settings(server, CaFile=other.ca_file)).send([(NOON, b"one")])
            with pytest.raises(SyslogUnavailable, match="certificate"):
                Syslog(settings(server, Host="127.0.0.1")).send([(NOON, b"one")])
        assert server.messages == []

    def test_a_server_that_reads_nothing_has_not_got_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sending, "_TIMEOUT_SECONDS", 0.3)
        with SyslogServer(tmp_path) as server:
            server.reads.clear()
            with pytest.raises(SyslogUnavailable, match="timed out"):
                Syslog(settings(server)).send([(NOON, b"one")])

    def test_a_server_that_is_away(self, tmp_path: Path) -> None:
        server = SyslogServer(tmp_path)
        with pytest.raises(SyslogUnavailable, match="refused"):
            Syslog(settings(server)).send([(NOON, b"one")])

    def test_a_certificate_file_that_is_not_there(self, tmp_path: Path) -> None:
        with SyslogServer(tmp_path) as server, pytest.raises(SyslogUnavailable, match="No such file"):
            Syslog(settings(server, CaFile=tmp_path / "none")).send([(NOON, b"one")])


class TestReporting:
    @pytest.fixture(autouse=True)
    def _soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reporting, "_LOOK_SECONDS", 0.02)
        monkeypatch.setattr(reporting, "_LONGEST_PAUSE_SECONDS", 0.1)
        monkeypatch.setattr(reporting, "_PORTION", 3)

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        with closing(open_store(None, "", tmp_path)) as opened:
            yield opened

    @pytest.fixture
    def reporter(self, store: Store) -> Iterator[Callable[[SyslogServer], Reporter]]:
        """Starts one; it is stopped after the test."""
        started: list[Reporter] = []

        def start(server: SyslogServer) -> Reporter:
            name = f"node-{len(started) + 1}"
            one = Reporter(store, Syslog(settings(server)), "Test", name, lambda: datetime.now(UTC))
            started.append(one)
            one.start()
            return one

        yield start
        for one in started:
            one.stop()

    def test_all_that_was_recorded_before_and_since(
        self, store: Store, reporter: Callable[[SyslogServer], Reporter], tmp_path: Path
    ) -> None:
        audit = audit_of(store, tmp_path)
        for n in range(7):
            audit.record("policy.changed", detail=f"before {n}")
        with SyslogServer(tmp_path / "syslog") as server:
            reporter(server)
            server.wait_for(7)
            audit.record("policy.changed", detail="since")
            server.wait_for(8)
        details = [
            text.partition(b"<EventOutcomeDescription>")[2].partition(b"<")[0] for text in texts(server)
        ]
        assert details == [*(f"before {n}".encode() for n in range(7)), b"since"]

    def test_nothing_is_left_out_while_the_server_is_away(
        self, store: Store, reporter: Callable[[SyslogServer], Reporter], tmp_path: Path
    ) -> None:
        audit = audit_of(store, tmp_path)
        server = SyslogServer(tmp_path / "syslog").start()
        first = reporter(server)
        audit.record("policy.changed", detail="the first")
        server.wait_for(1)
        server.stop()
        audit.record("policy.changed", detail="the second")
        wait_until(lambda: "refused" in first.problem, 10, lambda: first.problem)
        with server:
            server.wait_for(2)
            wait_until(lambda: first.problem == "", 10, lambda: first.problem)
        assert [b"the second" in text for text in texts(server)] == [False, True]

    def test_after_a_restart_it_goes_on_where_it_was(
        self, store: Store, reporter: Callable[[SyslogServer], Reporter], tmp_path: Path
    ) -> None:
        audit = audit_of(store, tmp_path)
        with SyslogServer(tmp_path / "syslog") as server:
            audit.record("policy.changed", detail="the first")
            again = Reporter(store, Syslog(settings(server)), "Test", "node-1", lambda: datetime.now(UTC))
            again.start()
            server.wait_for(1)
            again.stop()
            audit.record("policy.changed", detail="the second")
            reporter(server)
            server.wait_for(2)
        assert [b"the second" in text for text in texts(server)] == [False, True]
