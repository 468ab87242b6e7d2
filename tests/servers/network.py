# SPDX-License-Identifier: GPL-3.0-or-later
"""A network of its own for one server, of which a line can be cut as by a broken switch: nothing comes
through any more, and nobody is told."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

#: Its own for each run of the tests.
_BLOCK: Final = f"10.{150 + os.getpid() % 100}"
#: Where this machine is found from all of these networks; the second by the line that can be cut.
MACHINE: Final = f"{_BLOCK}.255.1"
STORE: Final = f"{_BLOCK}.255.2"


class OwnNetwork:
    """A network namespace with two lines to this machine. Skips the test where that is not allowed.

    By one, the server is reached (at `address`) and reaches `MACHINE`; by the other it reaches `STORE`.
    """

    def __init__(self, number: int) -> None:
        """`number`: of those that a test has, from 0 to 9."""
        self._name = f"router-{os.getpid()}-{number}"
        # Names of interfaces have at most 15 letters.
        self._lines = [f"r{os.getpid()}{kind}{number}" for kind in "ms"]
        self._subnets = [f"{_BLOCK}.{number}", f"{_BLOCK}.{number + 10}"]
        self.address = f"{self._subnets[0]}.2"

    def command(self, command: Sequence[str | int | Path]) -> list[str | int | Path]:
        """The command that runs another one in this network."""
        return ["ip", "netns", "exec", self._name, *command]

    def hold(self) -> None:
        """Cut the line to `STORE`."""
        _ip("link", "set", self._lines[1], "down")

    def let_go(self) -> None:
        """Mend it."""
        _ip("link", "set", self._lines[1], "up")

    def __enter__(self) -> "OwnNetwork":
        if (
            os.geteuid() != 0
            or shutil.which("ip") is None
            or not _ip("netns", "add", self._name, check=False)
        ):
            pytest.skip("making networks is not allowed here")
        self._inside("link", "set", "lo", "up")
        for line, subnet, target in zip(self._lines, self._subnets, (MACHINE, STORE), strict=True):
            _ip("link", "add", line, "type", "veth", "peer", "name", f"{line}p", "netns", self._name)
            _ip("address", "add", f"{subnet}.1/24", "dev", line)
            _ip("link", "set", line, "up")
            self._inside("address", "add", f"{subnet}.2/24", "dev", f"{line}p")
            self._inside("link", "set", f"{line}p", "up")
            self._inside("route", "add", target, "via", f"{subnet}.1")
            _ip("address", "replace", f"{target}/32", "dev", "lo")
        return self

    def __exit__(self, *_: object) -> None:
        # The lines end with it.
        _ip("netns", "delete", self._name)
        for target in (MACHINE, STORE):
            _ip("address", "delete", f"{target}/32", "dev", "lo", check=False)

    def _inside(self, *arguments: str) -> None:
        _ip("-n", self._name, *arguments)


def _ip(*arguments: str, check: bool = True) -> bool:
    """Whether it was done."""
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done.returncode == 0
