# SPDX-License-Identifier: GPL-3.0-or-later
"""Syslog over TLS (RFC 5424 in the frames of RFC 5425), as DICOM wants audit messages sent (PS3.15, A.6)."""

import contextlib
import os
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from router.documents.document import rfc3339
from router.settings import SyslogSettings

#: Facility 10 (security and authorization messages), severity 5 (normal but significant).
_PRIORITY: Final = 10 * 8 + 5
_TIMEOUT_SECONDS: Final = 15.0


class SyslogUnavailable(Exception):  # noqa: N818 - it reads as what it says
    """Messages cannot be delivered now; the message says why."""


class Syslog:
    """A syslog server."""

    def __init__(self, settings: SyslogSettings) -> None:
        self._settings = settings

    def send(self, messages: Sequence[tuple[datetime, bytes]]) -> None:
        """Deliver these, each with its time.

        Syslog confirms nothing. So each call is a connection of its own, which both sides close: that the
        server does so after we have said that nothing more will come shows that it has read everything.

        Raises SyslogUnavailable; some or all of them may have arrived then.
        """
        settings = self._settings
        try:
            context = ssl.create_default_context(cafile=settings.ca_file)
            if settings.certificate_file is not None:
                context.load_cert_chain(settings.certificate_file, settings.key_file)
            address = (settings.host, settings.port)
            with (
                socket.create_connection(address, _TIMEOUT_SECONDS) as plain,
                context.wrap_socket(plain, server_hostname=settings.host) as connection,
            ):
                connection.sendall(b"".join(_frame(at, message) for at, message in messages))
                _close(connection)
        except (OSError, ValueError) as error:
            raise SyslogUnavailable(
                f"The syslog server {settings.host}:{settings.port} does not take audit messages: {error}"
            ) from error


def _close(connection: ssl.SSLSocket) -> None:
    """Say that nothing more will come, and wait until the server has closed the connection too.

    Not by `unwrap` alone: that takes for an end what tells that the server has refused us.
    """
    connection.setblocking(False)
    # That it has closed already, without a word of TLS, is what `recv` then tells as the end.
    with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLEOFError):
        connection.unwrap()
        return
    connection.settimeout(_TIMEOUT_SECONDS)
    with contextlib.suppress(ssl.SSLZeroReturnError):
        while connection.recv(4096):
            pass


def _frame(at: datetime, message: bytes) -> bytes:
    """A message after its length (RFC 5425, 4.3); a mark in it says that it is UTF-8 (RFC 5424, 6.4)."""
    header = (
        f"<{_PRIORITY}>1 {rfc3339(at)} {socket.gethostname()} orthanc-router {os.getpid()} DICOM+RFC3881 - "
    )
    whole = header.encode("ascii", "replace") + b"\xef\xbb\xbf" + message
    return b"%d %s" % (len(whole), whole)
