# SPDX-License-Identifier: GPL-3.0-or-later
"""Private attributes that stay: those of the standard's list, those that a transform names, and what is in
them."""

from typing import Any

import pytest
from pydicom import Dataset, FileDataset
from pydicom.sequence import Sequence

from samples import make_image
from unit.transforms.transform_samples import changed, item, without_made_up_uids

#: Of PS3.15, Table E.3.10-1: group, creator, place, VR, value.
SAFE = [
    (0x7053, "Philips PET Private Group", 0x00, "DS", "0.00027"),
    (0x7053, "Philips PET Private Group", 0x09, "DS", "1.5"),
    (0x2005, "Philips MR Imaging DD 001", 0x0E, "FL", 0.5),
    (0x2001, "Philips Imaging DD 001", 0x03, "FL", 1000.0),
    (0x2001, "Philips Imaging DD 001", 0x85, "DS", "3"),
    (0x2001, "Philips Imaging DD 002", 0x5D, "UL", 512),
    (0x0019, "SIEMENS MR HEADER", 0x0C, "IS", "1000"),
    (0x0019, "SIEMENS MR HEADER", 0x0E, "FD", [0.0, 0.5, 1.0]),
    (0x0043, "GEMS_PARM_01", 0x39, "IS", ["1000", "8", "0", "0"]),
    (0x01F1, "ELSCINT1", 0x26, "DS", "1.2"),
]


@pytest.mark.parametrize(("group", "creator", "place", "vr", "value"), SAFE)
def test_what_the_standard_lists_stays_with_its_creator(
    group: int, creator: str, place: int, vr: str, value: Any
) -> None:
    image = make_image()
    inner = Dataset()
    for level in (image, inner):
        level.private_block(group, "SECRET OWNER", create=True).add_new(place, "LO", "SECRET")
        block = level.private_block(group, creator, create=True)
        block.add_new(place, vr, value)
        block.add_new(0xFE, "LO", "SECRET")
    image.ReferencedInstanceSequence = Sequence([inner])
    result = changed(image, anonymize={"retain_safe_private": True})
    for level in (result, result.ReferencedInstanceSequence[0]):
        assert level.private_block(group, creator)[place].value == value
        assert len([one for one in level if one.tag.is_private]) == 2
    assert "113111" in {str(one.CodeValue) for one in result.DeidentificationMethodCodeSequence}
    assert "SECRET" not in str(result)
    assert not [one for one in changed(image, anonymize=True).iterall() if one.tag.is_private]


def test_what_an_image_declares_as_safe_stays(image: FileDataset) -> None:
    del image[0x0029, 0x1010]
    for creator in ("M", "WHOLE", "MIXED"):
        block = image.private_block(0x0029, creator, create=True)
        block.add_new(0x31, "DS", "1.5")
        block.add_new(0x32, "LO", "Secret")
    whole = item(PrivateGroupReference=0x0029, PrivateCreatorReference="WHOLE")
    whole.BlockIdentifyingInformationStatus = "SAFE"
    mixed = item(PrivateGroupReference=0x0029, PrivateCreatorReference="MIXED")
    mixed.BlockIdentifyingInformationStatus, mixed.NonidentifyingPrivateElements = "MIXED", [0x31]
    image.PrivateDataElementCharacteristicsSequence = Sequence([whole, mixed])
    result = changed(image, anonymize={"retain_safe_private": True})
    left = {(one.tag.private_creator, one.tag.element & 0xFF) for one in result if one.tag.is_private}
    assert {place for _, place in left if place in {0x31, 0x32}} == {0x31, 0x32}
    assert 0x32 in result.private_block(0x0029, "WHOLE")
    assert 0x31 in result.private_block(0x0029, "MIXED")
    assert 0x32 not in result.private_block(0x0029, "MIXED")
    with pytest.raises(KeyError):
        result.private_block(0x0029, "M")


@pytest.fixture
def image() -> FileDataset:
    made = make_image(StudyDate="20240301")
    inner = item(
        PatientName="Secret^Jane", ReferencedSOPInstanceUID="1.2.3.4711", StudyDate="20240301", Rows=7
    )
    block = inner.private_block(0x0029, "M", create=True)
    block.add_new(0x20, "PN", "Secret^Jane")
    block.add_new(0x21, "UI", "1.2.3.4711")
    block.add_new(0x22, "DA", "20240301")
    block.add_new(0x23, "LO", "Secret Jane")
    block.add_new(0x24, "OB", b"SECRET")
    block.add_new(0x25, "DS", "1.5")
    block.add_new(0x26, "SQ", Sequence([item(PatientName="Secret^Jane", Rows=8)]))
    made.private_block(0x0029, "M", create=True).add_new(0x10, "SQ", Sequence([inner]))
    return made


@pytest.mark.parametrize(
    "document",
    [{"anonymize": {"retain_private": ['0029,"M",10']}}, {"anonymize": True, "keep": ['0029,"M",10']}],
    ids=["retain_private", "keep"],
)
def test_a_private_sequence_that_stays_is_cleaned_inside(
    image: FileDataset, document: dict[str, Any]
) -> None:
    result = changed(image, **document)
    [inner] = result.private_block(0x0029, "M")[0x10].value
    assert inner.Rows == 7
    assert inner.ReferencedSOPInstanceUID.startswith("2.25.")
    block = inner.private_block(0x0029, "M")
    assert block[0x25].value == 1.5
    assert block[0x21].value == inner.ReferencedSOPInstanceUID
    assert block[0x26].value[0].Rows == 8
    assert {0x20, 0x22, 0x23, 0x24} & {one.tag.element & 0xFF for one in inner if one.tag.is_private} == set()
    for secret in ("secret", "4711", "20240301"):
        assert secret not in without_made_up_uids(result).casefold()


def test_dates_in_it_are_moved_with_all_others(image: FileDataset) -> None:
    result = changed(image, anonymize={"retain_private": ['0029,"M",10']}, date_shift=99)
    [inner] = result.private_block(0x0029, "M")[0x10].value
    assert inner.private_block(0x0029, "M")[0x22].value == result.StudyDate == inner.StudyDate != "20240301"


def test_a_path_leads_to_a_text_in_it_that_is_known_to_be_safe(image: FileDataset) -> None:
    paths = ['0029,"M",10', '0029,"M",10.0029,"M",23']
    result = changed(image, anonymize={"retain_private": paths})
    [inner] = result.private_block(0x0029, "M")[0x10].value
    assert inner.private_block(0x0029, "M")[0x23].value == "Secret Jane"


def test_a_private_uid_leads_to_the_same_image_as_before(image: FileDataset) -> None:
    image.private_block(0x0029, "M").add_new(0x11, "UI", image.SOPInstanceUID)
    for document in ({"uids": "regenerate"}, {"anonymize": {"retain_private": ['0029,"M",11']}}):
        result = changed(image, **document)
        assert result.private_block(0x0029, "M")[0x11].value == result.SOPInstanceUID
