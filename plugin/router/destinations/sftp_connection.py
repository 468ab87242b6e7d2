# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to an SFTP server by pysftp, with additions to pysftp (0.2.9, its last release).

pysftp provides the session, its timeout, folders, files and renaming. The two hooks of its `Connection`, for
connecting and for authentication, add these with paramiko: a bound on the time to connect, private keys that
are not RSA, and the host key from the settings instead of a known_hosts file.
"""

import contextlib
import posixpath
import re
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import paramiko
import pysftp

from router.destinations.filing import HEAD, Filed, already_there
from router.destinations.host_key import connect, written
from router.destinations.kind import DestinationUnavailable, LoginRefused
from router.destinations.outgoing import ImageRefused
from router.destinations.time_limit import TimeLimit, total_seconds

#: Bytes written at once; SFTP servers take at least 32 KiB in one message (RFC draft-ietf-secsh-filexfer).
_PIECE = 32_768
#: Connecting, agreeing on keys and logging in: each may take the connection timeout.
_STEPS = 3
_LIMIT = "router-sftp-limit"
#: paramiko's messages about a login that was neither accepted nor refused.
_LOGIN_UNANSWERED = re.compile("timeout|transport shut down|EOF", re.IGNORECASE)
#: How often to write a draft again that another writer of the same image has renamed.
_TRIES = 5

#: The most bytes of a server's message; the answers to requests made here are far smaller.
_LARGEST_MESSAGE = 1 << 20

#: Errors where the connection has ended, or the server does not speak SFTP properly. paramiko raises many
#: types of errors for a message that it cannot read.
_BROKEN = (
    paramiko.SSHException,
    paramiko.SFTPError,
    EOFError,
    ConnectionError,
    struct.error,
    ValueError,
    LookupError,
    TypeError,
)


@dataclass(frozen=True, slots=True)
class Login:
    """The server, the login, and how long to wait (seconds)."""

    host: str
    port: int
    username: str
    host_key: paramiko.PKey
    password: str | None
    private_key: paramiko.PKey | None
    connect_seconds: float
    transfer_seconds: float


class _Options(pysftp.CnOpts):
    """pysftp's options, with the only accepted host key."""

    def __init__(self, host_key: paramiko.PKey) -> None:
        # Does not call pysftp's own initialisation, which reads ~/.ssh/known_hosts.
        self.log = False
        self.compression = False
        self.ciphers = None
        self.hostkeys = paramiko.HostKeys()
        self._host_key = host_key

    def get_hostkey(self, host: str) -> paramiko.PKey:  # noqa: ARG002 - pysftp asks for any host
        return self._host_key


class _TooSlow(Exception):  # noqa: N818 - it reads as what it says
    """Each wait for the server was short enough, but all together took too long."""


class _Client(paramiko.SFTPClient):
    """paramiko's client, with a bound on the size of a message, whatever the server claims."""

    def _read_all(self, size: int) -> bytes:
        if size > _LARGEST_MESSAGE:
            raise paramiko.SFTPError(f"a message of {size:,} bytes")
        content: bytes = super()._read_all(size)  # type: ignore[misc]  # not in the stubs
        return content


class _Session(pysftp.Connection):
    """pysftp's connection with bounded waits, bounded messages and any type of key."""

    def __init__(self, login: Login) -> None:
        self._login = login
        #: An attribute of pysftp's, which it reads even where connecting has failed.
        self._transport: paramiko.Transport | None = None
        try:
            # paramiko waits for each line that a server sends before the keys; there may be many.
            with TimeLimit(_STEPS * login.connect_seconds, self._end, _LIMIT) as limit:
                try:
                    super().__init__(
                        login.host,
                        username=login.username,
                        password=login.password,
                        port=login.port,
                        cnopts=_Options(login.host_key),
                    )
                except (paramiko.SSHException, EOFError, OSError) as error:
                    if limit.is_over:
                        raise _TooSlow from error
                    raise
        except BaseException:
            self._end()
            raise

    def _start_transport(self, host: str, port: int) -> None:
        self._transport = connect(host, port, self._login.connect_seconds)

    def _sftp_connect(self) -> None:
        if not self._sftp_live:  # type: ignore[has-type]  # not in the stubs
            assert self._transport is not None
            # paramiko waits for ever for a server that accepts a login and then sends nothing.
            with TimeLimit(self._login.transfer_seconds, self._end, _LIMIT):
                self._sftp = _Client.from_transport(self._transport)
            self._sftp_live = True

    def _end(self) -> None:
        transport = self._transport
        if transport is not None:
            transport.close()

    def _set_authentication(self, *_: object) -> None:
        self._tconnect["pkey"] = self._login.private_key  # type: ignore[attr-defined]  # not in the stubs


