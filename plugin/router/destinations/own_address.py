# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognizes addresses of this very Orthanc, as far as can be told from here."""

import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """The addresses at which this Orthanc listens. By default they are unknown, and match no address."""

    dicom_port: int = 0
    http_port: int = 0
    #: The URL that people use; empty where the configuration does not give it.
    public_url: str = ""

    def is_node(self, host: str, port: int) -> bool:
        """Whether Orthanc listens for DICOM at this address. Looks the host up where the port matches."""
        return 0 < port == self.dicom_port and _is_this_machine(host)

    def is_url(self, url: str) -> bool:
        """Whether the URL leads to Orthanc's web server. Looks the host up where the port matches."""
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
    """Whether a name or address is this machine's own: a socket can be bound to its own addresses only."""
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
