# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the files that Orthanc keeps in a folder of this machine.

Each file has a random name (a UUID), and never changes. It lies in folders named after the first digits of
its name (Orthanc Book, "How does Orthanc store its database?").
"""

import re
from collections.abc import Callable
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Final, TypeVar

#: How many bytes are read at once: most headers are shorter.
_BUFFER: Final = 1 << 14
_NAME: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_Taken = TypeVar("_Taken")


class StorageArea:
    """Reads DICOM files directly: only as much of each as needed, and without work for Orthanc.

    Not all files can be read so: a plugin may keep them elsewhere, and they may be compressed or encrypted.
    May be used from any thread.
    """

    def __init__(self, folder: Path | None) -> None:
        """`folder`: Orthanc's `StorageDirectory`; None where unknown."""
        self._folder = folder

    def read(self, name: str, take: Callable[[Callable[[int], bytes]], _Taken]) -> tuple[_Taken] | None:
        """Return the result of `take` for a file; None where there is no DICOM file of this name here. `take`
        gets a function that reads the next bytes."""
        if self._folder is None or not _NAME.fullmatch(name):
            return None
        path = f"{self._folder}/{name[:2]}/{name[2:4]}/{name}"
        try:
            with BufferedReader(FileIO(path), _BUFFER) as file:
                # The prefix of a DICOM file (PS3.10, 7.1).
                return (take(file.read),) if file.peek(132)[128:132] == b"DICM" else None
        except OSError:
            return None
