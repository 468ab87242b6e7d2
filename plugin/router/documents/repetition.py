# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of a study that came in again, and that Orthanc did not keep."""

from router.documents.document import Document, Instant


class Repetition(Document):
    """What came again of one study."""

    #: Orthanc's identifier of the study.
    study: str
    #: How many times an image came again.
    images: int
    #: How many of these differ in tags that are compared.
    differing: int
    #: How many could not be compared.
    uncompared: int
    #: The tags that differed, by keyword.
    tags: list[str]
    #: The first and the last time.
    since: Instant
    at: Instant
    #: The sender of the last one; empty where it did not come by DICOM.
    aet: str
    #: Orthanc's identifier of one of the images, if possible one that differs. Once Orthanc has it anew, the
    #: correction has been taken in.
    instance: str
