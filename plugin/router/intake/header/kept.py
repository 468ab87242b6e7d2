# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a header that are kept."""

from dataclasses import dataclass
from typing import NamedTuple

from pydicom import DataElement, Dataset
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag


class Kept(NamedTuple):
    """One element as in the file. `value` is None for binary values (not kept); long values are cut."""

    tag: int
    vr: str | None
    length: int
    value: bytes | None

    def raw(self, implicit: bool, little: bool) -> RawDataElement:
        """Return the element in pydicom's form before decoding."""
        return RawDataElement(BaseTag(self.tag), self.vr, self.length, self.value, 0, implicit, little)


@dataclass(frozen=True, slots=True)
class Header:
    """The kept elements of one header. Two headers are equal where no rule that asked can tell them apart."""

    implicit: bool
    little: bool
    elements: tuple[Kept, ...]
    #: Elements of functional groups, shared ones and those of frames; each different element once.
    groups: tuple[tuple[int, tuple[Kept, ...]], ...] = ()

    @property
    def size(self) -> int:
        """The approximate number of bytes that are kept."""
        kept = (*self.elements, *(one for _, several in self.groups for one in several))
        return sum(len(one.value or b"") + 100 for one in kept)

    def dataset(self) -> Dataset:
        """Return the elements as a data set."""
        dataset = Dataset({BaseTag(one.tag): self._raw(one) for one in self.elements})
        for tag, several in self.groups:
            items = Sequence(Dataset({BaseTag(one.tag): self._raw(one)}) for one in several)
            dataset[tag] = DataElement(tag, "SQ", items)
        return dataset

    def _raw(self, one: Kept) -> RawDataElement:
        # The file's meta information is always explicit VR little endian (PS3.10, 7.1).
        meta = one.tag >> 16 == 2
        return one.raw(self.implicit and not meta, self.little or meta)
