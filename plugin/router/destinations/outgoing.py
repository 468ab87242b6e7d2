# SPDX-License-Identifier: GPL-3.0-or-later
"""An image to be sent, as a destination sees it."""

from collections.abc import Callable
from dataclasses import dataclass


class ImageRefused(Exception):  # noqa: N818 - it reads as what it says
    """This image cannot be read, changed or taken. The message says why. It says nothing of other images."""


class ImageGone(ImageRefused):
    """The image was deleted from Orthanc."""

    def __init__(self) -> None:
        super().__init__("not in Orthanc any more")


class NotEnoughMemory(ImageRefused):
    """There is not enough memory for the image now."""

    def __init__(self) -> None:
        super().__init__(
            "Orthanc has not enough memory left for it: give it more, or have less done at the same time"
            " (the destination's concurrency and batch)"
        )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One image to be sent. Its file is read on demand, and not kept."""

    #: Orthanc's identifier of the stored instance that the image is, or was made from.
    instance: str
    #: Reads the DICOM file (PS3.10) to send. Raises OrthancError, OrthancUnreachable or ImageRefused.
    read: Callable[[], bytes]
    #: Whether the file is the one that Orthanc stores, so that Orthanc itself can send it.
    is_stored: bool = True
    #: Whether an earlier attempt may have stored the image at the destination already.
    may_be_there: bool = False
    #: The receipt that the destination gave at an earlier attempt (`Unconfirmed`); empty where it gave none.
    receipt: str = ""
