# SPDX-License-Identifier: GPL-3.0-or-later
"""A real mail server: with STARTTLS, SSL or neither, with a login or without, and with moods."""

import asyncio
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Literal

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from servers.process import free_port
from servers.waiting import wait_until


@dataclass
class Mail:
    """One mail as it was taken."""

    sender: str
    recipients: list[str]
    source: bytes
    encrypted: bool
    user: str | None
    message: EmailMessage = field(init=False)

    def __post_init__(self) -> None:
        parsed = email.message_from_bytes(self.source, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.message = parsed

    def part(self, media_type: str) -> EmailMessage:
        """The part of this type."""
        [found] = [one for one in self.message.walk() if one.get_content_type() == media_type]
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        """What a person reads who sees no HTML."""
        return str(self.part("text/plain").get_content())


class SmtpServer:
    """Listens on 127.0.0.1 while it is entered; its certificate is from `authority`, for that address.

    `recipients` gives the answer to a recipient who is refused; `data` the answers to the next mails.
    """

    def __init__(
        self,
        security: Literal["none", "starttls", "ssl"] = "none",
        login: tuple[str, str] | None = None,
        authority: trustme.CA | None = None,
    ) -> None:
        self.security = security
        self.login = login
        self.port = free_port()
        self.mails: list[Mail] = []
        self.recipients: dict[str, str] = {}
        self.data: list[str] = []
        self.connections = 0
        self._authority = authority or trustme.CA()
        self._controller: Controller | None = None

    def start(self) -> "SmtpServer":
        """Listen (again)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("127.0.0.1").configure_cert(context)
        options: dict[str, Any] = {}
        if self.security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if self.login is not None:
            options |= {
                "authenticator": self._authenticate,
                "auth_required": True,
                "auth_require_tls": self.security == "starttls",
            }
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=context if self.security == "ssl" else None,
            **options,
        )
        self._controller.start()
        return self

    def stop(self) -> None:
        """Listen no more; what was taken stays readable."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def wait_for_mails(self, number: int, timeout: float = 15) -> list[Mail]:
        """Wait until so many mails have come in; all of them."""
        wait_until(lambda: len(self.mails) >= number, timeout, lambda: f"there are {len(self.mails)} mails")
        return list(self.mails)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.data.pop(0) if self.data else "250 OK"
        if answer == "cut":
            # Taken, but the sender never learns of it.
            self._keep(session, envelope)
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            self._keep(session, envelope)
        return answer

    def _keep(self, session: Session, envelope: Envelope) -> None:
        assert isinstance(envelope.content, bytes)
        user = session.auth_data.login.decode() if session.auth_data else None
        self.mails.append(
            Mail(
                envelope.mail_from or "",
                list(envelope.rcpt_tos),
                envelope.content,
                session.ssl is not None or self.security == "ssl",
                user,
            )
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        assert self.login is not None
        right = (data.login.decode(), data.password.decode()) == self.login
        return AuthResult(success=right, handled=right, auth_data=data)

    def __enter__(self) -> "SmtpServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class SilentServer:
    """Takes connections and says nothing, until it is left."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> "SilentServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


#: What a misbehaving server does instead of an answer.
Mood = Literal["drop", "silent", "drip", "endless"]


class MisbehavingSmtp:
    """A mail server that answers well but at one step, where it says what it is told to, or does what it
    should not. Steps: `greeting`, the commands (`EHLO`, `MAIL`, ...), and `content` once it has a mail.

    `taken` are the mails that it has said to have taken, or would have.
    """

    def __init__(self, step: str, mood: Mood | bytes, extensions: Sequence[str] = ()) -> None:
        self.port = 0
        self.taken: list[bytes] = []
        #: Whether it has come to its step.
        self.has_misbehaved = False
        self._step = step
        self._mood = mood
        self._extensions = extensions
        self._ending = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, name="misbehaving-smtp")]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._threads.append(
                    threading.Thread(target=self._serve, args=(connection,), name="misbehaving-smtp")
                )
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            if not self._answer(connection, "greeting", b"220 here"):
                return
            while line := lines.readline():
                command = line.split()[0].decode("latin-1").upper() if line.strip() else ""
                good = {"DATA": b"354 go on", "QUIT": b"221 bye", "STARTTLS": b"220 go on", "AUTH": b"235 in"}
                answer = good.get(command, b"250 OK")
                if command == "EHLO":
                    told = ["here", *self._extensions]
                    answer = b"".join(f"250-{one}\r\n".encode() for one in told) + b"250 HELP"
                if not self._answer(connection, command, answer):
                    return
                if command == "DATA" and self._step != "DATA":
                    mail = b""
                    while not mail.endswith(b"\r\n.\r\n"):
                        mail += lines.readline() or b"\r\n.\r\n"
                    self.taken.append(mail)
                    if not self._answer(connection, "content", b"250 taken"):
                        return

    def _answer(self, connection: socket.socket, step: str, good: bytes) -> bool:
        """Say something; whether the connection goes on."""
        if step != self._step:
            connection.sendall(good + b"\r\n")
            return True
        self.has_misbehaved = True
        match self._mood:
            case "drop":
                return False
            case "silent":
                self._ending.wait()
                return False
            case "drip":
                while not self._ending.wait(0.02):
                    connection.sendall(b"2")
                return False
            case "endless":
                while not self._ending.is_set():
                    connection.sendall(b"250-and more\r\n" * 1000)
                return False
            case said:
                connection.sendall(said + b"\r\n")
                return True

    def __enter__(self) -> "MisbehavingSmtp":
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()
