# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes of the demonstration: a modality that sends pydicom's sample images, and a receiving node.

DICOM PS3.4, Storage Service Class. Both use only the loopback interface of this machine.
"""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from launcher.failure import Failure

_FILES = (
    "CT_small.dcm",
    "J2K_pixelrep_mismatch.dcm",
    "693_J2KI.dcm",
    "MR_small.dcm",
    "examples_overlay.dcm",
    "examples_palette.dcm",
    "examples_jpeg2k.dcm",
    "examples_rgb_color.dcm",
    "JPEG2000.dcm",
    "rtplan.dcm",
    "rtdose.dcm",
    "test-SR.dcm",
)


@dataclass(frozen=True)
class SampleImage:
    """One of the files in pydicom's package."""

    path: Path
    modality: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    #: The identifier in Orthanc: the SHA-1 of four DICOM identifiers (Orthanc Book, "Orthanc identifiers").
    orthanc_id: str


def sample_images() -> list[SampleImage]:
    """A dozen images of several modalities, manufacturers and transfer syntaxes."""
    return [_sample_image(Path(str(get_testdata_file(name, download=False)))) for name in _FILES]


def _sample_image(path: Path) -> SampleImage:
    image = dcmread(path, stop_before_pixels=True)
    identifiers = [image.PatientID, image.StudyInstanceUID, image.SeriesInstanceUID, image.SOPInstanceUID]
    digest = hashlib.sha1("|".join(identifiers).encode(), usedforsecurity=False).hexdigest()
    return SampleImage(
        path=path,
        modality=image.Modality,
        sop_class_uid=image.SOPClassUID,
        sop_instance_uid=image.SOPInstanceUID,
        transfer_syntax_uid=image.file_meta.TransferSyntaxUID,
        orthanc_id="-".join(digest[start : start + 8] for start in range(0, 40, 8)),
    )


def send(images: Iterable[SampleImage], called_aet: str, port: int) -> None:
    """Send the images unchanged in one association (C-STORE). Raises Failure where one is not accepted."""
    modality = AE("MODALITY")
    for syntax in sorted({(image.sop_class_uid, image.transfer_syntax_uid) for image in images}):
        modality.add_requested_context(*syntax)
    association = modality.associate("127.0.0.1", port, ae_title=called_aet)
    if not association.is_established:
        raise Failure(f"Orthanc does not accept a DICOM association on port {port}.")
    try:
        for image in images:
            status = association.send_c_store(image.path)
            if status.get("Status") != 0:
                raise Failure(f"Orthanc has not accepted {image.path.name} (status {status.get('Status')}).")
    finally:
        association.release()


class Arrivals:
    """The images that have arrived, and the AE titles that were called for them."""

    def __init__(self) -> None:
        self._by_image: defaultdict[str, set[str]] = defaultdict(set)
        self._changed = threading.Condition()

    def add(self, sop_instance_uid: str, called_aet: str) -> None:
        """Record that an image has arrived."""
        with self._changed:
            self._by_image[sop_instance_uid].add(called_aet)
            self._changed.notify_all()

    def wait_for(self, count: int, seconds: float) -> None:
        """Wait until so many images have arrived, at most for the given time."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._by_image) >= count, seconds)

    def of(self, image: SampleImage) -> set[str]:
        """The AE titles at which the image has arrived."""
        with self._changed:
            return set(self._by_image[image.sop_instance_uid])


@contextmanager
def receiving_node() -> Iterator[tuple[int, Arrivals]]:
    """A node that accepts every image, under any AE title, and stores nothing; its port and the arrivals."""
    arrivals = Arrivals()

    def stored(event: Event) -> int:
        request, association = event.request, event.assoc.requestor.primitive
        assert isinstance(request, C_STORE)
        assert association is not None
        arrivals.add(str(request.AffectedSOPInstanceUID), association.called_ae_title.strip())
        return 0x0000

    node = AE("RECEIVER")
    node.add_supported_context(Verification)
    for context in AllStoragePresentationContexts:
        node.add_supported_context(str(context.abstract_syntax), AllTransferSyntaxes)
    server = node.start_server(
        ("127.0.0.1", 0),
        block=False,
        evt_handlers=[(evt.EVT_C_STORE, stored), (evt.EVT_C_ECHO, lambda _: 0x0000)],
    )
    assert server is not None
    try:
        yield server.server_address[1], arrivals
    finally:
        server.shutdown()
