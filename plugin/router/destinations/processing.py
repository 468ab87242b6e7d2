# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface of destinations that process images (an analysis, a model)."""

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

    #: The same at each attempt with the same images for the same reason; different for every other parcel.
    key: str
    images: Sequence[Outgoing]
    packing: Packing
    #: HTTP headers with further information for the service.
    headers: Mapping[str, str] = field(default_factory=dict)


class Answer(Protocol):
    """The answer of a service."""

    @property
    def later(self) -> bool:
        """Whether the service has taken the images and will call back."""
        ...

    def results(self) -> Iterator[bytes]:
        """Yield the DICOM files that the service made, one at a time; none where it made none.

        Raises Declined where the answer is something else.
        """
        ...


@runtime_checkable
class Processor(Protocol):
    """An open destination that processes images. May be used by several threads at once."""

    def process(self, parcel: Parcel) -> AbstractContextManager[Answer]:
        """Send a parcel; the answer is valid until the context ends.

        Raises DestinationUnavailable, Declined, or the errors of reading an image.
        """
        ...
