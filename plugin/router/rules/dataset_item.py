# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags of a pydicom data set. Decoding never fails, whatever an image holds."""

import struct
from collections.abc import Iterator, Sequence

from pydicom import DataElement, Dataset
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence as DicomSequence
from pydicom.tag import BaseTag

from router.rules import character_set
from router.rules.character_set import DEFAULT
from router.rules.dictionary import written
from router.rules.operators import TEXT_VRS
from router.rules.raw import LONGEST_READ, MOST_READ, Element, Opaque, counted, element_of_text
from router.rules.tag_path import Step

_BYTES_PER_CHARACTER = 4

#: The format of binary numbers (PS3.5, table 6.2-1), as a `struct` code.
_BINARY = {"FL": "f", "FD": "d", "US": "H", "SS": "h", "UL": "L", "SL": "l", "UV": "Q", "SV": "q"}
_TEXTUAL = frozenset({*TEXT_VRS, "AS", "DA", "DS", "DT", "IS", "TM"})

#: What pydicom raises on truncated or invalid sequences.
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OSError,
    struct.error,
    NotImplementedError,
    RecursionError,
)


class DatasetItem:
    """A data set, or an item of a sequence in it. An item inherits character set and sign of the pixels."""

    def __init__(self, dataset: Dataset, encodings: Sequence[str] = (DEFAULT,), signed: bool = False) -> None:
        self._dataset = dataset
        self._creators: dict[int, list[tuple[str, int]]] = {}
        self._encodings = encodings
        self._signed = signed
        self._encodings = self._own_encodings() or encodings
        self._signed = self._has_signed_pixels() or signed

    def element(self, step: Step, vr: str) -> Element | None:
        """See Item."""
        found = self._find(step)
        if found is None:
            return None
        if isinstance(found, RawDataElement):
            return self._raw_element(found, vr)
        return _converted_element(found.value, vr)

    def items(self, step: Step) -> "Sequence[DatasetItem] | None":
        """See Item."""
        found = self._find(step)
        if found is None:
            return None
        return [DatasetItem(item, self._encodings, self._signed) for item in self._sequence(found)]

    def elements_in_groups(self, step: Step, vr: str, sequence: int) -> Sequence[Element]:
        """See Item."""
        found: list[Element] = []
        for item in self.items(Step(sequence >> 16, sequence & 0xFFFF)) or ():
            for inner in (item, *item._all_items()):
                element = inner.element(step, vr)
                if element is not None and element not in found[-1:]:
                    found.append(element)
        return found

    def _all_items(self) -> "Iterator[DatasetItem]":
        """Yield the items of all sequences in this item."""
        for tag in self._dataset.keys():  # noqa: SIM118
            if self._dataset.get_item(tag).VR in {"SQ", None}:
                yield from self.items(Step(tag >> 16, tag & 0xFFFF)) or ()

    def _sequence(self, found: DataElement | RawDataElement) -> Sequence[Dataset]:
        """The items of an element; none if it is no sequence, or unreadable."""
        value = found.value
        if isinstance(found, RawDataElement) and not isinstance(value, DicomSequence):
            try:
                value = self._dataset[found.tag].value
            except _UNREADABLE:
                return ()
        return value if isinstance(value, DicomSequence) else ()

    def _find(self, step: Step) -> DataElement | RawDataElement | None:
        if not step.creator:
            dataset = self._dataset
            if step.group == 2:
                dataset = getattr(dataset, "file_meta", None) or dataset
            return dataset.get_item(BaseTag(step.number), keep_deferred=True)
        for creator, block in self._blocks(step.group):
            if creator == step.creator:
                tag = BaseTag((step.group << 16) | (block << 8) | step.element)
                found = self._dataset.get_item(tag, keep_deferred=True)
                if found is not None:
                    return found
        return None

    def _blocks(self, group: int) -> list[tuple[str, int]]:
        """The reserved blocks of a group, with their creators (PS3.5, 7.8.1)."""
        if group not in self._creators:
            blocks = (tag & 0xFFFF for tag in self._dataset.keys() if tag >> 16 == group)  # noqa: SIM118
            self._creators[group] = [
                (str(reserved.values[0]), block)
                for block in sorted(blocks)
                if 0x10 <= block <= 0xFF
                and (reserved := self.element(Step(group, block), "LO"))
                and reserved.values
            ]
        return self._creators[group]

    def _raw_element(self, found: RawDataElement, vr: str) -> Element:
        value = found.value
        if value is None:
            return Element((counted(found.length, "byte"),) if found.length else ())
        if isinstance(value, DicomSequence):
            return _converted_element(value, vr)
        if not value:
            return Element(())
        stored_vr = found.VR if found.VR not in {None, "UN"} else vr
        assert stored_vr is not None
        if stored_vr == "US or SS":
            stored_vr = "SS" if self._signed else "US"
        if stored_vr == "SQ":
            items = self._sequence(found)
            return Element((counted(len(items), "item"),) if items else ())
        if stored_vr in _TEXTUAL:
            return self._text(value, stored_vr)
        if stored_vr in _BINARY:
            return _numbers(value, _BINARY[stored_vr], found.is_little_endian)
        if stored_vr == "AT":
            return _tags(value, found.is_little_endian)
        if stored_vr == "UN":
            return self._undeclared(value)
        return Element((counted(len(value), "byte"),))

    def _text(self, value: bytes, vr: str) -> Element:
        cut = len(value) > LONGEST_READ * _BYTES_PER_CHARACTER
        text = character_set.decode(value[: LONGEST_READ * _BYTES_PER_CHARACTER], self._encodings, vr)
        element = element_of_text(text, vr)
        return Element(element.values, element.cut or cut)

    def _undeclared(self, value: bytes) -> Element:
        """The value as text if it is printable: most private tags that rules use hold text."""
        element = self._text(value, "UN")
        if all(isinstance(part, str) and part.isprintable() for part in element.values):
            return element
        return Element((counted(len(value), "byte"),))

    def _own_encodings(self) -> list[str]:
        element = self.element(Step(0x0008, 0x0005), "CS")
        return (
            character_set.encodings([str(term) for term in element.values])
            if element and element.values
            else []
        )

    def _has_signed_pixels(self) -> bool:
        element = self.element(Step(0x0028, 0x0103), "US")
        return element is not None and element.values[:1] == (1,)


