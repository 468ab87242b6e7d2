# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers that misbehave in the middle: no mail is lost, and none is sent twice but where its end is
unknown. Each attempt ends in time, and in words."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import trustme

from router.destinations import Declined, DestinationUnavailable, LoginRefused, Notice, time_limit
from router.destinations.email import EmailSender, EmailSettings
from servers.smtp import MisbehavingSmtp, Mood, SmtpServer
from servers.tcp_proxy import TcpProxy

#: What it does where it should answer: nothing good, for now, for good, too much, and no SMTP at all.
MOODS: Final[list[Mood | bytes]] = [
    "drop",
    "silent",
    "drip",
    "endless",
    b"421 I go away",
    b"451 Not now",
    b"550 Never",
    b"2" * 20_000,
    b"HTTP/1.1 400 Bad Request",
    b"\xff\x00\xfe",
    b"",
    b"999 What",
    b"250",
]
STEPS: Final = ["greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "content", "QUIT"]
#: Seconds; the limit is a fraction of that.
PATIENCE: Final = 8

counted: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def _short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "_WAITS", 0.5)


@pytest.fixture(scope="module", autouse=True)
def _told() -> Iterator[None]:
    yield
    print(f"mail servers that misbehaved: {counted.total()}")


def sender(port: int, **settings: Any) -> EmailSender:
    document = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "router@example.org",
        "timeout_seconds": 1,
    }
    return EmailSender(EmailSettings.model_validate(document | settings))


def notice() -> Notice:
    to = ["a@example.org", "b@example.org"]
    return Notice(key="k1", event={}, to=to, subject="CT is here", text="Hello\n" * 1000)


def message_id(source: bytes) -> bytes:
    [line] = [line for line in source.splitlines() if line.lower().startswith(b"message-id:")]
    return line


@pytest.mark.parametrize("mood", MOODS, ids=lambda mood: repr(mood)[:20])
@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_misbehaves_at_one_step(step: str, mood: Mood | bytes) -> None:
    extensions, settings = ["AUTH PLAIN LOGIN"], {"username": "me", "password": "secret"}
    if step == "STARTTLS":
        extensions, settings = ["STARTTLS"], {"security": "starttls"}
    begin = time.monotonic()
    failure: Exception | None = None
    with MisbehavingSmtp(step, mood, extensions) as server:
        try:
            sender(server.port, **settings).notify(notice())
        except (DestinationUnavailable, Declined) as error:
            failure = error
    counted[step] += 1
    assert time.monotonic() - begin < PATIENCE
    assert server.has_misbehaved
    taken = len(server.taken)
    if failure is None:
        # Said to have arrived: then it has, once.
        assert taken == 1
        return
    assert step != "QUIT"
    assert "foresaw" not in str(failure)
    assert len(str(failure)) > 20
    assert taken == (1 if step == "content" else 0), "only where its end is not known may it be sent again"
    assert not isinstance(failure, LoginRefused) or (step == "AUTH" and mood in {b"550 Never", b"999 What"})
    is_refused_for_good = isinstance(failure, Declined) and failure.lasting
    assert not is_refused_for_good or mood in {b"550 Never", b"999 What"}
    with SmtpServer() as good:
        sender(good.port).notify(notice())
    assert len(good.mails) == 1
    if server.taken:
        assert message_id(server.taken[0]) == message_id(good.mails[0].source)


@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize("cut_after", [1, 100, 400, 1000, 2500])
def test_encryption_that_stops(security: Any, cut_after: int, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trusted = {"security": security, "ca_file": str(tmp_path / "ca.pem"), "timeout_seconds": 10}
    with SmtpServer(security, authority=authority) as server, TcpProxy(server.port, cut_after) as proxy:
        with pytest.raises(DestinationUnavailable, match=r"broken off|TLS"):
            sender(proxy.port, **trusted).notify(notice())
        counted["encryption"] += 1
        assert server.mails == []
        proxy.cut_after = None
        sender(proxy.port, **trusted).notify(notice())
        assert len(server.mails) == 1


@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize("mood", ["silent", "drip", "drop", "endless"])
def test_encryption_that_never_comes(security: str, mood: Mood) -> None:
    step = "greeting" if security == "ssl" else "STARTTLS"
    with (
        MisbehavingSmtp(step, mood, ["STARTTLS"]) as server,
        pytest.raises(DestinationUnavailable),
    ):
        sender(server.port, security=security).notify(notice())
    counted["encryption"] += 1
    assert server.taken == []
