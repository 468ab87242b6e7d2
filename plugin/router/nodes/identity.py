# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity of this node: it stays the same after a restart, and no other process has it."""

import fcntl
import os
from pathlib import Path

from router.documents.document import new_id


class Identity:
    """The node's id, kept in the file `node` of its data folder. The process locks it while it lives."""

    def __init__(self, data_directory: Path) -> None:
        """Read the id, or make one. Raises OSError; BlockingIOError where another process is this node."""
        data_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(data_directory / "node", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Two processes with the same id would take each other's deliveries away.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            kept = os.read(self._file, 100).decode("ascii")
            self.identifier = kept or new_id()
            if not kept:
                os.write(self._file, self.identifier.encode("ascii"))
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Let another process be this node."""
        os.close(self._file)
