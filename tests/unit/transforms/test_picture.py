# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of pixels, as a second reader of PNG sees them."""

import struct
import zlib
from typing import Any

import numpy
import pytest

from router.transforms.picture import pictures
from samples import make_image
from unit.transforms.second_tools import Array


def pixels_of(png: bytes) -> Array:
    """The pixels of a PNG without filters: (rows, columns, samples)."""
    columns, rows, bits, kind = struct.unpack(">IIBB", png[16:26])
    assert bits == 8
    samples = 3 if kind == 2 else 1
    (length,) = struct.unpack(">I", png[33:37])
    lines = numpy.frombuffer(zlib.decompress(png[41 : 41 + length]), "u1").reshape(rows, -1)
    assert not lines[:, 0].any()
    return lines[:, 1:].reshape(rows, columns, samples)


def picture_of(pixels: Array, **tags: Any) -> Array:
    image = make_image(size=pixels.nbytes, PixelData=pixels.tobytes(), **tags)
    image.Rows, image.Columns = pixels.shape[:2]
    before, after = pictures(image, image)
    assert before == after
    assert before is not None
    return pixels_of(before)


def test_dark_is_dark_and_bright_is_bright() -> None:
    ramp = numpy.tile(numpy.arange(64, dtype="<u2") * 10, (64, 1))
    seen = picture_of(ramp)
    assert seen.shape == (64, 64, 1)
    assert (seen[0, 0, 0], seen[0, -1, 0]) == (0, 255)
    inverse = picture_of(ramp, PhotometricInterpretation="MONOCHROME1")
    assert (inverse[0, 0, 0], inverse[0, -1, 0]) == (255, 0)


def test_a_large_one_is_thinned_out() -> None:
    assert picture_of(numpy.zeros((1030, 200), "<u2")).shape == (344, 67, 1)


@pytest.mark.parametrize("cut", [True, False])
def test_of_what_has_no_pixels_or_broken_ones_there_is_none(cut: bool) -> None:
    image = make_image()
    if cut:
        image.PixelData = image.PixelData[:10]
    else:
        del image.PixelData
    assert pictures(image, image) == (None, None)
