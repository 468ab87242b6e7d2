# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a destination is, to tell whether something came from it."""

import socket
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final

IpAddress = IPv4Address | IPv6Address

#: Linux lists its IPv4 routes here: one a line, with destination and gateway as hexadecimal numbers.
_ROUTES: Final = Path("/proc/net/route")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The known addresses of a destination; by default none."""

    #: The AE title that it is called by; empty where it has none.
    aet: str = ""
    addresses: frozenset[IpAddress] = field(default_factory=frozenset)

    def is_at(self, ip: str) -> bool | None:
        """Whether this is the destination's address. None where that cannot be told: either is unknown, or
        many share it, as with this machine's own, and the gateway's, by which a container sees all hosts
        outside."""
        address = _read(ip)
        if address is None or address.is_loopback or _tell_nothing(self.addresses):
            return None
        is_there = address in self.addresses
        return None if is_there and address in _gateways() else is_there


def addresses_of(host: str) -> frozenset[IpAddress]:
    """Return all addresses of a host; none where it is unknown."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset(address for *_, at in found if (address := _read(str(at[0]))) is not None)


def _gateways() -> Iterator[IpAddress]:
    """Yield the gateways of the default routes."""
    try:
        lines = _ROUTES.read_text("ascii").splitlines()[1:]
    except OSError:
        return
    for line in lines:
        _interface, destination, gateway, *_ = line.split()
        if int(destination, 16) == 0 and int(gateway, 16) != 0:
            yield IPv4Address(struct.pack("=L", int(gateway, 16)))


def _tell_nothing(addresses: Collection[IpAddress]) -> bool:
    return all(address.is_loopback for address in addresses)


def _read(text: str) -> IpAddress | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
