# SPDX-License-Identifier: GPL-3.0-or-later
"""Overlays (PS3.3, C.9.2): groups 6000 to 601E. Old ones use bits that the pixels leave free."""

from collections.abc import Iterable, Sequence

import numpy
from pydicom import DataElement, Dataset
from pydicom.tag import BaseTag, Tag

from router.transforms.pixels import Array, ChangedPixels, Layout

_GROUPS = range(0x6000, 0x6020, 2)
_FRAMES, _ORIGIN_FRAME = 0x0015, 0x0051
_BITS_ALLOCATED, _BIT_POSITION, _DATA = 0x0100, 0x0102, 0x3000


def groups(dataset: Dataset) -> list[int]:
    """The groups of all overlays."""
    there = {int(tag) >> 16 for tag in list(dataset.keys())}
    return [group for group in _GROUPS if group in there]


def in_pixels(dataset: Dataset) -> dict[int, int]:
    """The groups of overlays in the pixels, each with the position of its bit (retired, PS3.5, 8.1.2). Bits
    of the image itself do not count."""
    if dataset.get("SamplesPerPixel", 1) != 1:
        return {}
    high, stored = int(dataset.get("HighBit") or 0), int(dataset.get("BitsStored") or 0)
    image = range(high - stored + 1, high + 1)
    found = {}
    for group in groups(dataset):
        position = dataset.get(Tag(group, _BIT_POSITION))
        if position is None or Tag(group, _DATA) in dataset:
            continue
        bit = int(position.value or 0)
        if bit not in image and bit < int(dataset.get("BitsAllocated") or 0):
            found[group] = bit
    return found


def is_data(tag: BaseTag) -> bool:
    """Whether the tag is Overlay Data. Without it the rest of its group means nothing."""
    return tag.group in _GROUPS and tag.element == _DATA


def clear_bits(dataset: Dataset, positions: Sequence[int]) -> None:
    """Set bits of uncompressed pixels to zero. Raises Untransformable."""
    layout = Layout.of(dataset)
    mask = layout.kind.type(sum(1 << position for position in set(positions)))

    def clear(frame: Array) -> None:
        frame &= ~mask

    dataset["PixelData"].value = ChangedPixels(dataset.PixelData, layout, clear)


def move_out_of_pixels(dataset: Dataset) -> bool:
    """Move overlays out of uncompressed pixels into Overlay Data; return whether there were any.

    Raises Untransformable.
    """
    found = in_pixels(dataset)
    if not found:
        return False
    layout = Layout.of(dataset)
    for group, position in found.items():
        plane = _plane(layout.frames_of(dataset.PixelData), position)
        if layout.frames > 1:
            dataset.add(DataElement(Tag(group, _FRAMES), "IS", layout.frames))
            dataset.add(DataElement(Tag(group, _ORIGIN_FRAME), "US", 1))
        dataset.add(DataElement(Tag(group, _BITS_ALLOCATED), "US", 1))
        dataset.add(DataElement(Tag(group, _BIT_POSITION), "US", 0))
        dataset.add(DataElement(Tag(group, _DATA), "OW", plane))
    clear_bits(dataset, list(found.values()))
    return True


def remove(dataset: Dataset, group: int) -> None:
    """Remove a whole group: an overlay without its data is none."""
    for tag in [tag for tag in list(dataset.keys()) if tag.group == group]:
        del dataset[tag]


def _plane(frames: Iterable[Array], position: int) -> bytes:
    """One bit of each pixel, packed eight to a byte, the first in the lowest bit, of even length (PS3.5,
    8.1.2)."""
    bits = [(frame >> frame.dtype.type(position)) & frame.dtype.type(1) for frame in frames]
    packed = numpy.packbits(numpy.stack(bits).astype("u1").ravel(), bitorder="little").tobytes()
    return packed + bytes(len(packed) % 2)
