# SPDX-License-Identifier: GPL-3.0-or-later
"""Overlays of de-identified images, in the pixels too, as GDCM and dcmtk see them."""

import subprocess
import tempfile
from pathlib import Path

import numpy
import pytest
from pydicom import DataElement
from pydicom.uid import UID, JPEGLosslessSV1, RLELossless

from samples import file_bytes, make_image
from unit.transforms.overlay_samples import SIDE, add_overlay, overlay_tags, with_overlay_in_pixels
from unit.transforms.second_tools import Array, gdcm_pixels, reread, stored_pixels
from unit.transforms.transform_samples import changed, read, transformer


def shown_by_dcmtk(file: bytes) -> Array:
    """The picture that dcmtk draws, with all overlays on it."""
    with tempfile.TemporaryDirectory() as folder:
        source, drawn = Path(folder, "in.dcm"), Path(folder, "out.pgm")
        source.write_bytes(file)
        subprocess.run(["dcm2pnm", "+Wn", source, drawn], check=True, capture_output=True, timeout=60)
        return numpy.frombuffer(drawn.read_bytes()[-SIDE * SIDE :], "u1").reshape(SIDE, SIDE)


def test_those_in_the_pixels_go_with_their_whole_group() -> None:
    image, pixels, _ = with_overlay_in_pixels()
    file = transformer(anonymize=True)(file_bytes(image))
    assert overlay_tags(read(file)) == []
    assert numpy.array_equal(stored_pixels(read(file))[0, ..., 0], pixels)
    plain = file_bytes(make_image(size=pixels.nbytes, PixelData=pixels.tobytes(), BitsStored=12, HighBit=11))
    assert numpy.array_equal(shown_by_dcmtk(file), shown_by_dcmtk(plain))
    assert not numpy.array_equal(shown_by_dcmtk(file_bytes(image)), shown_by_dcmtk(plain))


@pytest.mark.parametrize(
    ("syntax", "command"), [(RLELossless, ("dcmcrle",)), (JPEGLosslessSV1, ("dcmcjpeg", "+e1"))]
)
def test_those_in_compressed_pixels_go_too(syntax: UID, command: tuple[str, ...]) -> None:
    image, pixels, _ = with_overlay_in_pixels()
    compressed = reread(file_bytes(image), *command)
    assert compressed.file_meta.TransferSyntaxUID == syntax
    file = transformer(anonymize=True)(file_bytes(compressed))
    assert read(file).file_meta.TransferSyntaxUID == syntax
    assert overlay_tags(read(file)) == []
    assert numpy.array_equal(gdcm_pixels(file)[0, ..., 0], pixels)


def test_what_is_kept_by_name_stays_drawn() -> None:
    image, _, _ = with_overlay_in_pixels()
    add_overlay(image, 0x6002, 13)
    result = changed(image, anonymize=True, keep=["6000,3000"])
    assert {tag >> 16 for tag in overlay_tags(result)} == {0x6000}
    assert result.PixelData == image.PixelData


@pytest.mark.parametrize("document", [{"anonymize": True}, {"remove": ["6000,3000"]}])
def test_no_group_stays_without_its_data(document: dict[str, object]) -> None:
    image, _, _ = with_overlay_in_pixels()
    image[0x6000_0100].value, image[0x6000_0102].value = 1, 0
    image.add(DataElement(0x6000_3000, "OW", bytes(SIDE * SIDE // 8)))
    assert overlay_tags(changed(image, **document)) == []
