# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail addresses that the router accepts."""

import re

#: Dot-atoms in ASCII on both sides (RFC 5322, 3.4.1): hospitals' mail servers take these. The parts cannot
#: overlap, so that no text makes matching slow.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_NAMED = re.compile(r"(?P<name>[^<>\r\n]*)<(?P<address>[^<>]*)>")
#: RFC 5321, 4.5.3.1.
_LONGEST, _LONGEST_LOCAL = 254, 64


def is_address(text: str) -> bool:
    """Whether the text is one mail address and nothing else."""
    local = text.partition("@")[0]
    return len(text) <= _LONGEST and len(local) <= _LONGEST_LOCAL and _ADDRESS.fullmatch(text) is not None


def named_address(text: str) -> tuple[str, str]:
    """Return name and address of `Name <name@host>` or of an address alone. Raises ValueError for others."""
    found = _NAMED.fullmatch(text.strip())
    name, address = (found["name"], found["address"]) if found else ("", text)
    name, address = name.strip().strip('"'), address.strip()
    if not is_address(address) or not name.isprintable():
        raise ValueError("must be an address such as router@example.org, or Router <router@example.org>")
    return name, address
