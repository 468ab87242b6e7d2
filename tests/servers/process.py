# SPDX-License-Identifier: GPL-3.0-or-later
"""A server's process: started, stopped, killed; nothing of it is left behind."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def free_port() -> int:
    """A TCP port on the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_open(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts connections on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


class ServerProcess:
    """A process in a session of its own, whose output is appended to a log file."""

    def __init__(
        self, command: Sequence[str | int | Path], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = [str(part) for part in command]
        self._log = log
        # Debian's DCMTK leaves Nagle's algorithm on, which makes small images wait for 40 ms.
        self._environment = {**os.environ, "TCP_NODELAY": "1", **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None, "not started"
        return self._process.pid

    def start(self) -> None:
        """Start it; the caller waits for whatever makes it ready."""
        assert not self.running, "already running"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and its children."""
        os.killpg(self.pid, number)

    def stop(self, timeout: float = 10) -> float:
        """End it with SIGTERM; how many seconds it took.

        Raises AssertionError, after killing it, if it lasts longer than `timeout`.
        """
        if not self.running:
            return 0
        begin = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        self.wait(timeout)
        return time.monotonic() - begin

    def wait(self, timeout: float = 10) -> None:
        """Wait for its end. Raises AssertionError, after killing it, if it lasts longer than `timeout`."""
        assert self._process is not None, "not started"
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self._command[0]} did not end within {timeout} s; its log ends:\n{self.log_text()[-3000:]}"
            ) from None

    @property
    def exit_status(self) -> int | None:
        """Of the process that has ended; negative: the signal that ended it."""
        assert self._process is not None, "not started"
        return self._process.poll()

    def kill(self) -> None:
        """End it and its children with SIGKILL, as a power cut would."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def log_text(self) -> str:
        """All that it has written so far."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""
