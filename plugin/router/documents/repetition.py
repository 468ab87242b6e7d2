# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of a study that came in again and that Orthanc did not keep."""

from router.documents.document import Document, Instant


class Repetition(Document):
    """The repeated images of one study."""

    #: Orthanc's identifier of the study.
    study: str
    #: How many times an image came again.
    images: int
    #: How many of these differ in the compared tags.
    differing: int
    #: How many could not be compared.
    uncompared: int
    #: The tags that differed, by keyword.
    tags: list[str]
    #: The times of the first and of the last repetition.
    since: Instant
    at: Instant
    #: The AE title of the last sender; empty where the image did not come by DICOM.
    aet: str
    #: Orthanc's identifier of one of the images, if possible of a differing one. Once Orthanc has received it
    #: anew, the correction is stored.
    instance: str
