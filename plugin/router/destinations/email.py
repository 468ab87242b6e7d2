# SPDX-License-Identifier: GPL-3.0-or-later
"""Destination kind `email`: notices as mail, over SMTP (RFC 5321) by yagmail.

yagmail connects, secures and logs in. The standard library's `email` composes the message: yagmail's own
composer would attach a file that a text happens to name, and puts text into HTML without escaping it.
"""

import smtplib
import socket
import ssl
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from router.clock import utc_now
from router.destinations.addresses import named_address
from router.destinations.certificates import CaFile, missing_ca_file
from router.destinations.kind import DestinationUnavailable, Installation, Kind, LoginRefused
from router.destinations.notifying import Declined, Notice, NoticeTexts
from router.destinations.smtp_client import MailClient
from router.destinations.time_limit import TimeLimit, total_seconds
from router.secrets import secret

#: How many mails the router remembers the reached recipients of: a second attempt then leaves them out.
_REMEMBERED = 1000
_MINUTE = 60.0


class EmailSettings(BaseModel):
    """A mail server, its login, and the sender."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(title="Host", description="Name or address of the mail server", min_length=1)
    port: int | None = Field(
        default=None,
        title="Port",
        description="Empty: 587 for STARTTLS, 465 for SSL, 25 for none",
        ge=1,
        le=65535,
    )
    security: Literal["none", "starttls", "ssl"] = Field(
        default="starttls",
        title="Security",
        description="STARTTLS and SSL check the server's certificate; with none, everybody on the way reads",
        json_schema_extra={
            "x-labels": {"none": "Not encrypted", "starttls": "STARTTLS", "ssl": "TLS from the start"}
        },
    )
    ca_file: CaFile = None
    username: str | None = Field(default=None, title="User", min_length=1)
    password: str | None = secret(title="Password")
    sender: str = Field(
        title="Sender", description="router@example.org, or Router <router@example.org>", max_length=400
    )
    timeout_seconds: int = Field(
        default=30,
        title="Timeout",
        description="Seconds that the server may take to answer",
        ge=1,
        le=600,
        json_schema_extra={"x-rare": True},
    )
    per_minute: int | None = Field(
        default=None, title="Mails a minute", description="At most so many; the others wait", ge=1, le=10_000
    )
    digest_minutes: int | None = Field(
        default=None,
        title="Digest",
        description="Minutes that notices are collected, to be sent as one mail",
        ge=1,
        le=7 * 1440,
    )

    @field_validator("sender")
    @classmethod
    def _is_an_address(cls, sender: str) -> str:
        named_address(sender)
        return sender

    @model_validator(mode="after")
    def _login_is_whole(self) -> "EmailSettings":
        if (self.username is None) != (self.password is None):
            raise ValueError("give both user and password, or neither")
        if not (self.username or "").isascii() or not (self.password or "").isascii():
            raise ValueError("user and password must be ASCII, which is all that SMTP logins here can carry")
        return self


class EmailSender:
    """Sends mails, each over a connection of its own."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._name, self._address = named_address(settings.sender)
        self._lock = threading.Lock()
        #: When mails were sent during the last minute (time.monotonic).
        self._sent: deque[float] = deque()
        self._reached: OrderedDict[str, set[str]] = OrderedDict()

    @property
    def digest_seconds(self) -> float:
        return (self._settings.digest_minutes or 0) * _MINUTE

    def pause_seconds(self) -> float:
        limit = self._settings.per_minute
        now = time.monotonic()
        with self._lock:
            while self._sent and now - self._sent[0] >= _MINUTE:
                self._sent.popleft()
            if limit is None or len(self._sent) < limit:
                return 0.0
            return self._sent[len(self._sent) - limit] + _MINUTE - now

    def notify(self, notice: Notice) -> None:
        message = self._message(notice)
        recipients = list(dict.fromkeys((*notice.to, *notice.cc, *notice.bcc)))
        with self._lock:
            reached = self._reached.setdefault(notice.key, set())
            self._reached.move_to_end(notice.key)
            while len(self._reached) > _REMEMBERED:
                self._reached.popitem(last=False)
            self._sent.append(time.monotonic())
        wanted = [one for one in recipients if one not in reached]
        with self._connected(len(message.as_bytes())) as client:
            refused = client.smtp.send_message(message, self._address, wanted)
        reached.update(one for one in wanted if one not in refused)
        if refused:
            raise _some_refused(refused)
        with self._lock:
            self._reached.pop(notice.key, None)

    def test(self) -> str:
        with self._connected() as client:
            code, words = client.smtp.noop()
            if code != 250:
                raise smtplib.SMTPResponseException(code, words)
        told = {"none": "without encryption", "starttls": "by STARTTLS", "ssl": "by SSL"}
        login = "the login is right" if self._settings.username else "it asks for no login"
        return f"The mail server has answered {told[self._settings.security]}; {login}. Nothing was sent."

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    @contextmanager
    def _connected(self, size: int = 0) -> Iterator[MailClient]:
        """Connect and log in, to send a mail of `size` bytes. Raises DestinationUnavailable, or Declined for
        a fault of the message."""
        client = self._client()
        seconds = total_seconds(self._settings.timeout_seconds, size)
        with TimeLimit(seconds, client.break_off, "router-mail-limit") as limit:
            try:
                with self._told(client):
                    yield client
            except (DestinationUnavailable, Declined) as error:
                if limit.is_over:
                    raise DestinationUnavailable(
                        f"{self._settings.host} is too slow: one mail has taken more than {seconds:,.0f} s."
                        " Check that it is well, and the line to it, or raise the timeout"
                    ) from error
                raise

    @contextmanager
    def _told(self, client: MailClient) -> Iterator[None]:
        """Log in, turn errors into messages for people, and close the connection."""
        settings = self._settings
        try:
            client.login()
            yield
            # The server has taken the message; an error of QUIT does not matter.
            with suppress(smtplib.SMTPException, OSError):
                client.close()
        except smtplib.SMTPRecipientsRefused as error:
            raise _some_refused(error.recipients) from error
        except smtplib.SMTPSenderRefused as error:
            # 552 is about the size of this message (RFC 1870); all other codes are about the sender.
            if error.smtp_code == 552:
                raise Declined(_said(error), lasting=True) from error
            if error.smtp_code < 500:
                raise DestinationUnavailable(f"The mail server takes no mail now: {_said(error)}") from error
            raise DestinationUnavailable(
                f"The sender {self._address} is refused: use one that the server allows ({_said(error)})"
            ) from error
        except smtplib.SMTPDataError as error:
            if error.smtp_code >= 500:
                raise Declined(f"The mail is refused: {_said(error)}", lasting=True) from error
            raise DestinationUnavailable(f"The mail is not taken now: {_said(error)}") from error
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code < 500:
                raise DestinationUnavailable(
                    f"The mail server cannot check the login now: {_said(error)}"
                ) from error
            raise LoginRefused(
                f"The mail server refuses the user or the password: correct them ({_said(error)})"
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DestinationUnavailable(
                f"The mail server cannot do what is set up here: change security or login ({error})"
            ) from error
        except smtplib.SMTPResponseException as error:
            raise DestinationUnavailable(f"The mail server says no: {_said(error)}") from error
        except ssl.SSLCertVerificationError as error:
            raise DestinationUnavailable(
                f"The certificate of {settings.host} is not to be trusted: give its authority as CA file, or"
                f" correct the host's name ({error.verify_message})"
            ) from error
        except ssl.SSLError as error:
            raise DestinationUnavailable(
                f"{settings.host} does not speak TLS as it is set up here: check security and port ({error})"
            ) from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
                raise DestinationUnavailable(
                    f"{settings.host} has not answered within {settings.timeout_seconds} s: check host, port"
                    " and firewalls"
                ) from error
            raise DestinationUnavailable(_unreachable(settings.host, error)) from error
        finally:
            # Otherwise yagmail would send QUIT over a broken connection when it is garbage-collected.
            client.is_closed = True
            if client.smtp is not None:
                client.smtp.close()

    def _client(self) -> MailClient:
        settings = self._settings
        port = settings.port or {"none": 25, "starttls": 587, "ssl": 465}[settings.security]
        options: dict[str, object] = {"timeout": settings.timeout_seconds}
        starttls: bool | dict[str, object] = False
        if settings.security != "none":
            context = ssl.create_default_context(cafile=settings.ca_file)
            if settings.security == "ssl":
                options["context"] = context
            else:
                starttls = {"context": context}
        client = MailClient(
            # As a mapping: yagmail adds @gmail.com to a bare name.
            user={settings.username or self._address: self._name},
            password=settings.password,
            host=settings.host,
            port=port,
            smtp_ssl=settings.security == "ssl",
            smtp_starttls=starttls,
            smtp_skip_login=settings.username is None,
            soft_email_validation=False,
            **options,
        )
        # yagmail would log recipients; exceptions report errors.
        client.set_logging(None)
        return client

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        message["From"] = Address(self._name, addr_spec=self._address)
        if notice.to:
            message["To"] = ", ".join(notice.to)
        elif not notice.cc:
            message["To"] = "undisclosed-recipients:;"
        if notice.cc:
            message["Cc"] = ", ".join(notice.cc)
        message["Subject"] = notice.subject
        message["Date"] = format_datetime(utc_now())
        message["Message-ID"] = f"<{notice.key}.orthanc-router@{self._address.partition('@')[2]}>"
        # No automatic reply, such as a vacation notice, comes back (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(notice.text)
        if notice.html:
            message.add_alternative(notice.html, subtype="html")
        for one in notice.attachments:
            kind, _, subtype = one.media_type.partition("/")
            message.add_attachment(one.content, kind, subtype, filename=one.name)
        return message


def _said(error: smtplib.SMTPResponseException) -> str:
    words = error.smtp_error
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    said = " ".join(text.split())[:300]
    if error.smtp_code < 200:
        return f"it does not answer as a mail server does ({said!r}): check host and port"
    return f"{error.smtp_code} {said}"


def _unreachable(host: str, error: Exception) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):  # a part of it may be too long to be asked for
        return f"The host {host} is not known: check its name"
    if isinstance(error, ConnectionRefusedError):
        return f"Nobody listens at {host} and its port: check both, and that the mail server runs"
    return f"{host} has broken off: check its log, host and port ({error})"


