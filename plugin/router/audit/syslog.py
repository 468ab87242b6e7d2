# SPDX-License-Identifier: GPL-3.0-or-later
"""Syslog over TLS (RFC 5424 in the frames of RFC 5425), as DICOM asks for audit messages (PS3.15, A.6)."""

import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from router.documents.document import rfc3339
from router.settings import SyslogSettings

#: Facility 10 (security and authorization messages), severity 5 (normal but significant).
_PRIORITY: Final = 10 * 8 + 5
_TIMEOUT_SECONDS: Final = 15.0
#: Bytes that are sent at once.
_PIECE: Final = 65_536

_Result = TypeVar("_Result")


class SyslogUnavailable(Exception):  # noqa: N818 - it reads as what it says
    """Messages cannot be delivered now; the message says why."""


class Syslog:
    """A syslog server."""

    def __init__(self, settings: SyslogSettings) -> None:
        self._settings = settings

    def send(self, messages: Sequence[tuple[datetime, bytes]]) -> None:
        """Send these messages, each with its time.

        Syslog has no confirmations. So each call uses its own connection, which both sides close: the server
        closes it after our end of the stream, which shows that it has read everything.

        Raises SyslogUnavailable; some or all messages may have arrived then.
        """
        settings = self._settings
        try:
            context = ssl.create_default_context(cafile=settings.ca_file)
            if settings.certificate_file is not None:
                context.load_cert_chain(settings.certificate_file, settings.key_file)
            address = (settings.host, settings.port)
            with socket.create_connection(address, _TIMEOUT_SECONDS) as plain:
                connection = _TlsConnection(plain, context, settings.host)
                connection.send(b"".join(_frame(at, message) for at, message in messages))
                connection.close()
        except (OSError, ValueError) as error:
            raise SyslogUnavailable(
                f"The syslog server {settings.host}:{settings.port} does not take audit messages: {error}"
            ) from error


class _TlsConnection:
    """A TLS connection that controls when it reads received data.

    `SSLSocket.unwrap` is not enough here. The server may refuse the router by an alert; if that has arrived
    already, `unwrap` takes it for the end of the connection.
    """

    def __init__(self, plain: socket.socket, context: ssl.SSLContext, host: str) -> None:
        """Do the TLS handshake. Raises OSError."""
        self._plain = plain
        self._received, self._to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._to_send, server_hostname=host)
        self._done(self._tls.do_handshake)

    def send(self, content: bytes) -> None:
        """Send all of it. Raises OSError."""
        for start in range(0, len(content), _PIECE):
            self._tls.write(content[start : start + _PIECE])
            self._flush()

    def close(self) -> None:
        """Close our side, and wait until the server has closed its side. Raises OSError where the server
        refuses the router by an alert."""
        with contextlib.suppress(ssl.SSLWantReadError):
            while self._tls.read(_PIECE):
                pass
        # All received data has been read, so that `unwrap` cannot take an alert for the end.
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        self._flush()
        # Some servers close the connection without a TLS alert.
        with contextlib.suppress(ssl.SSLZeroReturnError, ssl.SSLEOFError):
            while self._done(lambda: self._tls.read(_PIECE)):
                pass

    def _done(self, step: Callable[[], _Result]) -> _Result:
        """Repeat a step until enough has been received for it; return its result."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                piece = self._plain.recv(_PIECE)
                if piece:
                    self._received.write(piece)
                else:
                    self._received.write_eof()
            finally:
                self._flush()

    def _flush(self) -> None:
        if self._to_send.pending:
            self._plain.sendall(self._to_send.read())


def _frame(at: datetime, message: bytes) -> bytes:
    """Return a message with its length before it (RFC 5425, 4.3), and a byte order mark that says that it is
    UTF-8 (RFC 5424, 6.4)."""
    header = (
        f"<{_PRIORITY}>1 {rfc3339(at)} {socket.gethostname()} orthanc-router {os.getpid()} DICOM+RFC3881 - "
    )
    whole = header.encode("ascii", "replace") + b"\xef\xbb\xbf" + message
    return b"%d %s" % (len(whole), whole)
