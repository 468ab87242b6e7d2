# SPDX-License-Identifier: GPL-3.0-or-later
"""The encoding of pixels, judged by GDCM and dcmtk: what went in comes out, and what cannot be is said."""

from typing import Any

import numpy
import pytest
from pydicom import FileDataset
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from router.transforms import Changed
from samples import file_bytes, make_image, pydicom_images
from unit.transforms.overlay_samples import with_overlay_in_pixels
from unit.transforms.second_tools import (
    Array,
    dcmtk_knows,
    dcmtk_pixels,
    gdcm_pixels,
    openjpeg_pixels,
    reread,
    stored_pixels,
)
from unit.transforms.transform_samples import read, transformer

IMAGES = dict(pydicom_images())
LOSSLESS = [RLELossless, JPEG2000Lossless, JPEGLosslessSV1, JPEGLSLossless, HTJ2KLossless]


def encoded(image: FileDataset, syntax: UID) -> Changed:
    return transformer(transfer_syntax=str(syntax)).change(file_bytes(image))


def picture(
    *, samples: int = 1, frames: int = 1, bits: int = 16, signed: bool = False, **tags: Any
) -> FileDataset:
    """An image of noise, 40 rows by 36 columns."""
    shape = (frames, 40, 36, samples)
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    kind = f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}"
    pixels = numpy.random.default_rng(bits).integers(low, high, shape).astype(kind)
    if samples > 1 and tags.get("PlanarConfiguration"):
        pixels = pixels.transpose(0, 3, 1, 2)
    fixed: dict[str, Any] = {
        "Rows": 40,
        "Columns": 36,
        "SamplesPerPixel": samples,
        "BitsAllocated": pixels.itemsize * 8,
    }
    if samples > 1:
        fixed |= {"PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    if frames > 1:
        fixed["NumberOfFrames"] = frames
    fixed |= {"BitsStored": bits, "HighBit": bits - 1, "PixelRepresentation": int(signed)}
    fixed["PixelData"] = pixels.tobytes() + bytes(pixels.nbytes % 2)
    return make_image("US" if samples > 1 else "CT", **{**fixed, **tags})


#: GDCM 3.0.24 says of some images of a few dozen pixels in RLE that it cannot decode them; dcmtk can.
_SMALL = 2_000


def seen_by_others(file: bytes, syntax: UID) -> list[Array]:
    """What the decoders that are not ours see."""
    if syntax == HTJ2KLossless:
        return [openjpeg_pixels(file)]
    if syntax == RLELossless and len(file) < _SMALL:
        return [dcmtk_pixels(file, syntax)]
    return [gdcm_pixels(file), *([dcmtk_pixels(file, syntax)] if dcmtk_knows(syntax) else [])]


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.keyword)
@pytest.mark.parametrize(
    "image",
    [
        pytest.param(picture(samples=3, bits=8), id="colour by pixel"),
        pytest.param(picture(samples=3, bits=8, PlanarConfiguration=1), id="colour by plane"),
        pytest.param(picture(samples=3, bits=8, frames=3, PlanarConfiguration=1), id="frames by plane"),
        pytest.param(picture(bits=12, frames=3), id="12 bits, several frames"),
        pytest.param(picture(bits=12, signed=True), id="12 bits, signed"),
        pytest.param(picture(bits=8, Rows=39, Columns=35), id="an odd number of bytes"),
        pytest.param(picture(bits=12, Rows=9, Columns=7), id="few pixels"),
    ],
)
def test_other_decoders_see_the_same_pixels(image: FileDataset, syntax: UID) -> None:
    result = encoded(image, syntax)
    made = read(result.file)
    assert made.file_meta.TransferSyntaxUID == syntax
    widened = syntax in {HTJ2KLossless, JPEGLSLossless} and image.BitsStored == 12
    assert bool(result.remarks) is widened
    assert made.BitsStored == (16 if widened else image.BitsStored)
    for seen in seen_by_others(result.file, syntax):
        assert numpy.array_equal(signed(seen, made), stored_pixels(image))


def signed(pixels: Array, image: FileDataset) -> Array:
    """JPEG knows no signs: bits above those stored may be missing, and are those of the highest."""
    beyond = pixels.dtype.itemsize * 8 - image.BitsStored
    return pixels << beyond >> beyond if image.PixelRepresentation else pixels


