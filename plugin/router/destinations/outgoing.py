# SPDX-License-Identifier: GPL-3.0-or-later
"""An image on its way out, as a destination sees it."""

from collections.abc import Callable
from dataclasses import dataclass


class ImageRefused(Exception):  # noqa: N818 - it reads as what it says
    """This one image cannot be read, changed or taken; the message says why. Others may fare better."""


class ImageGone(ImageRefused):
    """It was deleted from Orthanc."""

    def __init__(self) -> None:
        super().__init__("not in Orthanc any more")


class NotEnoughMemory(ImageRefused):
    """There is no memory for it now."""

    def __init__(self) -> None:
        super().__init__(
            "Orthanc has not enough memory left for it: give it more, or have less done at the same time"
            " (the destination's concurrency and batch)"
        )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One image to be sent. Its file is read when it is asked for, and not kept."""

    #: Orthanc's identifier of the stored instance that it is, or was made from.
    instance: str
    #: The DICOM file (PS3.10) as it is to arrive. Raises OrthancError, OrthancUnreachable or ImageRefused.
    read: Callable[[], bytes]
    #: Whether that is the file as Orthanc stores it, so that Orthanc itself can send it.
    is_stored: bool = True
    #: Whether an earlier attempt may have brought it there already.
    may_be_there: bool = False
    #: What the destination has given for it at an earlier attempt (`Unconfirmed`); empty where it has not.
    receipt: str = ""
