# SPDX-License-Identifier: GPL-3.0-or-later
"""The data folder of one Orthanc with the router. Only one Orthanc may use it at a time."""

import fcntl
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from launcher.failure import Failure


@dataclass(frozen=True)
class Running:
    """The processes that use a data folder."""

    launcher: int
    orthanc: int | None = None


class DataFolder:
    """`orthanc` (images and index), `router` (the router's own state), `logs`, and the file `running`.

    That file is locked while the folder is in use, and names the processes that use it. Orthanc's process
    shares the lock, so that it holds while either process lives, however they end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "logs"
        self._running = path / "running"
        self._descriptor: int | None = None

    @property
    def lock_descriptor(self) -> int:
        """The descriptor of the open file with the lock, to hand to Orthanc's process."""
        assert self._descriptor is not None
        return self._descriptor

    def claim(self) -> None:
        """Create the folder if it is missing, and lock it. Raises Failure."""
        try:
            for folder in (self.path, self.path / "orthanc", self.path / "router", self.logs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise Failure(f"No permission to write to {folder} (DATA_DIR).")
            descriptor = os.open(self._running, os.O_RDWR | os.O_CREAT, 0o600)
        except FileExistsError as error:
            raise Failure(f"DATA_DIR cannot be used: {error.filename} is not a folder.") from None
        except OSError as error:
            raise Failure(f"Cannot use {self.path} as DATA_DIR: {error.strerror}.") from None
        if not _lock(descriptor):
            os.close(descriptor)
            raise Failure(
                f"It runs already on {self.path}: orthanc/stop ends it, another DATA_DIR goes beside it."
            )
        self._descriptor = descriptor
        self.tell(Running(os.getpid()))

    def tell(self, running: Running) -> None:
        """Record the processes that use the folder. In one write, because it may be read at any time."""
        os.pwrite(self.lock_descriptor, json.dumps(asdict(running)).ljust(100).encode("ascii"), 0)

    def begin_anew(self) -> None:
        """Delete the data of an earlier demonstration. Raises Failure for any other data."""
        mark = self.path / "demonstration"
        contents = (self.path / "orthanc", self.path / "router")
        if not mark.exists() and any(any(folder.iterdir()) for folder in contents):
            raise Failure(f"{self.path} holds data that no demonstration has made; choose another DATA_DIR.")
        mark.touch()
        for folder in contents:
            shutil.rmtree(folder)
            folder.mkdir(mode=0o700)

    def in_use_by(self) -> Running | None:
        """The processes that use the folder; None where it is not in use. Raises Failure."""
        try:
            descriptor = os.open(self._running, os.O_RDWR)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Failure(f"Cannot read {self._running}: {error.strerror}.") from None
        try:
            if _lock(descriptor):
                return None
            return Running(**json.loads(self._running.read_text(encoding="ascii")))
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