@pytest.mark.parametrize(
    "document",
    [
        {"transfer_syntax": str(RLELossless)},
        {"transfer_syntax": str(ExplicitVRLittleEndian)},
        {"redact": [{"rectangles": [[0, 0, 1, 1]]}]},
    ],
    ids=str,
)
def test_offsets_of_the_old_encoding_go(document: dict[str, Any]) -> None:
    image = picture(frames=3)
    expected = stored_pixels(image)[:, 1:]
    image.compress(JPEG2000Lossless, encapsulate_ext=True, generate_instance_uid=False)
    file = transformer(**document)(file_bytes(image))
    assert "ExtendedOffsetTable" not in read(file)
    assert "ExtendedOffsetTableLengths" not in read(file)
    assert numpy.array_equal(gdcm_pixels(file)[:, 1:], expected)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        pytest.param(IMAGES["liver_1frame.dcm"], "1 bits", id="segmentation"),
        pytest.param(IMAGES["liver_expb_1frame.dcm"], "1 bits", id="segmentation, big endian"),
        pytest.param(IMAGES["rtdose.dcm"], "", id="dose"),
        pytest.param(IMAGES["rtdose_expb.dcm"], "", id="dose, big endian"),
        pytest.param(picture(bits=12, HighBit=15), "lowest bit", id="pixels in high bits"),
    ],
)
def test_what_cannot_be_compressed_arrives_uncompressed_and_says_so(image: FileDataset, reason: str) -> None:
    came = image.file_meta.TransferSyntaxUID
    result = encoded(image, JPEG2000Lossless)
    made = read(result.file)
    [remark] = result.remarks
    assert remark.startswith("Not compressed as JPEG 2000")
    assert reason in remark
    assert made.file_meta.TransferSyntaxUID == (
        ExplicitVRLittleEndian if came == ExplicitVRBigEndian else came
    )
    assert made.PixelData == reread(file_bytes(image), "dcmconv", "+te").PixelData


def test_big_endian_becomes_what_was_asked_for() -> None:
    image = IMAGES["MR_small_bigendian.dcm"]
    image["PixelData"].VR = "OW"
    result = encoded(image, RLELossless)
    assert result.remarks == ()
    expected = stored_pixels(reread(file_bytes(image), "dcmconv", "+te"))
    for seen in seen_by_others(result.file, RLELossless):
        assert numpy.array_equal(seen, expected)


def test_words_and_numbers_of_big_endian_are_what_dcmtk_makes_of_them() -> None:
    image = IMAGES["ExplVR_BigEnd.dcm"]
    made = read(encoded(image, ImplicitVRLittleEndian).file)
    expected = reread(file_bytes(image), "dcmconv", "+ti")
    for element in expected:
        if not element.tag.is_private and element.tag.element != 0:
            assert made[element.tag].value == element.value


def test_shared_chroma_is_given_to_both_pixels_and_said() -> None:
    image = IMAGES["SC_ybr_full_422_uncompressed.dcm"]
    result = encoded(image, RLELossless)
    made = read(result.file)
    assert result.remarks == ("Colours in YBR_FULL_422 became YBR_FULL.",)
    assert made.PhotometricInterpretation == "YBR_FULL"
    pairs = numpy.frombuffer(image.PixelData, "u1").reshape(100, 50, 4)
    decoded = stored_pixels(reread(result.file, "dcmdrle"))[0].reshape(100, 50, 6)
    assert numpy.array_equal(decoded, pairs[..., [0, 2, 3, 1, 2, 3]])


def test_colours_that_become_rgb_are_said() -> None:
    result = encoded(IMAGES["examples_ybr_color.dcm"], RLELossless)
    assert read(result.file).PhotometricInterpretation == "RGB"
    assert result.remarks == ("Colours in YBR_FULL_422 became RGB.",)


def test_colours_that_were_compressed_without_loss_stay_as_they_are() -> None:
    image = picture(samples=3, bits=8, PhotometricInterpretation="YBR_FULL")
    made = encoded(read(encoded(image, RLELossless).file), ExplicitVRLittleEndian)
    assert read(made.file).PhotometricInterpretation == "YBR_FULL"
    assert read(made.file).PixelData == image.PixelData
    assert made.remarks == ()


class TestBitsBeyondThoseStored:
    def test_are_not_cut(self) -> None:
        image = picture(bits=12)
        image.BitsStored, image.HighBit = 10, 9
        result = encoded(image, JPEG2000Lossless)
        assert read(result.file).PixelData == image.PixelData
        [remark] = result.remarks
        assert "more bits than it says" in remark
        # GDCM clears such bits when it reads, so that dcmtk alone can tell.
        assert numpy.array_equal(
            dcmtk_pixels(encoded(image, RLELossless).file, RLELossless), stored_pixels(image)
        )

    def test_of_a_negative_number_are_only_its_sign(self) -> None:
        image = picture(bits=12, signed=True)
        pixels = stored_pixels(image)
        assert (pixels < 0).any()
        assert encoded(image, JPEG2000Lossless).remarks == ()

    def test_of_an_overlay_become_its_data(self) -> None:
        image, pixels, shape = with_overlay_in_pixels()
        result = encoded(image, JPEG2000Lossless)
        made = read(result.file)
        assert result.remarks == ("Overlays in the pixels got data of their own.",)
        assert numpy.array_equal(gdcm_pixels(result.file)[0, ..., 0], pixels)
        assert numpy.array_equal(made.overlay_array(0x6000), shape)
        assert (made[0x6000_0100].value, made[0x6000_0102].value) == (1, 0)


def test_what_cannot_be_decoded_is_left_as_it_is_and_said() -> None:
    image = IMAGES["JPEG2000-embedded-sequence-delimiter.dcm"]
    result = encoded(image, ExplicitVRLittleEndian)
    assert read(result.file).PixelData == image.PixelData
    [remark] = result.remarks
    assert remark.startswith("Left in JPEG 2000")
