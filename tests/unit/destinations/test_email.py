# SPDX-License-Identifier: GPL-3.0-or-later
"""Destination kind `email`, against a real mail server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from router.destinations import Attachment, Declined, DestinationUnavailable, LoginRefused, Notice
from router.destinations.email import EmailSender, EmailSettings
from servers.process import free_port
from servers.smtp import SilentServer, SmtpServer

LOGIN = ("router", "s3cret")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    """Without encryption and login."""
    with SmtpServer() as running:
        yield running


def sender(server: SmtpServer | SilentServer, **settings: Any) -> EmailSender:
    """The destination that leads to the server."""
    document = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "router@example.org"}
    return EmailSender(EmailSettings.model_validate(document | settings))


def notice(**fields: Any) -> Notice:
    given = {"key": "k1", "event": {}, "to": ["a@example.org"], "subject": "CT is here", "text": "Hello"}
    return Notice(**(given | fields))


class TestAMail:
    def test_has_everything_that_the_notice_says(self, server: SmtpServer) -> None:
        picture = Attachment("preview.png", "image/png", b"\x89PNG")
        table = Attachment("series.csv", "text/csv", b"\xef\xbb\xbfA,B\r\n")
        sender(server, sender="Orthanc Router <router@example.org>").notify(
            notice(
                to=["a@example.org", "b@example.org"],
                cc=["c@example.org"],
                bcc=["d@example.org"],
                subject="Für Köln: 東京",
                text="Grüße\nzwei",
                html="<b>Grüße</b>",
                attachments=[picture, table],
            )
        )
        [mail] = server.mails
        assert mail.sender == "router@example.org"
        assert mail.recipients == ["a@example.org", "b@example.org", "c@example.org", "d@example.org"]
        assert mail.message["From"] == "Orthanc Router <router@example.org>"
        assert mail.message["To"] == "a@example.org, b@example.org"
        assert mail.message["Cc"] == "c@example.org"
        assert mail.message["Subject"] == "Für Köln: 東京"
        assert mail.text.splitlines() == ["Grüße", "zwei"]
        assert mail.part("text/html").get_content().strip() == "<b>Grüße</b>"
        assert mail.part("image/png").get_content() == b"\x89PNG"
        assert mail.part("text/csv").get_filename() == "series.csv"

    def test_hides_who_is_in_bcc(self, server: SmtpServer) -> None:
        sender(server).notify(notice(to=[], bcc=["hidden@example.org"]))
        [mail] = server.mails
        assert mail.recipients == ["hidden@example.org"]
        assert b"hidden" not in mail.source

    def test_has_the_same_message_id_at_every_attempt(self, server: SmtpServer) -> None:
        for key in ("k1", "k1", "k2"):
            sender(server).notify(notice(key=key))
        first, second, other = (mail.message["Message-ID"] for mail in server.mails)
        assert first == second != other
        assert first.endswith("@example.org>")

    def test_is_never_the_file_that_its_text_names(self, server: SmtpServer, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("do not send")
        sender(server).notify(notice(text=str(secret), html=str(secret)))
        [mail] = server.mails
        assert b"do not send" not in mail.source
        assert mail.text.strip() == str(secret)

    def test_cannot_be_given_another_header(self, server: SmtpServer) -> None:
        with pytest.raises(ValueError, match="linefeed"):
            sender(server).notify(notice(subject="CT\r\nBcc: thief@example.org"))
        assert server.mails == []


class TestSecurity:
    @pytest.mark.parametrize("security", ["starttls", "ssl"])
    def test_is_used_and_the_login_behind_it(
        self, authority: trustme.CA, ca_file: Path, security: Any
    ) -> None:
        with SmtpServer(security, LOGIN if security == "starttls" else None, authority) as server:
            login = {"username": LOGIN[0], "password": LOGIN[1]} if security == "starttls" else {}
            target = sender(server, security=security, ca_file=ca_file, **login)
            assert target.test()
            assert server.mails == []
            target.notify(notice())
            [mail] = server.mails
        assert mail.encrypted
        assert mail.user == (LOGIN[0] if login else None)

    @pytest.mark.parametrize("security", ["starttls", "ssl"])
    def test_a_certificate_that_nobody_vouches_for_is_refused(
        self, authority: trustme.CA, security: Any
    ) -> None:
        with SmtpServer(security, None, authority) as server:
            with pytest.raises(DestinationUnavailable, match="certificate"):
                sender(server, security=security).notify(notice())
            assert server.mails == []

    def test_there_is_no_falling_back_to_plain_text(self, server: SmtpServer) -> None:
        with pytest.raises(DestinationUnavailable, match="STARTTLS"):
            sender(server, security="starttls").notify(notice())
        assert server.mails == []

    def test_wrong_security_for_the_port_is_told(self, server: SmtpServer) -> None:
        with pytest.raises(DestinationUnavailable, match="check security and port"):
            sender(server, security="ssl").test()


class TestWhatGoesWrong:
    def test_wrong_credentials(self, authority: trustme.CA, ca_file: Path) -> None:
        with SmtpServer("starttls", LOGIN, authority) as server:
            login = {"username": LOGIN[0], "password": "wrong"}
            target = sender(server, security="starttls", ca_file=ca_file, **login)
            with pytest.raises(LoginRefused, match="user or the password"):
                target.test()
            with pytest.raises(LoginRefused):
                target.notify(notice())

    def test_an_unknown_host(self, server: SmtpServer) -> None:
        with pytest.raises(DestinationUnavailable, match=r"no-such-host\.invalid is not known"):
            sender(server, host="no-such-host.invalid").test()

    def test_nobody_listens(self, server: SmtpServer) -> None:
        with pytest.raises(DestinationUnavailable, match="Nobody listens"):
            sender(server, port=free_port()).notify(notice())

    def test_a_server_that_says_nothing(self) -> None:
        with SilentServer() as silent, pytest.raises(DestinationUnavailable, match="within 1 s"):
            sender(silent, timeout_seconds=1).test()

    def test_a_recipient_refused_for_good_is_lasting_and_the_others_have_it(self, server: SmtpServer) -> None:
        server.recipients["gone@example.org"] = "550 no such user"
        with pytest.raises(Declined, match=r"gone@example.org: 550 no such user") as caught:
            sender(server).notify(notice(to=["a@example.org", "gone@example.org"]))
        assert caught.value.lasting
        assert [mail.recipients for mail in server.mails] == [["a@example.org"]]

    def test_a_recipient_refused_for_now_is_tried_again_alone(self, server: SmtpServer) -> None:
        server.recipients["grey@example.org"] = "451 come back later"
        target = sender(server)
        with pytest.raises(Declined) as caught:
            target.notify(notice(to=["a@example.org", "grey@example.org"]))
        assert not caught.value.lasting
        server.recipients.clear()
        target.notify(notice(to=["a@example.org", "grey@example.org"]))
        assert [mail.recipients for mail in server.mails] == [["a@example.org"], ["grey@example.org"]]

    @pytest.mark.parametrize("answer", ["421 closing", "451 try again", "452 disk full"])
    def test_a_mail_that_is_not_taken_now(self, server: SmtpServer, answer: str) -> None:
        server.data = [answer]
        target = sender(server)
        with pytest.raises(DestinationUnavailable, match=answer[:3]):
            target.notify(notice())
        target.notify(notice())
        assert len(server.mails) == 1

    @pytest.mark.parametrize("answer", ["552 too large", "554 looks like spam"])
    def test_a_mail_that_is_refused_for_good(self, server: SmtpServer, answer: str) -> None:
        server.data = [answer]
        with pytest.raises(Declined, match=answer[4:]) as caught:
            sender(server).notify(notice())
        assert caught.value.lasting

    def test_a_connection_cut_after_the_mail_gives_the_same_mail_again(self, server: SmtpServer) -> None:
        server.data = ["cut"]
        target = sender(server)
        with pytest.raises(DestinationUnavailable):
            target.notify(notice())
        target.notify(notice())
        assert len({mail.message["Message-ID"] for mail in server.mails}) == 1


class TestPace:
    def test_is_free_until_the_limit_is_reached(self, server: SmtpServer) -> None:
        target = sender(server, per_minute=2)
        for key in ("k1", "k2"):
            assert target.pause_seconds() == 0
            target.notify(notice(key=key))
        assert 50 < target.pause_seconds() <= 60


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"sender": "nobody"}, "sender"),
        ({"sender": "Router <nobody@>"}, "sender"),
        ({"sender": "a@example.org\nBcc: b@example.org"}, "sender"),
        ({"security": "maybe"}, "security"),
        ({"port": 0}, "port"),
        ({"per_minute": 0}, "per_minute"),
        ({"speed": 1}, "speed"),
    ],
)
def test_settings_that_are_wrong_are_named(settings: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        EmailSettings.model_validate({"host": "h", "sender": "router@example.org"} | settings)


def test_user_and_password_come_together() -> None:
    with pytest.raises(ValueError, match="both user and password"):
        EmailSettings.model_validate({"host": "h", "sender": "router@example.org", "username": "u"})
