# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiving DICOM node: dcmtk's `storescp`."""

import re
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Self

from pydicom import Dataset, dcmread

from servers.process import ServerProcess, free_port, port_is_open
from servers.waiting import wait_until

#: What stands before it may be torn: each association is a process of its own, and all write to one log.
_STORED = re.compile(r"storing DICOM file: (.+)$", re.MULTILINE)


class StoreScp:
    """dcmtk's `storescp`: takes everything and keeps it as files."""

    def __init__(
        self,
        folder: Path | None = None,
        aet: str = "STORESCP",
        *options: str,
        log: Sequence[str] = ("-v",),
        any_transfer_syntax: bool = True,
        several_at_once: bool = True,
    ) -> None:
        """`any_transfer_syntax`: also compressed ones, which makes it take 8 ms to accept an association.
        `several_at_once`: associations, each in a process of its own, which takes it 1.5 ms to make."""
        self.folder = folder or Path(tempfile.mkdtemp(prefix="storescp-"))
        self.files_folder = self.folder / "files"
        self.files_folder.mkdir(parents=True, exist_ok=True)
        self.aet = aet
        self.host = "127.0.0.1"
        self.port = free_port()
        self.process = ServerProcess(
            [
                "storescp",
                *log,
                *(["--fork"] if several_at_once else []),
                "-aet",
                aet,
                *(["+xa"] if any_transfer_syntax else []),
                "-pm",
                "-od",
                self.files_folder,
                *options,
                self.port,
            ],
            self.folder / "storescp.log",
        )

    def start(self) -> Self:
        """Start listening; also again after `stop`, on the same port."""
        self.process.start()
        wait_until(lambda: port_is_open(self.port), 10, "storescp does not listen")
        return self

    def stop(self) -> None:
        """Go away, in the middle of an association too."""
        self.process.kill()

    def arrivals(self) -> list[str]:
        """The SOP Instance UIDs in the order of their arrival, the same one as often as it came."""
        return [Path(name).name.partition(".")[2] for name in _STORED.findall(self.process.log_text())]

    def files(self) -> dict[str, Path]:
        """The files by SOP Instance UID."""
        return {path.name.partition(".")[2]: path for path in self.files_folder.iterdir()}

    def wait_for(self, uids: Collection[str], timeout: float = 15) -> None:
        """Wait until all of these instances have arrived."""
        wanted = set(uids)

        def missing() -> str:
            return f"{len(wanted - set(self.arrivals()))} of {len(wanted)} instances have not arrived"

        wait_until(lambda: wanted <= set(self.arrivals()), timeout, missing)

    def read(self, uid: str) -> Dataset:
        """What has arrived under this SOP Instance UID."""
        return dcmread(self.files()[uid])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
