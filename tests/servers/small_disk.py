# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system that is full when a test wants it to be."""

import shutil
import subprocess
from pathlib import Path

import pytest


class SmallDisk:
    """A file system of so many megabytes in `folder`. Skips the test where mounting is not allowed."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._size = f"size={megabytes}m"
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave not a single block."""
        # More than there is room for.
        subprocess.run(
            ["dd", "if=/dev/zero", f"of={self._ballast}", "bs=4k"], capture_output=True, check=False
        )

    def free(self) -> None:
        """Undo `fill`."""
        self._ballast.unlink()

    def remount(self, option: str) -> None:
        """Mount it once more, `ro` or `rw`."""
        subprocess.run(["mount", "-o", f"remount,{option}", self.folder], check=True)

    def __enter__(self) -> "SmallDisk":
        self.folder.mkdir(parents=True)
        mount = ["mount", "-t", "tmpfs", "-o", self._size, "tmpfs", str(self.folder)]
        if (
            shutil.which("mount") is None
            or subprocess.run(mount, capture_output=True, check=False).returncode
        ):
            pytest.skip("mounting a file system is not allowed here")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", self.folder], check=True)
