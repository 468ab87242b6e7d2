"""Where a destination is, to tell whether something came from there."""

import socket
from collections.abc import Collection
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

IpAddress = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of where a destination is; by default nothing."""

    #: The AE title by which it is called; empty where it has none.
    aet: str = ""
    addresses: frozenset[IpAddress] = field(default_factory=frozenset)

    def is_at(self, ip: str) -> bool | None:
        """Whether this is its address; None where that cannot be told, because either is not known or of this
        machine alone, which many share."""
        address = _read(ip)
        if address is None or address.is_loopback or _tell_nothing(self.addresses):
            return None
        return address in self.addresses


def addresses_of(host: str) -> frozenset[IpAddress]:
    """All addresses of a host; none where it is not known."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset(address for *_, at in found if (address := _read(str(at[0]))) is not None)


def _tell_nothing(addresses: Collection[IpAddress]) -> bool:
    return all(address.is_loopback for address in addresses)


def _read(text: str) -> IpAddress | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
