"""An image on its way out, as a destination sees it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One image to be sent. Its file is read when it is asked for, and not kept."""

    #: Orthanc's identifier of the stored instance that it is, or was made from.
    instance: str
    #: The DICOM file (PS3.10) as it is to arrive.
    read: Callable[[], bytes]
    #: Whether that is the file as Orthanc stores it, so that Orthanc itself can send it.
    is_stored: bool = True
