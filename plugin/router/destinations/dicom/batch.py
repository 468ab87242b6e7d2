# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of images that are sent together, and what becomes of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydicom.uid import UID

from router.destinations.dicom.association import Context
from router.destinations.dicom.dicom_file import DicomFile


@dataclass
class Batch:
    """The images of one call: what is known of them, and what has become of them, by Orthanc's identifier."""

    #: SOP class and transfer syntax of stored images, as far as they are known.
    kinds: Mapping[str, Context]
    #: Images that the node may have, although it has not said so.
    offered: set[str] = field(default_factory=set)

    #: SOP Class and SOP Instance UID of images that the node has stored.
    taken: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Why other images were refused.
    refused: dict[str, str] = field(default_factory=dict)
    #: Refused images that are not in Orthanc any more.
    gone: set[str] = field(default_factory=set)
    #: Refused images that the node may take in another encoding.
    unencoded: set[str] = field(default_factory=set)
    #: Number of images sent in another transfer syntax, by both names and further remarks.
    encoded: Counter[tuple[str, ...]] = field(default_factory=Counter)
    #: Images that the node says it has already.
    duplicates: int = 0
    #: Whether there was an image that should be sent so that the answer to each is known.
    is_mixed: bool = False
    #: Why the rest was not sent, and whether that is because the node rejects the association.
    unavailable: str | None = None
    is_rejected: bool = False

    def count_encoded(self, file: DicomFile, sent: DicomFile) -> None:
        """Count an image that was sent in a transfer syntax that is not its own."""
        self.encoded[UID(file.syntax).name, UID(sent.syntax).name, *sent.remarks] += 1

    @property
    def note(self) -> str | None:
        """What a person should know besides errors."""
        notes = [
            " ".join(
                [f"{count} sent as {to}, as the node does not take {source}", *map("({})".format, remarks)]
            )
            for (source, to, *remarks), count in self.encoded.items()
        ]
        if self.duplicates:
            notes.append(
                f"the node had {self.duplicates} already, by an earlier attempt or another way"
                " (status 0x0111)"
            )
        return "; ".join(notes) or None
