# SPDX-License-Identifier: GPL-3.0-or-later
"""Images on their way out, and what opens a destination for them."""

from collections.abc import Callable
from functools import partial

from pydicom import Dataset, FileDataset

from router.destinations import Outgoing, Sender
from samples import file_bytes, make_image

#: Opens a destination of a kind with these settings.
Open = Callable[..., Sender]


def outgoing(*images: Dataset) -> list[Outgoing]:
    """Images that Orthanc does not store; their SOP Instance UIDs stand for its identifiers."""
    return [
        Outgoing(str(image.SOPInstanceUID), partial(bytes, file_bytes(image)), is_stored=False)
        for image in images
    ]


def same_uid_everywhere() -> list[FileDataset]:
    """Images of one SOP Instance UID: in two series, another study, and of another patient."""
    first = make_image()
    same = {"SOPInstanceUID": first.SOPInstanceUID}
    study, series = str(first.StudyInstanceUID), str(first.SeriesInstanceUID)
    images = [
        first,
        make_image(study=study, SeriesDescription="Second", **same),
        make_image(SeriesDescription="Third", **same),
        make_image(study=study, series=series, PatientID="OTHER", **same),
    ]
    for image in images:
        image.file_meta.MediaStorageSOPInstanceUID = first.SOPInstanceUID
    return images
