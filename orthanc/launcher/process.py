# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthanc as a child process of the launcher."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from launcher.log import Log
from launcher.settings import HOME

PROGRAM = Path("/usr/sbin/Orthanc")

#: Seconds for Orthanc to end by itself; then it is killed, which loses no data either. Associations in
#: progress, and destinations that do not answer, may take so long.
GRACE = 30.0
#: Seconds between checks whether Orthanc has ended.
_LOOK = 0.05


class OrthancProcess:
    """A running Orthanc; the end of the `with` block stops it.

    It has its own process group, so that Ctrl-C in a terminal reaches only the launcher. It keeps the file
    `lock_descriptor` open as long as it lives.
    """

    def __init__(self, variables: Mapping[str, str], log: Log, lock_descriptor: int) -> None:
        environment = {**os.environ, **variables, **_python_environment()}
        # Else Debian's DCMTK waits to fill packets: 9 s instead of 0.05 s for a hundred small images.
        environment["TCP_NODELAY"] = "1"
        with log.begin() as file:
            self._process = subprocess.Popen(
                [PROGRAM, HOME / "orthanc" / "orthanc.json"],
                cwd="/",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                pass_fds=[lock_descriptor],
                process_group=0,
            )
        self.descriptor = os.pidfd_open(self._process.pid)

    @property
    def id(self) -> int:
        """The process id."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """The exit code, negative for the number of a signal; None while Orthanc runs."""
        return self._process.poll()

    def stop(self) -> None:
        """Ask Orthanc to end; kill it if it does not."""
        if self._process.poll() is None and not ends(self._process.pid, self.descriptor):
            self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        os.close(self.descriptor)


def ends(process: int, descriptor: int) -> bool:
    """Ask an Orthanc to end and wait for it; False where it does not end in time. `descriptor` is a pidfd.

    Orthanc ends at the first SIGTERM and removes its handler at once: a second SIGTERM would kill it while it
    ends. A service manager that signals all processes may have sent the first already. During its start
    Orthanc has no handler yet. So SIGTERM is sent once, and only while Orthanc has a handler.
    """
    asked = False
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        if not asked and _catches(process, signal.SIGTERM):
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, signal.SIGTERM)
            asked = True
        if select.select([descriptor], [], [], _LOOK)[0]:
            return True
    return False


def _catches(process: int, number: signal.Signals) -> bool:
    """Whether a process has its own handler for a signal (proc(5), `SigCgt`)."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (number - 1) & 1)


def _python_environment() -> dict[str, str]:
    """The environment of Python in the plugin: the packages of .venv/plugin, and none of the user's."""
    packages = (HOME / ".venv" / "plugin").glob("lib/python3*/site-packages")
    return {"PYTHONPATH": ":".join(map(str, packages)), "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}
