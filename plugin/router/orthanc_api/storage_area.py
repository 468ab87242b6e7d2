# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that Orthanc keeps in a folder of this machine.

Each has a random name (a UUID), under which it never changes. It lies in folders that are named after its
first digits (Orthanc Book, "How does Orthanc store its database?").
"""

import re
from collections.abc import Callable
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Final, TypeVar

#: Read at once: most headers are shorter.
_BUFFER: Final = 1 << 14
_NAME: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_Taken = TypeVar("_Taken")


class StorageArea:
    """Reads DICOM files where they lie: so much of each as is wanted, and without work for Orthanc.

    Not all can be read so: a plugin may keep them elsewhere, and they may be compressed or encrypted. May be
    used from any thread.
    """

    def __init__(self, folder: Path | None) -> None:
        """`folder` is Orthanc's `StorageDirectory`; None: it is not known."""
        self._folder = folder

    def read(self, name: str, take: Callable[[Callable[[int], bytes]], _Taken]) -> tuple[_Taken] | None:
        """What `take` makes of a file, given what reads so many of the next bytes; None where there is no
        DICOM file of this name here."""
        if self._folder is None or not _NAME.fullmatch(name):
            return None
        path = f"{self._folder}/{name[:2]}/{name[2:4]}/{name}"
        try:
            with BufferedReader(FileIO(path), _BUFFER) as file:
                # The prefix of a DICOM file (PS3.10, 7.1).
                return (take(file.read),) if file.peek(132)[128:132] == b"DICM" else None
        except OSError:
            return None
