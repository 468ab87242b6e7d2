"""The Orthanc that the launcher runs as its child."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from launcher.log import Log
from launcher.settings import HOME

PROGRAM = Path("/usr/sbin/Orthanc")

#: Seconds that Orthanc gets to end by itself; after that it is killed. A crash loses nothing either.
GRACE = 8.0


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
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        os.close(self.descriptor)


def _python_environment() -> dict[str, str]:
    """What the Python in the plugin needs: the packages of .venv/plugin, and nothing of the user's own."""
    packages = (HOME / ".venv" / "plugin").glob("lib/python3*/site-packages")
    return {"PYTHONPATH": ":".join(map(str, packages)), "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}
