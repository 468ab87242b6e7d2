# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending nodes: dcmtk's `storescu` and `dcmsend`, with each response where it counts."""

import os
import re
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydicom import Dataset
from pynetdicom import evt

from samples import write
from servers.process import ServerProcess

_ENVIRONMENT = {**os.environ, "TCP_NODELAY": "1"}


def storescu(port: int, files: Iterable[Path], aet: str = "MODALITY", called_aet: str = "ORTHANC") -> None:
    """Send files (or folders of files) by dcmtk's `storescu`, in one association, uncompressed.

    Raises AssertionError where it says that something failed.
    """
    _run(["storescu", "-aet", aet, "-aec", called_aet, "+sd", "+r", "-R", "127.0.0.1", str(port)], files)


def dcmsend(port: int, files: Iterable[Path], aet: str = "MODALITY", called_aet: str = "ORTHANC") -> None:
    """Send files (or folders of files) by dcmtk's `dcmsend`, each in its own transfer syntax.

    Raises AssertionError where it says that something failed.
    """
    _run(
        [
            "dcmsend",
            "-aet",
            aet,
            "-aec",
            called_aet,
            "-dn",
            "-nuc",
            "+f",
            "+sd",
            "+r",
            "127.0.0.1",
            str(port),
        ],
        files,
    )


def send(port: int, images: Iterable[Dataset], aet: str = "MODALITY", called_aet: str = "ORTHANC") -> None:
    """Send images by `dcmsend`, in one association where their kinds allow it."""
    with tempfile.TemporaryDirectory(prefix="sender-") as folder:
        dcmsend(port, write(images, Path(folder)), aet, called_aet)


def _run(command: Sequence[str], files: Iterable[Path]) -> None:
    result = subprocess.run(
        [*command, *map(str, files)],
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, f"{command[0]} failed ({result.returncode}):\n{output[-2000:]}"


def without_nagle(event: evt.Event) -> None:
    """Handler of EVT_CONN_OPEN: small messages leave at once."""
    transport = event.assoc.dul.socket
    if transport is not None and transport.socket is not None:
        transport.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class BackgroundSender:
    """A `storescu` that goes on by itself, and tells which files the receiver has taken so far.

    (Pynetdicom's own sender now and then takes a quick response for a stray one, and times out.)
    """

    def __init__(
        self,
        port: int,
        files: Sequence[Path],
        log: Path,
        aet: str = "MODALITY",
        called_aet: str = "ORTHANC",
        host: str = "127.0.0.1",
    ) -> None:
        command = ["storescu", "-v", "-R", "-aet", aet, "-aec", called_aet, host, str(port)]
        self._process = ServerProcess([*command, *files], log)
        self._process.start()

    @property
    def running(self) -> bool:
        """Whether it is still sending."""
        return self._process.running

    def accepted(self) -> list[Path]:
        """The files answered with success, in order."""
        accepted = []
        sending = None
        for line in self._process.log_text().splitlines():
            if found := _SENDING.fullmatch(line):
                sending = Path(found[1])
            elif line == _SUCCESS and sending is not None:
                accepted.append(sending)
        return accepted

    def wait(self, timeout: float = 60) -> None:
        """Wait until it has ended, well or not."""
        self._process.wait(timeout)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


_SENDING = re.compile(r"I: Sending file: (.+)")
_SUCCESS = "I: Received Store Response (Success)"
