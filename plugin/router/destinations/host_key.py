# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads, fetches and writes host keys of SSH servers (RFC 4253, 8; OpenSSH's known_hosts form)."""

import binascii
import socket
from base64 import b64decode
from dataclasses import dataclass
from itertools import pairwise

import paramiko

from router.destinations.kind import DestinationUnavailable

#: Seconds that a server may take to show its key.
_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class HostKey:
    """A server's public key, and its fingerprint as `ssh-keygen -lf` shows it."""

    host_key: str
    fingerprint: str


def read_host_key(text: str) -> paramiko.PKey:
    """Read a key as in `/etc/ssh/ssh_host_*_key.pub` or a line of known_hosts. Raises ValueError."""
    parts = text.split()
    for kind, encoded in pairwise(parts):
        if kind.startswith(("ssh-", "ecdsa-")):
            try:
                return paramiko.PKey.from_type_string(kind, b64decode(encoded, validate=True))
            except (binascii.Error, paramiko.SSHException, ValueError, IndexError, TypeError) as error:
                raise ValueError(f"is no {kind} key that can be read") from error
    raise ValueError('is no host key in OpenSSH\'s form, such as "ssh-ed25519 AAAAC3Nz..."')


def written(key: paramiko.PKey) -> HostKey:
    """Return the key in the form for people and settings."""
    return HostKey(f"{key.get_name()} {key.get_base64()}", key.fingerprint)


def connect(host: str, port: int, seconds: float) -> paramiko.Transport:
    """Return a transport before any negotiation, with a bound on each wait.

    Raises DestinationUnavailable.
    """
    try:
        connection = socket.create_connection((host, port), seconds)
    except (socket.gaierror, UnicodeError) as error:  # a part of it may be too long to be asked for
        raise DestinationUnavailable(f"The host {host} is not known: check its name") from error
    except TimeoutError as error:
        raise DestinationUnavailable(
            f"{host}:{port} does not answer within {seconds:g} s: check address, port and firewalls"
        ) from error
    except OSError as error:
        raise DestinationUnavailable(
            f"{host}:{port} cannot be reached ({error.strerror or error}): check that the server runs"
        ) from error
    transport = paramiko.Transport(connection)
    transport.name = f"router-sftp-{host}"
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = seconds
    transport.channel_timeout = seconds  # type: ignore[attr-defined]  # the stubs do not know it
    return transport


def fetch_host_key(host: str, port: int) -> HostKey:
    """Return the key that the server presents now. Raises DestinationUnavailable."""
    transport = connect(host, port, _PATIENCE)
    try:
        transport.start_client(timeout=_PATIENCE)
        return written(transport.get_remote_server_key())
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise DestinationUnavailable(f"{host}:{port} answers, but not as an SSH server: {error}") from error
    finally:
        transport.close()
