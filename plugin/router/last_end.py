# SPDX-License-Identifier: GPL-3.0-or-later
"""How the process before this one ended."""

import logging
from pathlib import Path

_log = logging.getLogger(__name__)


class LastEnd:
    """The file `ended` in the node's data folder, which an orderly end leaves behind.

    An orderly end gives the node's deliveries back. Where the store is away at that moment, the next process
    finds them leased, as after a crash; the file tells it that no delivery is to blame.
    """

    def __init__(self, data_directory: Path) -> None:
        self._file = data_directory / "ended"

    def take(self) -> bool:
        """Return whether the end was orderly, and forget it: this process has begun."""
        try:
            self._file.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            _log.warning("How the process before this one ended cannot be told: %s", error)
            return False
        return True

    def note(self) -> None:
        """Leave behind that this process ends in order."""
        try:
            self._file.touch(mode=0o600)
        except OSError as error:
            _log.info("The next start takes this end for a crash: %s", error)
