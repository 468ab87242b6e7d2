# SPDX-License-Identifier: GPL-3.0-or-later
"""yagmail's client on connections on which a server can neither keep it for ever nor fill the memory."""

import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, Any

import yagmail

#: The most bytes of one answer, of any number of lines; answers of real servers have some hundreds.
_LARGEST_ANSWER = 64 * 1024
#: How many bytes are sent at once. Each piece has the full timeout.
_PIECE = 64 * 1024


class _Answer:
    """The lines of a server's answers, with a bound on the size of each answer."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = _LARGEST_ANSWER

    def begin(self) -> None:
        """Note that another answer begins."""
        self._left = _LARGEST_ANSWER

    def readline(self, size: int) -> bytes:
        line = self._stream.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise OSError(f"it answers with more than {_LARGEST_ANSWER:,} bytes, which no mail server does")
        return line

    def close(self) -> None:
        self._stream.close()


class _Bounded(smtplib.SMTP):
    """A connection with a bound on each answer and each wait."""

    def __init__(self, uses: Callable[[socket.socket], None], *arguments: Any, **named: Any) -> None:
        """`uses` is called with the socket before the server has sent anything."""
        self._uses = uses
        super().__init__(*arguments, **named)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._uses(connected)
        return connected

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Answer(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.begin()
        return super().getreply()

    def send(self, s: Any) -> None:
        content = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        # The timeout of a socket is for all bytes of one call.
        for at in range(0, len(content), _PIECE):
            super().send(content[at : at + _PIECE])


class _BoundedTls(_Bounded, smtplib.SMTP_SSL):
    """The same with TLS from the beginning."""


class MailClient(yagmail.SMTP):  # type: ignore[misc]  # it has no types
    """A client whose connection another thread can cut."""

    _connected: socket.socket | None = None

    @property
    def connection(self) -> Callable[..., smtplib.SMTP]:
        return partial(_BoundedTls if self.ssl else _Bounded, self._uses)

    def _uses(self, connected: socket.socket) -> None:
        self._connected = connected

    def break_off(self) -> None:
        """Cut the connection, if there is one yet, whatever the client waits for."""
        # STARTTLS replaces the first socket.
        connected = getattr(self.smtp, "sock", None) or self._connected
        if connected is not None:
            with suppress(OSError):
                # Not SSLSocket's own, which removes the encryption while another thread reads.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)
