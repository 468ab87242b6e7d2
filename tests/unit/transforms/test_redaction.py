# SPDX-License-Identifier: GPL-3.0-or-later
"""Redaction, seen in the pixels: what is inside the rectangles is gone, all else is as it was."""

from typing import Any

import numpy
import pytest
from pydicom import Dataset, FileDataset
from pydicom.pixels.utils import pixel_array
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from router.transforms import Pseudonyms, Untransformable
from samples import make_image, pydicom_images
from unit.transforms.transform_samples import KEY, changed

LEFT, TOP, WIDTH, HEIGHT = 3, 5, 7, 2
REDACT: dict[str, Any] = {"redact": [{"rectangles": [[LEFT, TOP, WIDTH, HEIGHT]]}]}

IMAGES = dict(pydicom_images())


def frames(image: FileDataset) -> numpy.ndarray[Any, Any]:
    """The pixels as (frames, rows, columns, samples), colours as RGB."""
    pixels = pixel_array(image)
    return pixels.reshape(
        int(image.get("NumberOfFrames") or 1), image.Rows, image.Columns, image.SamplesPerPixel
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("CT_small.dcm", id="CT, 16 bits, signed"),
        pytest.param("MR_small_implicit.dcm", id="implicit VR"),
        pytest.param("MR_small_bigendian.dcm", id="big endian"),
        pytest.param("image_dfl.dcm", id="deflated"),
        pytest.param("ExplVR_BigEnd.dcm", id="colour by plane, big endian"),
        pytest.param("examples_rgb_color.dcm", id="colour by pixel"),
        pytest.param("examples_palette.dcm", id="palette"),
        pytest.param("rtdose.dcm", id="32 bits, several frames"),
        pytest.param("SC_ybr_full_422_uncompressed.dcm", id="shared chroma"),
        pytest.param("examples_ybr_color.dcm", id="JPEG, YBR, several frames"),
        pytest.param("SC_rgb_dcmtk_+eb+cr.dcm", id="JPEG, RGB"),
        pytest.param("JPGExtended.dcm", id="JPEG, 12 bits"),
        pytest.param("SC_rgb_jpeg_gdcm.dcm", id="JPEG lossless"),
        pytest.param("MR_small_jpeg_ls_lossless.dcm", id="JPEG-LS"),
        pytest.param("JPEG2000.dcm", id="JPEG 2000"),
        pytest.param("GDCMJ2K_TextGBR.dcm", id="JPEG 2000, colour"),
        pytest.param("SC_rgb_rle_32bit_2frame.dcm", id="RLE, RGB, 32 bits, several frames"),
    ],
)
def test_what_is_inside_is_gone_and_all_else_is_as_it_was(name: str) -> None:
    image = IMAGES[name]
    before, result = frames(image), changed(image, **REDACT)
    after = frames(result)
    inside = after[:, TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH]
    for sample in range(inside.shape[-1]):
        assert len(numpy.unique(inside[..., sample])) == 1
    mask = numpy.ones(before.shape, bool)
    mask[:, TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] = False
    assert numpy.array_equal(before[mask], after[mask])
    assert not result.file_meta.TransferSyntaxUID.is_encapsulated


@pytest.mark.parametrize(
    ("tags", "colour"),
    [
        pytest.param({}, 100, id="as dark as the darkest"),
        pytest.param({"PhotometricInterpretation": "MONOCHROME1"}, 900, id="where more is darker"),
        pytest.param({"PixelRepresentation": 1, "PixelPaddingValue": -2000}, -2000, id="padding"),
    ],
)
def test_grey_becomes_dark(tags: dict[str, Any], colour: int) -> None:
    values = numpy.linspace(100, 900, 1024, dtype="<i2")
    image = make_image(size=2048, PixelData=values.tobytes(), **tags)
    assert frames(changed(image, **REDACT))[0, TOP, LEFT, 0] == colour


def test_floating_point_pixels_are_refused() -> None:
    image = make_image(size=2048, PixelData=None, FloatPixelData=bytes(4096))
    with pytest.raises(Untransformable, match="floating-point"):
        changed(image, **REDACT)


def test_the_derivation_is_recorded() -> None:
    image = make_image(size=2048, ImageType=["ORIGINAL", "PRIMARY", "AXIAL"])
    icon = Dataset()
    icon.Rows = 1
    image.IconImageSequence = Sequence([icon])
    result = changed(image, **REDACT)
    assert result.ImageType == ["DERIVED", "PRIMARY", "AXIAL"]
    assert result.BurnedInAnnotation == "NO"
    assert result.DerivationDescription
    [code] = result.DerivationCodeSequence
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("113047", "DCM")
    assert "IconImageSequence" not in result


def test_it_is_another_image_of_the_same_series() -> None:
    image = make_image(size=2048)
    result = changed(image, **REDACT)
    assert result.SOPInstanceUID == Pseudonyms(KEY).uid(image.SOPInstanceUID)
    assert result.file_meta.MediaStorageSOPInstanceUID == result.SOPInstanceUID
    assert result.SeriesInstanceUID == image.SeriesInstanceUID


