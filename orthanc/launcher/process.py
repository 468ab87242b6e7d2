# SPDX-License-Identifier: GPL-3.0-or-later
"""The Orthanc that the launcher runs as its child."""

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

#: Seconds that Orthanc gets to end by itself; after that it is killed, which loses nothing either. Senders
#: that are in the middle of an association, and destinations that do not answer, take their time.
GRACE = 30.0
#: Seconds between looks at how it ends.
_LOOK = 0.05


class OrthancProcess:
    """A running Orthanc; leaving the `with` block stops it.

    It has a process group of its own, so that Ctrl-C in a terminal reaches the launcher alone, and keeps
    the file `lock_descriptor` open for as long as it lives.
    """

    def __init__(self, variables: Mapping[str, str], log: Log, lock_descriptor: int) -> None:
        environment = {**os.environ, **variables, **_python_environment()}
        # Debian's DCMTK waits to fill packets otherwise: 9 s instead of 0.05 s for a hundred small images.
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
        """How it ended; None while it runs. Negative is the number of the signal that ended it."""
        return self._process.poll()

    def stop(self) -> None:
        """Ask it to end, and see to it that it does."""
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
    """Ask an Orthanc to end and wait for it; False where it has not ended in time. `descriptor` is a pidfd.

    Orthanc ends at the first SIGTERM, and takes its handler away at once: a second one would kill it in the
    middle. It may have had the first already, from a service manager that asks all processes; and while it
    starts, it has no handler yet. So it is asked once, and only while it has one.
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
    """Whether a process has a handler of its own for a signal (proc(5), `SigCgt`)."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (number - 1) & 1)


def _python_environment() -> dict[str, str]:
    """What the Python in the plugin needs: the packages of .venv/plugin, and nothing of the user's own."""
    packages = (HOME / ".venv" / "plugin").glob("lib/python3*/site-packages")
    return {"PYTHONPATH": ":".join(map(str, packages)), "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}