class SftpConnection:
    """One connection, for one thread at a time."""

    def __init__(self, login: Login) -> None:
        """Raises DestinationUnavailable."""
        self._login = login
        self._made: set[str] = set()
        self._session = self._connected()
        self._client: paramiko.SFTPClient = self._session.sftp_client

    def _connected(self) -> _Session:
        login = self._login
        try:
            session = _Session(login)
        except _TooSlow as error:
            raise DestinationUnavailable(
                f"{login.host}:{login.port} has not let {login.username!r} in within"
                f" {_STEPS * login.connect_seconds:g} s: check that it is an SSH server and well, or raise"
                " the timeout"
            ) from error
        except paramiko.AuthenticationException as error:
            if _LOGIN_UNANSWERED.search(str(error)):
                raise DestinationUnavailable(
                    f"{login.host} has not answered the login of {login.username!r}: check its log, and"
                    f" whether it reaches what knows its users ({error})"
                ) from error
            raise LoginRefused(
                f"{login.host} refuses the user {login.username!r} with this password or key: correct it, or"
                " have the server's administrator allow it"
            ) from error
        except paramiko.SSHException as error:
            if "host key" in str(error).lower():
                raise DestinationUnavailable(self._other_key()) from error
            raise DestinationUnavailable(f"{login.host}:{login.port}: {error}") from error
        except (EOFError, OSError) as error:
            raise DestinationUnavailable(
                f"{login.host}:{login.port} has broken off the connection: check its log, and what is in"
                f" between ({str(error) or 'no reason given'})"
            ) from error
        try:
            session.timeout = login.transfer_seconds
        except (*_BROKEN, OSError) as error:
            session.close()
            raise DestinationUnavailable(
                f"{login.host} lets {login.username!r} in, but has no SFTP for this user: have the server's"
                f" administrator allow it ({error})"
            ) from error
        return session

    def _other_key(self) -> str:
        pinned = written(self._login.host_key).fingerprint
        return (
            f"{self._login.host} shows another host key than the one that is pinned ({pinned}): nothing was"
            " sent. Where the server was changed, fetch its key again and compare the fingerprint; otherwise"
            " somebody may be in between"
        )

    @property
    def alive(self) -> bool:
        """Whether the connection still works, as far as this side knows."""
        channel = self._client.get_channel()
        return channel is not None and not channel.closed and channel.get_transport().is_active()

    def put(self, file: bytes, folder: str, filed: Filed, draft: str) -> None:
        """Write a file as a draft, then rename it. Continues a draft that an interrupted attempt left.

        Raises ImageRefused, or DestinationUnavailable, after which the connection cannot be used any more.
        """
        with self._told(len(file)):
            self._make(folder)
            temporary = posixpath.join(folder, draft)
            if not any(
                self._kept(posixpath.join(folder, name), temporary, file, filed) for name in filed.names
            ):
                raise already_there(filed.names)

    def probe(self, folder: str, name: str) -> str:
        """Write a file and remove it; return the folder's path. Raises DestinationUnavailable."""
        content = b"Orthanc Router was here.\n"
        try:
            with self._told():
                self._make(folder)
                path = posixpath.join(folder, name)
                try:
                    self._upload(path, content)
                finally:
                    with contextlib.suppress(OSError):
                        self._session.remove(path)
                return str(self._session.normalize(folder or "."))
        except ImageRefused as error:
            raise DestinationUnavailable(str(error)) from error

    def close(self) -> None:
        """Close the connection, whatever its state."""
        with contextlib.suppress(*_BROKEN, OSError):
            self._session.close()
        self._break_off()

    def _break_off(self) -> None:
        channel = self._client.get_channel()
        if channel is not None:
            channel.get_transport().close()

    def _make(self, folder: str) -> None:
        """Ensure that a folder exists, with those above it."""
        if not folder or folder in self._made:
            return
        path = "/" if folder.startswith("/") else ""
        for part in folder.strip("/").split("/"):
            path = posixpath.join(path, part)
            if path in self._made or self._session.isdir(path):
                continue
            try:
                self._session.mkdir(path)
            except OSError:
                if self._session.isdir(path):  # another connection has just made it
                    continue
                if self._session.exists(path):
                    raise ImageRefused(
                        f"A file is where a folder of its path should be: move {path} away"
                    ) from None
                raise
        self._made.add(folder)

    def _kept(self, target: str, temporary: str, file: bytes, filed: Filed) -> bool:
        """Ensure that a file has this name and content. Return False where another image has the name."""
        leaves_draft = False
        for _ in range(_TRIES):
            found = self._found(target, file, filed)
            if found in {"same", "another"}:
                if leaves_draft:
                    with contextlib.suppress(FileNotFoundError):
                        self._session.remove(temporary)
                return found == "same"
            with contextlib.suppress(FileNotFoundError):  # another writer of the same image was quicker
                self._upload(temporary, file)
                if found == "nothing":
                    if not self._named(temporary, target):
                        leaves_draft = True
                        continue
                else:
                    self._rename(temporary, target)
                return True
        raise DestinationUnavailable(f"Something removes files on {self._login.host} while they are written")

    def _found(
        self, path: str, file: bytes, filed: Filed
    ) -> Literal["nothing", "same", "earlier", "another"]:
        """Return what has this name: the same content, another image, or an earlier state of this one (or no
        image). SFTP has no digests, so this reads the file back."""
        try:
            status = self._session.stat(path)
        except FileNotFoundError:
            return "nothing"
        if stat.S_ISDIR(status.st_mode or 0):
            raise ImageRefused(f"A folder is where its file should be: move {path} away")
        if status.st_size == len(file) and self._begun(path, file) == len(file):
            return "same"
        with self._session.open(path, "rb") as stream:
            stream.prefetch(min(status.st_size or 0, HEAD))
            head = stream.read(HEAD)
        return "another" if filed.is_of_another(head) else "earlier"

    def _begun(self, path: str, file: bytes) -> int | None:
        """Return the size of a file on the server; None where its bytes do not begin this file."""
        size = self._session.stat(path).st_size or 0
        if size > len(file):
            return None
        read = 0
        with self._session.open(path, "rb") as stream:
            # Never more bytes than the file has, whatever the server says: they are kept in memory.
            stream.prefetch(size)
            while piece := stream.read(_PIECE):
                if piece != file[read : read + len(piece)]:
                    return None
                read += len(piece)
        return read

    def _upload(self, path: str, file: bytes) -> None:
        """Write this content under its draft name, which no file of other content has.

        Raises FileNotFoundError where another writer has renamed the draft meanwhile.
        """
        try:
            done = self._begun(path, file)
            if done is None:
                self._session.remove(path)
        except FileNotFoundError:
            done = None
        # Does not empty or append: another connection may be writing the same, and about to rename it.
        with self._created(path) if done is None else self._session.open(path, "r+b") as stream:
            stream.set_pipelined(True)
            stream.seek(done or 0)
            for at in range(done or 0, len(file), _PIECE):
                stream.write(file[at : at + _PIECE])
        # The server does not report every error of pipelined writes.
        size = self._session.stat(path).st_size
        if size != len(file):
            raise OSError(f"{size} of {len(file)} bytes were written")

    def _created(self, path: str) -> paramiko.SFTPFile:
        """Open a new file, or the one that another connection began meanwhile, with the same content."""
        try:
            return self._session.open(path, "x+b")
        except FileNotFoundError:
            raise
        except OSError:
            if not self._session.exists(path):
                raise
            return self._session.open(path, "r+b")

    def _named(self, temporary: str, target: str) -> bool:
        """Give the file an unused name. Return False where the name has been taken meanwhile."""
        try:
            self._session.rename(temporary, target)
        except FileNotFoundError:
            raise
        except OSError:
            if self._session.exists(target):
                return False
            raise
        return True

    def _rename(self, temporary: str, target: str) -> None:
        """Give the file its name, and replace what has it."""
        try:
            self._client.posix_rename(temporary, target)
        except OSError as error:
            if "unsupported" not in str(error).lower():
                raise
            # A server without OpenSSH's extension does not replace: the old file goes first.
            with contextlib.suppress(FileNotFoundError):
                self._session.remove(target)
            self._session.rename(temporary, target)

    @contextlib.contextmanager
    def _told(self, size: int = 0) -> Iterator[None]:
        """Turn the server's errors into messages for people, and end what takes too long in all.

        `size`: bytes of the file to send. The server may have a part of it, which is read back.
        """
        host = self._login.host
        seconds = total_seconds(self._login.transfer_seconds, 2 * size)
        with TimeLimit(seconds, self._break_off, _LIMIT) as limit:
            try:
                with self._words():
                    yield
            except DestinationUnavailable as error:
                if limit.is_over:
                    raise DestinationUnavailable(
                        f"{host} is too slow: a file of {size:,} bytes has taken more than"
                        f" {limit.seconds:,.0f} s. Check that it is well, and the line to it, or raise the"
                        " transfer timeout"
                    ) from error
                raise

    @contextlib.contextmanager
    def _words(self) -> Iterator[None]:
        host = self._login.host
        try:
            yield
        except TimeoutError as error:
            raise DestinationUnavailable(
                f"{host} has not answered for {self._login.transfer_seconds:g} s: check that it is well, or"
                " raise the transfer timeout"
            ) from error
        except _BROKEN as error:
            raise DestinationUnavailable(
                f"{host} has broken off the connection, or does not speak SFTP as it should: check its log,"
                f" and what is in between ({str(error) or 'no reason given'})"
            ) from error
        except PermissionError as error:
            raise DestinationUnavailable(
                f"{self._login.username!r} may not write there on {host}: change the folder or permissions"
            ) from error
        except FileNotFoundError as error:
            raise DestinationUnavailable(
                f"A folder on {host} is gone while files are written to it: see who takes it away"
            ) from error
        except OSError as error:
            if not self.alive:
                raise DestinationUnavailable(f"{host} has broken off the connection: {error}") from error
            # SFTP (version 3) says only "Failure" for a full disk, a quota and a folder of the file's name.
            raise DestinationUnavailable(
                f"{host} cannot write the file ({error}): its disk may be full, or a folder is where the file"
                " should be"
            ) from error