def test_a_profile_records_that_pixels_were_cleaned() -> None:
    result = changed(make_image(size=2048), anonymize=True, **REDACT)
    assert "113101" in {str(one.CodeValue) for one in result.DeidentificationMethodCodeSequence}


def test_what_was_lossy_stays_known_as_lossy() -> None:
    image = IMAGES["examples_ybr_color.dcm"]
    image.pop("LossyImageCompression", None)
    result = changed(image, **REDACT)
    assert result.LossyImageCompression == "01"
    assert result.LossyImageCompressionMethod == "ISO_10918_1"


def test_the_result_can_be_compressed_again() -> None:
    image = IMAGES["JPEG2000.dcm"]
    result = changed(image, transfer_syntax=str(RLELossless), **REDACT)
    assert result.file_meta.TransferSyntaxUID == RLELossless
    assert len(numpy.unique(frames(result)[:, TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH])) == 1


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ({"Modality": "CT"}, True),
        ({"Modality": "ct", "Manufacturer": "TEST", "Rows": 32}, True),
        ({"Modality": ["MR", "CT"]}, True),
        ({"Modality": "US"}, False),
        ({"Modality": "CT", "Rows": 33}, False),
    ],
)
def test_only_the_images_that_are_meant(when: dict[str, Any], meant: bool) -> None:
    image = make_image(size=2048)
    result = changed(image, redact=[{"when": when, "rectangles": [[0, 0, 4, 4]]}], replace={"PatientID": "X"})
    assert ("BurnedInAnnotation" in result) is meant
    assert result.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_a_report_has_nothing_to_redact() -> None:
    assert changed(make_image("SR"), **REDACT).Modality == "SR"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("liver_1frame.dcm", "1 bits"),
        ("MR_truncated.dcm", "fewer pixels"),
        ("JPEG2000-embedded-sequence-delimiter.dcm", "cannot be decoded"),
    ],
)
def test_what_cannot_be_redacted_is_refused(name: str, reason: str) -> None:
    with pytest.raises(Untransformable, match=reason):
        changed(IMAGES[name], **REDACT)


def test_a_rectangle_outside_of_the_image_is_refused() -> None:
    with pytest.raises(Untransformable, match="outside"):
        changed(make_image(size=2048), redact=[{"rectangles": [[32, 0, 1, 1]]}])


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ({"tag": "ManufacturerModelName", "operator": "contains", "value": "logiq"}, True),
        ({"tag": "ManufacturerModelName", "operator": "matches", "value": "^LOGIQ E[0-9]+$"}, True),
        ({"tag": "ManufacturerModelName", "operator": "starts_with", "value": "Affiniti"}, False),
    ],
)
def test_a_rule_tells_which_images_are_meant(condition: dict[str, Any], meant: bool) -> None:
    image = make_image(size=2048, ManufacturerModelName="LOGIQ E10")
    redaction = {"when": {"Modality": "CT"}, "rule": {"all": [condition]}, "rectangles": [[0, 0, 4, 4]]}
    assert ("BurnedInAnnotation" in changed(image, redact=[redaction])) is meant


class TestOutsideOfUltrasoundRegions:
    def image(self, *regions: tuple[int, int, int, int]) -> FileDataset:
        """An image of 32 x 32 pixels that are all 9, with regions (left, top, right, bottom, all inside)."""
        items = []
        for region in regions:
            item = Dataset()
            item.RegionLocationMinX0, item.RegionLocationMinY0 = region[:2]
            item.RegionLocationMaxX1, item.RegionLocationMaxY1 = region[2:]
            items.append(item)
        pixels = numpy.full((32, 32), 9, "<u2").tobytes()
        image = make_image("US", size=2048, PixelData=pixels, PixelPaddingValue=0)
        if items:
            image.SequenceOfUltrasoundRegions = Sequence(items)
        return image

    @pytest.mark.parametrize(
        "regions",
        [
            [(4, 5, 20, 25)],
            [(4, 5, 20, 25), (10, 20, 31, 31)],
            [(0, 0, 9, 9), (20, 0, 31, 9), (5, 15, 25, 20)],
            [(0, 0, 31, 15), (0, 0, 5, 31)],
            [(3, 3, 90, 90)],
            [(0, 0, 31, 30)],
        ],
        ids=str,
    )
    def test_everything_is_redacted_and_nothing_inside(
        self, regions: list[tuple[int, int, int, int]]
    ) -> None:
        expected = numpy.zeros((32, 32), int)
        for left, top, right, bottom in regions:
            expected[top : bottom + 1, left : right + 1] = 9
        result = changed(self.image(*regions), redact=[{"outside_regions": True}])
        assert numpy.array_equal(frames(result)[0, ..., 0], expected)

    def test_an_image_without_regions_is_refused(self) -> None:
        with pytest.raises(Untransformable, match="no ultrasound regions"):
            changed(self.image(), redact=[{"outside_regions": True}])

    def test_rectangles_go_as_well(self) -> None:
        redaction = {"outside_regions": True, "rectangles": [[0, 0, 32, 2]]}
        result = frames(changed(self.image((0, 0, 31, 15)), redact=[redaction]))[0, ..., 0]
        assert (result[2:16] == 9).all()
        assert not result[:2].any()
        assert not result[16:].any()
