# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH servers with SFTP: OpenSSH's `sshd`, and one for passwords, which that takes from the machine."""

import os
import pwd
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_UNKNOWN_CHANNEL_TYPE,
    OPEN_SUCCEEDED,
)

from servers.process import ServerProcess, free_port, port_is_open
from servers.waiting import wait_until

_SSHD = "/usr/sbin/sshd"
_SFTP_SERVER = "/usr/lib/openssh/sftp-server"


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "", form: str = "RFC4716") -> str:
    """Make a key pair by `ssh-keygen`; the private key. `form`: RFC4716 is OpenSSH's own, PEM, PKCS8."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", str(path)]
    command += ["-b", "2048"] if kind == "rsa" else []
    subprocess.run([*command, *(["-m", form] if form != "RFC4716" else [])], check=True)
    return path.read_text()


class Sshd:
    """OpenSSH's `sshd` on a free port, with a host key of its own, for the user who runs the tests.

    Relative paths begin in `files`.
    """

    def __init__(self, folder: Path, host_key: str = "ed25519") -> None:
        self.host = "127.0.0.1"
        self.port = free_port()
        self.username = pwd.getpwuid(os.getuid()).pw_name
        self.files = folder / "files"
        self.files.mkdir(parents=True)
        self._folder = folder
        self._authorized = folder / "authorized_keys"
        self._authorized.touch()
        self.new_host_key(host_key)
        settings = {
            "ListenAddress": self.host,
            "Port": self.port,
            "HostKey": folder / "host_key",
            "AuthorizedKeysFile": self._authorized,
            "StrictModes": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
            "UsePAM": "no",
            "PidFile": "none",
            "LogLevel": "VERBOSE",
            "Subsystem": f"sftp internal-sftp -d {self.files}",
        }
        configuration = folder / "sshd_config"
        configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        self.process = ServerProcess([_SSHD, "-D", "-e", "-f", configuration], folder / "sshd.log")

    def new_host_key(self, kind: str = "ed25519") -> None:
        """Have another host key from the next start on."""
        for file in (self._folder / "host_key", self._folder / "host_key.pub"):
            file.unlink(missing_ok=True)
        make_key(self._folder / "host_key", kind)
        self.host_key = " ".join((self._folder / "host_key.pub").read_text().split()[:2])

    def authorize(self, kind: str = "ed25519", passphrase: str = "", form: str = "RFC4716") -> str:
        """Make a key that may log in; the private key."""
        path = self._folder / f"user_{kind}_{form}_{len(self._authorized.read_text())}"
        private = make_key(path, kind, passphrase, form)
        with self._authorized.open("a") as keys:
            keys.write(path.with_name(f"{path.name}.pub").read_text())
        return private

    def log(self) -> str:
        """All it has logged."""
        return self.process.log_text()

    def start(self) -> "Sshd":
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.process.start()
        wait_until(lambda: port_is_open(self.port), 10, self.process.log_text)
        return self

    def stop(self) -> None:
        """End it and what it serves."""
        self.process.kill()

    def __enter__(self) -> "Sshd":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Login(paramiko.ServerInterface):
    """Takes one user with one password, who gets SFTP and nothing else."""

    def __init__(
        self,
        username: str,
        password: str,
        serve: Callable[[paramiko.Channel], None],
        think: Callable[[], object],
    ) -> None:
        self._login = (username, password)
        self._serve = serve
        self._think = think

    def get_allowed_auths(self, _username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self._think()
        return AUTH_SUCCESSFUL if (username, password) == self._login else AUTH_FAILED

    def check_channel_request(self, kind: str, _number: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_UNKNOWN_CHANNEL_TYPE

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        if name != "sftp":
            return False
        threading.Thread(target=self._serve, args=(channel,), name="sftp", daemon=True).start()
        return True


def serve_files(
    files: Path, channel: paramiko.Channel, answer: Callable[[bytes], object] | None = None
) -> None:
    """Serve a folder by OpenSSH's `sftp-server`; its answers are sent by `answer`, if given."""
    command = [_SFTP_SERVER, "-d", str(files)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = threading.Thread(
            target=_pump, args=(process.stdout.read, answer or channel.sendall), daemon=True
        )
        answers.start()
        _pump(channel.recv, process.stdin.write)
        process.stdin.close()
    channel.close()


def _pump(read: "object", write: "object") -> None:
    assert callable(read)
    assert callable(write)
    with suppress(OSError, EOFError):
        while piece := read(32_768):
            write(piece)


def password_server(folder: Path, username: str, password: str) -> AbstractContextManager[tuple[int, str]]:
    """An SSH server that takes a password and serves `folder`; its port and its host key."""
    return scripted_server(username, password, partial(serve_files, folder))


@contextmanager
def scripted_server(
    username: str,
    password: str,
    serve: Callable[[paramiko.Channel], None],
    think: Callable[[], object] = bool,
) -> Iterator[tuple[int, str]]:
    """An SSH server that takes a password and does what `serve` does for SFTP; its port and its host key.
    It calls `think` before it says whether the password is right."""
    key = paramiko.ECDSAKey.generate()
    transports: list[paramiko.Transport] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    transport = paramiko.Transport(connection)
                    transport.add_server_key(key)
                    transports.append(transport)
                    with suppress(paramiko.SSHException, EOFError):
                        transport.start_server(server=_Login(username, password, serve, think))

        thread = threading.Thread(target=accept, name="password-sshd", daemon=True)
        thread.start()
        yield listening.getsockname()[1], f"{key.get_name()} {key.get_base64()}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for transport in transports:
        transport.close()
