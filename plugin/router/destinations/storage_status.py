# SPDX-License-Identifier: GPL-3.0-or-later
"""The failure statuses of C-STORE, which DICOMweb uses too, as messages for an administrator."""

from typing import Final

#: As (value, mask, words), specific ones before general ones: PS3.4, table B.2-1; PS3.7, annex C; and PS3.18,
#: table I.2-2.
_STATUSES: Final = (
    (0x0110, 0xFFFF, "it has failed at processing it; see its log, and whether its disk is full"),
    (0x0111, 0xFFFF, "it has this instance already and takes no other"),
    (0x0112, 0xFFFF, "there is no such SOP instance"),
    (0x0117, 0xFFFF, "the SOP Instance UID is not valid"),
    (0x0122, 0xFFFF, "it does not support this SOP class"),
    (0x0124, 0xFFFF, "this sender is not authorized; have its administrator allow it"),
    (0x0131, 0xFFFF, "it refuses instances of this study"),
    (0xC122, 0xFFFF, "it does not support this transfer syntax"),
    (0xA700, 0xFF00, "it is out of resources; its disk may be full"),
    (0xA900, 0xFF00, "the data set does not match its SOP class"),
    (0xC000, 0xF000, "it cannot understand the data set"),
)

#: The receiver already has an instance with this UID, the same or another (PS3.7, C.4.2).
DUPLICATE: Final = 0x0111
#: Warnings that are not of the form Bxxx (PS3.7, annex C.3).
_WARNINGS: Final = frozenset({0x0001, 0x0107, 0x0116})


def is_stored(status: int) -> bool:
    """Whether the receiver has stored the image: success, or a warning, which also means stored."""
    return status == 0 or status & 0xF000 == 0xB000 or status in _WARNINGS


def in_words(status: int) -> str:
    """Return the meaning of a failure status, with the receiver as "it"; empty where unknown."""
    return next((words for beginning, mask, words in _STATUSES if status & mask == beginning), "")


def out_of_resources(status: int) -> bool:
    """Whether the receiver lacks room or memory, for this image or for any."""
    return status & 0xFF00 == 0xA700
