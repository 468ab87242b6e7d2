# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels of sequences, counted before a file is read by functions that call themselves."""

from collections.abc import Callable

import pydicom.data
import pytest
from pydicom import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from router.nesting import MOST_LEVELS, is_too_deep
from router.orthanc_api import OrthancApi, OrthancError
from samples import file_bytes, make_image


def nested(
    levels: int, syntax: UID = ExplicitVRLittleEndian, *, undefined: bool = False, tag: int = 0x0040A730
) -> bytes:
    """An image with so many levels of sequences."""
    item = Dataset()
    item.TextValue = "innermost"
    for _ in range(levels):
        outer = Dataset()
        outer.add_new(tag, "SQ", [item])
        outer[tag].is_undefined_length = undefined
        item.is_undefined_length_sequence_item = undefined
        item = outer
    image = make_image()
    image.update(item)
    image.file_meta.TransferSyntaxUID = syntax
    return file_bytes(image)


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]
)
@pytest.mark.parametrize(("levels", "too_deep"), [(1, False), (MOST_LEVELS, False), (MOST_LEVELS + 1, True)])
def test_levels_are_counted(levels: int, too_deep: bool, syntax: UID, undefined: bool) -> None:
    assert is_too_deep(nested(levels, syntax, undefined=undefined)) == too_deep


@pytest.mark.parametrize("undefined", [False, True])
def test_sequences_of_private_tags_count_too(undefined: bool) -> None:
    """Without a dictionary, an implicit one looks like any value."""
    file = nested(MOST_LEVELS + 1, ImplicitVRLittleEndian, undefined=undefined, tag=0x00091002)
    assert is_too_deep(file)


def test_sequences_in_un_count_too() -> None:
    """Such are written implicitly, whatever the rest is (PS3.5, 6.2.2)."""
    inner = nested(MOST_LEVELS, ImplicitVRLittleEndian, tag=0x00091002)
    start = 144 + int.from_bytes(inner[140:144], "little")
    place = inner.index(b"\x09\x00\x02\x10", start)
    value = inner[place : place + 8 + int.from_bytes(inner[place + 4 : place + 8], "little")]
    item = b"\xfe\xff\x00\xe0" + len(value).to_bytes(4, "little") + value
    element = b"\x09\x00\x02\x10UN\0\0" + len(item).to_bytes(4, "little") + item
    assert is_too_deep(file_bytes(make_image()) + element)


def test_many_items_beside_each_other_are_not_deep() -> None:
    image = make_image()
    image.ReferencedSeriesSequence = [Dataset() for _ in range(500)]
    for item in image.ReferencedSeriesSequence:
        item.ReferencedSOPSequence = [Dataset()]
        item.SeriesInstanceUID = "1.2"
    assert not is_too_deep(file_bytes(image))


def test_fragments_of_pixels_are_not_levels() -> None:
    image = make_image(size=2 * 16 * 16)
    image.NumberOfFrames = 100
    image.PixelData = bytes(2 * 16 * 16 * 100)
    image.compress(RLELossless, generate_instance_uid=False)
    assert not is_too_deep(file_bytes(image))


def test_real_files_are_not_deep() -> None:
    for name in (
        "rtplan.dcm",
        "reportsi.dcm",
        "nested_priv_SQ.dcm",
        "UN_sequence.dcm",
    ):
        with open(str(pydicom.data.get_testdata_file(name)), "rb") as file:  # noqa: PTH123
            assert not is_too_deep(file.read()), name


@pytest.mark.parametrize("content", [b"", b"no DICOM", b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM\x02\x00"])
def test_what_is_no_dicom_is_not_deep(content: bytes) -> None:
    assert not is_too_deep(content)


def test_what_cannot_be_read_to_the_end_is_not_believed() -> None:
    assert is_too_deep(nested(MOST_LEVELS + 1, undefined=True)[:-3])
    broken = nested(1) + b"\xfe\xff\x00\xe0" * 100
    assert is_too_deep(broken[:-2])


@pytest.mark.parametrize(
    "ask", [lambda api, file: api.add_instance(file), lambda api, file: api.peer_store_straight("x", file)]
)
def test_orthanc_is_given_none_to_parse(ask: Callable[[OrthancApi, bytes], object]) -> None:
    """It would refuse the connection otherwise: there is no Orthanc."""
    with pytest.raises(OrthancError, match="64 levels deep"):
        ask(OrthancApi(9, ""), nested(MOST_LEVELS + 1))
