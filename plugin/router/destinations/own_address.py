# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an address is that of this very Orthanc, as far as can be told from here."""

import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """Where this Orthanc listens. By default it is not known, and no address is its own."""

    dicom_port: int = 0
    http_port: int = 0
    #: Where people reach it; empty where the configuration does not say.
    public_url: str = ""

    def is_node(self, host: str, port: int) -> bool:
        """Whether this is where it listens for DICOM. Looks the host up where the port is the same."""
        return 0 < port == self.dicom_port and _is_this_machine(host)

    def is_url(self, url: str) -> bool:
        """Whether this leads to its web server. Looks the host up where the port is the same."""
        own = self.public_url.rstrip("/")
        if own and (url == own or url.startswith(f"{own}/")):
            return True
        try:
            parts = urlsplit(url)
            port = parts.port or _USUAL_PORTS.get(parts.scheme, 0)
        except ValueError:
            return False
        return 0 < port == self.http_port and _is_this_machine(parts.hostname or "")


def _is_this_machine(host: str) -> bool:
    """Whether a name or address is one of this machine's own: only with those a socket can be bound."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(_is_own(family, address) for family, _, _, _, address in found)


def _is_own(family: int, address: tuple[Any, ...]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind(address)
    except OSError:
        return False
    return True
