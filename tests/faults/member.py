# SPDX-License-Identifier: GPL-3.0-or-later
"""A node of a group, and what can befall it."""

import threading
from pathlib import Path
from typing import Protocol

from faults.load import Load
from servers.orthanc import OrthancServer
from servers.router import RouterClient


class Way(Protocol):
    """The way from a node to MongoDB."""

    def hold(self) -> None:
        """Let nothing through from now on, and tell nobody."""

    def let_go(self) -> None:
        """Let through what comes."""


class Member:
    """A node that dies, freezes and loses MongoDB."""

    def __init__(self, orthanc: OrthancServer, way: Way) -> None:
        self.orthanc = orthanc
        self.router = RouterClient(orthanc.rest)
        self._way = way

    def die(self, _seconds: float) -> None:
        """Be killed, and start again."""
        self.orthanc.kill()
        self.orthanc.process.start()

    def freeze(self, seconds: float) -> None:
        """Stand still in the middle of everything, and go on as if nothing had been."""
        self.orthanc.pause()
        threading.Event().wait(seconds)
        self.orthanc.resume()

    def be_cut_off(self, seconds: float) -> None:
        """Have nothing come from MongoDB, nor get there."""
        self._way.hold()
        threading.Event().wait(seconds)
        self._way.let_go()

    def load(self, folder: Path) -> Load:
        """A modality that sends to it."""
        return Load(self.orthanc.dicom_port, folder, "SOMEONE", host=self.orthanc.host)
