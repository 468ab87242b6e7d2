# SPDX-License-Identifier: GPL-3.0-or-later
"""Images with overlays."""

import numpy
from pydicom import DataElement, FileDataset
from pydicom.tag import Tag

from samples import make_image
from unit.transforms.second_tools import Array

SIDE = 64


def with_overlay_in_pixels() -> tuple[FileDataset, Array, Array]:
    """An image of 12 bits with an overlay in the thirteenth; the pixels without it; the overlay's shape."""
    pixels = numpy.random.default_rng(12).integers(0, 4096, (SIDE, SIDE)).astype("<u2")
    shape = numpy.zeros((SIDE, SIDE), "u1")
    shape[3:7, 5:22] = 1
    image = make_image(size=2 * SIDE * SIDE, PixelData=(pixels | shape.astype("<u2") << 12).tobytes())
    image.BitsStored, image.HighBit = 12, 11
    add_overlay(image, 0x6000, 12)
    return image, pixels, shape


def add_overlay(image: FileDataset, group: int, position: int) -> None:
    """All of an overlay but its data: it lies in one bit of the pixels."""
    for element, vr, value in (
        (0x10, "US", image.Rows),
        (0x11, "US", image.Columns),
        (0x22, "LO", "Marks of Doe^Jane"),
        (0x40, "CS", "G"),
        (0x50, "SS", [1, 1]),
        (0x100, "US", 16),
        (0x102, "US", position),
    ):
        image.add(DataElement(Tag(group, element), vr, value))


def overlay_tags(image: FileDataset) -> list[int]:
    """The tags of all overlays."""
    return [int(element.tag) for element in image if 0x6000 <= element.tag.group <= 0x601E]
