# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether something came from where a destination is."""

import sys
from pathlib import Path

import pytest

from router.destinations import whereabouts
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


@pytest.mark.skipif(sys.byteorder != "little", reason="the routes are written in the machine's own order")
def test_by_the_address_of_the_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container, whatever comes from outside may come from there."""
    routes = tmp_path / "route"
    routes.write_text(
        "Iface\tDestination\tGateway \tFlags\tRefCnt\n"
        "eth0\t00000000\t0500000A\t0003\t0\n"
        "eth0\t0000000A\t00000000\t0001\t0\n"
    )
    monkeypatch.setattr(whereabouts, "_ROUTES", routes)
    gateway = Whereabouts("", addresses_of("10.0.0.5"))
    assert gateway.is_at("10.0.0.5") is None
    assert gateway.is_at("10.0.0.6") is False
    assert Whereabouts("", addresses_of("10.0.0.6")).is_at("10.0.0.6") is True
    monkeypatch.setattr(whereabouts, "_ROUTES", tmp_path / "none")
    assert gateway.is_at("10.0.0.5") is True
