# SPDX-License-Identifier: GPL-3.0-or-later
"""Destination kind `sftp`: files on a server, by SSH (draft-ietf-secsh-filexfer-02)."""

import io
import secrets
import threading
import time
from collections.abc import Sequence
from functools import partial

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from pydantic import Field, field_validator, model_validator

from router.destinations.filing import Filing, FilingSettings, draft_name
from router.destinations.host_key import read_host_key, written
from router.destinations.kind import DestinationUnavailable, Installation, Kind
from router.destinations.one_by_one import one_by_one
from router.destinations.outgoing import Outgoing
from router.destinations.sftp_connection import Login, SftpConnection
from router.secrets import secret

#: How many seconds an idle connection is kept.
_KEPT_SECONDS = 60.0


class SftpSettings(FilingSettings):
    """A server, the key it must have, and a login by password or private key."""

    host: str = Field(title="Host", description="Name or address", min_length=1)
    port: int = Field(default=22, title="Port", ge=1, le=65535)
    username: str = Field(title="User", min_length=1)
    password: str | None = secret(title="Password")
    private_key: str | None = secret(
        title="Private key",
        description="Used instead of a password: RSA, ECDSA or Ed25519, in OpenSSH's or PEM form",
        format="multiline",
    )
    passphrase: str | None = secret(title="Passphrase", description="Of the private key, if it has one")
    host_key: str = Field(
        title="Host key",
        description="The server's public key in OpenSSH's form. Nothing is sent to a server with another one",
        min_length=1,
        max_length=10_000,
    )
    timeout_seconds: int = Field(
        default=15,
        title="Timeout",
        description="Seconds that connecting may take",
        ge=1,
        le=300,
        json_schema_extra={"x-rare": True},
    )
    transfer_timeout_seconds: int = Field(
        default=60,
        title="Transfer timeout",
        description="Seconds without an answer after which a transfer is given up",
        ge=1,
        le=3600,
        json_schema_extra={"x-rare": True},
    )

    @field_validator("host_key")
    @classmethod
    def _is_a_key(cls, text: str) -> str:
        return written(read_host_key(text)).host_key

    @model_validator(mode="after")
    def _can_log_in(self) -> "SftpSettings":
        if not self.password and not self.private_key:
            raise ValueError("give a password or a private key")
        if self.private_key:
            read_private_key(self.private_key, self.passphrase)
        elif self.passphrase:
            raise ValueError("the passphrase is that of a private key, which is missing")
        return self

    def login(self) -> Login:
        """Return the parameters of the connection."""
        key = read_private_key(self.private_key, self.passphrase) if self.private_key else None
        return Login(
            self.host,
            self.port,
            self.username,
            read_host_key(self.host_key),
            self.password,
            key,
            self.timeout_seconds,
            self.transfer_timeout_seconds,
        )


class SftpSender:
    """Uploads each file under a draft name, then renames it. Keeps connections from batch to batch."""

    def __init__(self, identifier: str, settings: SftpSettings, _installation: Installation) -> None:
        self._login = settings.login()
        self._filing = Filing(settings.path, settings.file_name)
        self._absolute = settings.path.startswith("/")
        self._name = f"router-sftp-idle-{identifier}"
        self._lock = threading.Lock()
        #: Idle connections, each with the time since when (monotonic); the longest idle first.
        self._idle: list[tuple[float, SftpConnection]] = []
        self._timer: threading.Timer | None = None
        self._closed = False

    def send(self, images: Sequence[Outgoing]) -> None:
        connection = self._taken()
        try:
            one_by_one(images, partial(self._put, connection))
        except DestinationUnavailable:
            connection.close()
            raise
        except BaseException:
            self._given_back(connection)
            raise
        self._given_back(connection)

    def test(self) -> str:
        connection = SftpConnection(self._login)
        try:
            folder = connection.probe(
                self._folder(self._filing.fixed), f".router-test-{secrets.token_hex(8)}"
            )
        finally:
            connection.close()
        return f"A file was written to {folder} and removed."

    def close(self) -> None:
        with self._lock:
            self._closed = True
            connections = [connection for _, connection in self._idle]
            self._idle = []
            timer = self._timer
        for connection in connections:
            connection.close()
        if timer is not None:
            timer.cancel()
            timer.join(1.0)

    def _put(self, connection: SftpConnection, _image: Outgoing, file: bytes) -> None:
        filed = self._filing.place(file)
        connection.put(file, self._folder(filed.folders), filed, draft_name(file))

    def _folder(self, folders: Sequence[str]) -> str:
        return ("/" if self._absolute else "") + "/".join(folders)

    def _taken(self) -> SftpConnection:
        """Return an idle connection that works, or a new one. Raises DestinationUnavailable."""
        while True:
            with self._lock:
                if not self._idle:
                    break
                _, connection = self._idle.pop()
            if connection.alive:
                return connection
            connection.close()
        return SftpConnection(self._login)

    def _given_back(self, connection: SftpConnection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append((time.monotonic(), connection))
                self._watch()
                return
        connection.close()

    def _watch(self) -> None:
        """Start the timer that closes connections idle for too long. The caller holds the lock."""
        if self._timer is None and self._idle:
            self._timer = threading.Timer(_KEPT_SECONDS, self._drop_idle)
            self._timer.name = self._name
            self._timer.daemon = True
            self._timer.start()

    def _drop_idle(self) -> None:
        oldest = time.monotonic() - _KEPT_SECONDS
        with self._lock:
            dropped = [connection for since, connection in self._idle if since <= oldest]
            self._idle = [one for one in self._idle if one[0] > oldest]
            self._timer = None
            if not self._closed:
                self._watch()
        for connection in dropped:
            connection.close()


def read_private_key(text: str, passphrase: str | None) -> paramiko.PKey:
    """Read the key for paramiko. Raises ValueError, with a message that reveals nothing of the key."""
    content = text.strip().replace("\r\n", "\n").encode() + b"\n"
    password = passphrase.encode() if passphrase else None
    load = load_ssh_private_key if b"BEGIN OPENSSH PRIVATE KEY" in content else load_pem_private_key
    try:
        key = load(content, password)
    except TypeError:
        raise ValueError(
            "the private key is encrypted: give its passphrase"
            if password is None
            else "the private key is not encrypted: leave the passphrase out"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(
            "the private key cannot be read with this passphrase"
            if password
            else "this is no private key in OpenSSH's or PEM form (public keys begin with ssh-...)"
        ) from None
    forms: dict[type[object], type[paramiko.PKey]] = {
        rsa.RSAPrivateKey: paramiko.RSAKey,
        ec.EllipticCurvePrivateKey: paramiko.ECDSAKey,
        ed25519.Ed25519PrivateKey: paramiko.Ed25519Key,
    }
    for kind, form in forms.items():
        if isinstance(key, kind):
            plain = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
            return form.from_private_key(io.StringIO(plain.decode("ascii")))
    raise ValueError("the private key is neither RSA nor ECDSA nor Ed25519")


KIND = Kind("sftp", "SFTP server", SftpSettings, SftpSender)
