# SPDX-License-Identifier: GPL-3.0-or-later
"""What destinations that make something of images (an analysis, a model) take and give back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from router.destinations.outgoing import Outgoing

#: One image alone as it is, several as `multipart/related`, or several as a ZIP archive.
Packing = Literal["instance", "multipart", "zip"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """Images for a service."""

    #: The same whenever the same images are sent again for the same reason, and of no other parcel.
    key: str
    images: Sequence[Outgoing]
    packing: Packing
    #: What else the service is told, by HTTP header.
    headers: Mapping[str, str] = field(default_factory=dict)


class Answer(Protocol):
    """What a service gives back."""

    @property
    def later(self) -> bool:
        """Whether the service has taken the images and will call back."""
        ...

    def results(self) -> Iterator[bytes]:
        """The DICOM files that it has made, one at a time; none where it has made nothing.

        Raises Declined where it is something else.
        """
        ...


@runtime_checkable
class Processor(Protocol):
    """An open destination that processes. May be used by several threads at once."""

    def process(self, parcel: Parcel) -> AbstractContextManager[Answer]:
        """Send a parcel and take the answer, which holds until the context ends.

        Raises DestinationUnavailable, Declined, or what reading an image raises.
        """
        ...
