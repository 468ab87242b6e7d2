"""Sending nodes: dcmtk's `storescu` and `dcmsend`, and pynetdicom where each response counts."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.association import Association
from samples import write

_ENVIRONMENT = {**os.environ, "TCP_NODELAY": "1"}


def storescu(port: int, files: Iterable[Path], aet: str = "MODALITY", called_aet: str = "ORTHANC") -> None:
    """Send files (or folders of files) by dcmtk's `storescu`, in one association, uncompressed.

    Raises AssertionError where it says that something failed.
    """
    _run(["storescu", "-aet", aet, "-aec", called_aet, "+sd", "+r", "-R", "127.0.0.1", str(port)], files)


def dcmsend(port: int, files: Iterable[Path], aet: str = "MODALITY", called_aet: str = "ORTHANC") -> None:
    """Send files (or folders of files) by dcmtk's `dcmsend`, each in its own transfer syntax.

    Raises AssertionError where it says that something failed.
    """
    _run(
        [
            "dcmsend",
            "-aet",
            aet,
            "-aec",
            called_aet,
            "-dn",
            "-nuc",
            "+f",
            "+sd",
            "+r",
            "127.0.0.1",
            str(port),
        ],
        files,
    )


def send(port: int, images: Iterable[Dataset], aet: str = "MODALITY", called_aet: str = "ORTHANC") -> None:
    """Send images by `dcmsend`, in one association where their kinds allow it."""
    with tempfile.TemporaryDirectory(prefix="sender-") as folder:
        dcmsend(port, write(images, Path(folder)), aet, called_aet)


def _run(command: Sequence[str], files: Iterable[Path]) -> None:
    result = subprocess.run(
        [*command, *map(str, files)],
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, f"{command[0]} failed ({result.returncode}):\n{output[-2000:]}"


def without_nagle(event: evt.Event) -> None:
    """Handler of EVT_CONN_OPEN: small messages leave at once."""
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Sender:
    """One association of a modality, by pynetdicom: tells for each image what the receiver answered."""

    def __init__(self, port: int, aet: str = "MODALITY", called_aet: str = "ORTHANC") -> None:
        self._ae = AE(ae_title=aet)
        self._ae.acse_timeout = self._ae.dimse_timeout = self._ae.network_timeout = 30
        self._port = port
        self._called_aet = called_aet
        self._association: Association | None = None

    def open(self, sop_classes: Iterable[str]) -> bool:
        """Associate for these SOP classes; False where nobody answers or it is refused."""
        for sop_class in dict.fromkeys(sop_classes):
            self._ae.add_requested_context(sop_class, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
        self._association = self._ae.associate(
            "127.0.0.1",
            self._port,
            ae_title=self._called_aet,
            evt_handlers=[(evt.EVT_CONN_OPEN, without_nagle)],
        )
        return bool(self._association.is_established)

    def send(self, image: Dataset) -> int | None:
        """C-STORE; the status of the response, None where there came none."""
        assert self._association is not None, "not open"
        if not self._association.is_established:
            return None
        try:
            status = self._association.send_c_store(image)
        except RuntimeError:  # the association ended between the question and the sending
            return None
        return int(status.Status) if "Status" in status else None

    def close(self) -> None:
        """Release the association, or abort what is left of it."""
        if self._association is not None and self._association.is_established:
            self._association.release()

    def __enter__(self) -> "Sender":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
