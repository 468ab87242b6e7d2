# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends an image that shows nobody to a destination, the way a delivery sends one."""

import io
import uuid
from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from router.destinations.kind import DestinationUnavailable, InstancesRefused, Sender, Unconfirmed
from router.destinations.outgoing import Outgoing
from router.transforms.writing import write

#: So that people at the destination find the image, and recognize it.
PATIENT_ID: Final = "ROUTER-TEST"
PATIENT_NAME: Final = "Router^Test Image"
_DESCRIPTION: Final = "Test image of Orthanc Router"
#: Pixels of a side. The image gets brighter from left to right.
_SIDE: Final = 128
#: Stands for Orthanc's identifier: Orthanc does not store this image.
_NO_INSTANCE: Final = "test-image"


def send_synthetic_image(sender: Sender, now: datetime) -> str:
    """Make a study of one image and send it; return what was sent and what the destination has said.

    Raises DestinationUnavailable, also where the destination refuses the image.
    """
    image = synthetic_image(now)
    file = write(image)
    about = f"patient {PATIENT_ID}, SOP Instance UID {image.SOPInstanceUID}"
    try:
        note = sender.send([Outgoing(_NO_INSTANCE, lambda: file, is_stored=False)])
    except InstancesRefused as error:
        raise DestinationUnavailable(error.reasons.get(_NO_INSTANCE, str(error))) from error
    except Unconfirmed as error:
        if error.unavailable is not None:
            raise DestinationUnavailable(error.unavailable) from error
        if _NO_INSTANCE in error.reasons:
            raise DestinationUnavailable(error.reasons[_NO_INSTANCE]) from error
        return f"The destination has taken the image, and has yet to confirm that it keeps it ({about})."
    return f"The destination has taken the image ({about})." + (f" {note}." if note else "")


def synthetic_image(now: datetime) -> FileDataset:
    """Make a Secondary Capture image (PS3.3, A.8.1) of a study of its own, with UIDs below 2.25 (PS3.5, B.2).

    It says that it shows nobody (PS3.3, C.7.1.1: Patient Identity Removed).
    """
    image = Dataset()
    image.SOPClassUID = SecondaryCaptureImageStorage
    image.SOPInstanceUID, image.StudyInstanceUID, image.SeriesInstanceUID = (
        f"2.25.{uuid.uuid4().int}" for _ in range(3)
    )
    image.PatientName, image.PatientID = PATIENT_NAME, PATIENT_ID
    image.PatientBirthDate = image.PatientSex = ""
    image.PatientIdentityRemoved = "YES"
    image.DeidentificationMethod = "Made by a computer: shows no person"
    image.StudyDate = image.ContentDate = now.strftime("%Y%m%d")
    image.StudyTime = image.ContentTime = now.strftime("%H%M%S")
    image.StudyDescription = image.SeriesDescription = _DESCRIPTION
    image.AccessionNumber = image.StudyID = image.ReferringPhysicianName = ""
    image.Modality, image.ConversionType = "OT", "SYN"
    image.SeriesNumber = image.InstanceNumber = 1
    image.PatientOrientation, image.Laterality = None, ""
    image.BurnedInAnnotation = "NO"
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows = image.Columns = _SIDE
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 8, 8, 7, 0
    image.add_new("PixelData", "OB", bytes(range(0, 2 * _SIDE, 2)) * _SIDE)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return FileDataset(io.BytesIO(), image, preamble=bytes(128), file_meta=meta)