def _numbers(value: bytes, form: str, little_endian: bool) -> Element:
    size = struct.calcsize(f"<{form}")
    count = min(len(value) // size, MOST_READ)
    if len(value) % size:
        return Element((Opaque(f"{len(value)} bytes, which is no whole number of values"),))
    numbers = struct.unpack_from(f"{'<' if little_endian else '>'}{count}{form}", value)
    return Element(numbers, cut=count * size < len(value))


def _tags(value: bytes, little_endian: bool) -> Element:
    halves = _numbers(value, "H", little_endian)
    if len(value) % 4:
        return Element((Opaque(f"{len(value)} bytes, which is no whole number of tags"),))
    pairs = zip(halves.values[::2], halves.values[1::2], strict=False)
    return Element(tuple(f"{group:04X},{element:04X}" for group, element in pairs), halves.cut)


def _converted_element(value: object, vr: str) -> Element:
    """Return the element of a value that a program has set or pydicom has converted."""
    if value is None:
        return Element(())
    if isinstance(value, DicomSequence):
        return Element((counted(len(value), "item"),) if value else ())
    if isinstance(value, MultiValue | list | tuple):
        parts = [_converted(part, vr) for part in value[:MOST_READ]]
        return Element(tuple(part for element in parts for part in element.values), len(value) > MOST_READ)
    return _converted(value, vr)


def _converted(value: object, vr: str) -> Element:
    if isinstance(value, bytes | bytearray):
        return Element((counted(len(value), "byte"),) if value else ())
    if isinstance(value, BaseTag) or (vr == "AT" and isinstance(value, int)):
        return Element((written(int(value) >> 16, int(value) & 0xFFFF),))
    if isinstance(value, int | float) and type(value) in {int, float}:
        return Element((value,))
    return element_of_text(str(value), vr)
