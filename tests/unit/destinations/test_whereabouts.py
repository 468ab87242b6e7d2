"""Whether something came from where a destination is."""

import pytest

from router.destinations.whereabouts import Whereabouts, addresses_of


@pytest.mark.parametrize(
    ("host", "ip", "is_at"),
    [
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.5", "::ffff:10.0.0.5", True),
        ("10.0.0.5", "10.0.0.6", False),
        ("fe80::1", "fe80::1%eth0", True),
        # All on one machine: the address tells nothing.
        ("127.0.0.1", "127.0.0.1", None),
        ("127.0.0.1", "10.0.0.5", None),
        ("10.0.0.5", "127.0.0.1", None),
        ("10.0.0.5", "::1", None),
        ("10.0.0.5", "", None),
        ("10.0.0.5", "localhost", None),
        ("no-such-host.invalid", "10.0.0.5", None),
        ("", "10.0.0.5", None),
    ],
)
def test_by_address(host: str, ip: str, is_at: bool | None) -> None:
    assert Whereabouts("", addresses_of(host)).is_at(ip) is is_at
