# SPDX-License-Identifier: GPL-3.0-or-later
"""A modality that sends all the time, whatever becomes of the receiver, and remembers what was taken."""

import shutil
import threading
from pathlib import Path

from samples import make_series, write
from servers.process import port_is_open
from servers.sender import BackgroundSender
from servers.waiting import wait_until


class Load:
    """Sends one series after another in a thread, each in an association of its own."""

    def __init__(
        self,
        port: int,
        folder: Path,
        patient: str,
        images: int = 25,
        size: int = 12_000,
        host: str = "127.0.0.1",
    ) -> None:
        self._host = host
        self._port = port
        self._folder = folder
        self._patient = patient
        self._images = images
        self._size = size
        self._sent: set[str] = set()
        #: So that what is accepted is told by the log of the sender under way or by the list, not by both.
        self._lock = threading.Lock()
        self._done: list[str] = []
        self._sender: BackgroundSender | None = None
        #: Series of which not all images were accepted.
        self.broken_off = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._send, name="load")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the series that is under way, and end."""
        self._ending.set()
        self._thread.join()

    @property
    def sent(self) -> set[str]:
        """The SOP Instance UIDs of all that it has sent or begun to send."""
        return set(self._sent)

    def accepted(self) -> list[str]:
        """The SOP Instance UIDs that were answered with success so far."""
        with self._lock:
            under_way = [path.stem for path in self._sender.accepted()] if self._sender else []
            return self._done + under_way

    def wait_for_more(self, images: int) -> None:
        """Wait until so many more have been answered with success."""
        wanted = len(self.accepted()) + images
        wait_until(lambda: len(self.accepted()) >= wanted, 60, "nothing is accepted any more")

    def __enter__(self) -> "Load":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _send(self) -> None:
        number = 0
        while not self._ending.is_set():
            wait_until(
                lambda: self._ending.is_set() or port_is_open(self._port, self._host), 60, "nobody listens"
            )
            number += 1
            folder = self._folder / str(number)
            files = write(make_series(self._images, PatientID=self._patient, size=self._size), folder)
            self._sent |= {file.stem for file in files}
            sender = BackgroundSender(self._port, files, folder / "storescu.log", host=self._host)
            with self._lock:
                self._sender = sender
            sender.wait()
            with self._lock:
                self._sender = None
                accepted = sender.accepted()
                self._done += [file.stem for file in accepted]
                self.broken_off += len(accepted) < len(files)
            shutil.rmtree(folder)
