# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthanc's log file: limited in size, kept for the last few starts, and read for why Orthanc has ended."""

import os
import re
from pathlib import Path
from typing import BinaryIO

#: The number of earlier logs kept besides the current one.
KEPT = 5

#: The size in bytes above which a running Orthanc's log is set aside.
LARGEST = 50_000_000

#: The Python plugin's report of an exception: the class, and its message in the next line.
_EXCEPTION = re.compile(r"^<class '(?:[\w.]*\.)?(?P<kind>\w+)'>\n(?P<message>.+)$", re.MULTILINE)
_ERROR = re.compile(r"^E\d{4} [\d:.]+ .*?\] (?P<message>.+)$", re.MULTILINE)


class Log:
    """`orthanc.log` in a folder; `orthanc.log.1` is the previous log, and so on."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "orthanc.log"

    def begin(self) -> BinaryIO:
        """Return a new, empty log, open for Orthanc to write to."""
        if self.path.exists():
            self._shift()
            self.path.rename(self._earlier(1))
        return self.path.open("ab")

    def keep_small(self) -> None:
        """Set the log aside if it is too large. Orthanc keeps writing meanwhile, so the file is copied and
        emptied; a line written in between may be lost."""
        if self.path.stat().st_size <= LARGEST:
            return
        self._shift()
        with self.path.open("rb") as file, self._earlier(1).open("wb") as earlier:
            os.sendfile(earlier.fileno(), file.fileno(), 0, 2 * LARGEST)
        os.truncate(self.path, 0)

    def last_error(self) -> str | None:
        """The line that best explains why Orthanc has ended: the last exception of the plugin, or else the
        last error of Orthanc; None where there is neither."""
        text = self.path.read_text(encoding="utf-8", errors="replace")[-200_000:]
        exceptions = list(_EXCEPTION.finditer(text))
        if exceptions:
            return f"{exceptions[-1]['message'].strip()} ({exceptions[-1]['kind']})"
        errors = [found["message"] for found in _ERROR.finditer(text)]
        telling = [error for error in errors if not error.startswith("Uncaught exception")] or errors
        return telling[-1] if telling else None

    def _earlier(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _shift(self) -> None:
        for number in range(KEPT, 1, -1):
            if self._earlier(number - 1).exists():
                self._earlier(number - 1).replace(self._earlier(number))