def _some_refused(refused: dict[str, tuple[int, bytes]]) -> Declined:
    """Return the error for refused recipients; lasting where one is refused for good (RFC 5321, 4.2.1)."""
    told = "; ".join(
        f"{address}: {_said(smtplib.SMTPResponseException(code, words))}"
        for address, (code, words) in sorted(refused.items())
    )
    lasting = any(code >= 500 for code, _ in refused.values())
    return Declined(f"The mail server does not take the mail for {told}", lasting=lasting)


def _misfits(action: Any) -> Iterable[tuple[str, str]]:
    """Yield what an action that notifies lacks for a mail, or has too much."""
    if not isinstance(action, NoticeTexts):
        return
    if not (action.to or action.cc or action.bcc):
        yield "to", "a mail needs a recipient"
    if not action.subject.strip():
        yield "subject", "a mail needs a subject"
    if not (action.body.strip() or action.html.strip()):
        yield "body", "a mail needs a text"
    if action.payload is not None:
        yield "payload", "is for a program; a mail has subject, body and html"


def _opened(_identifier: str, settings: EmailSettings, _installation: Installation) -> EmailSender:
    return EmailSender(settings)


KIND = Kind(
    "email",
    "Mail",
    EmailSettings,
    _opened,
    problems=missing_ca_file,
    takes=frozenset({"notices"}),
    misfits=_misfits,
)
