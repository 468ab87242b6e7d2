# SPDX-License-Identifier: GPL-3.0-or-later
"""De-identification against a second opinion: the table of PS3.15 as the package dicom-anonymizer has it."""

import importlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_VR
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from router.documents.transform import Anonymization
from router.transforms.confidentiality_profile import ConfidentialityProfile, Fate, table
from samples import make_image
from unit.transforms.transform_samples import changed, without_made_up_uids

#: By the package's names: what may become of an attribute (PS3.15, Table E.1-1a).
ALLOWED = {
    "D_TAGS": {Fate.DUMMY},
    # A dummy value is allowed as well.
    "Z_TAGS": {Fate.EMPTY, Fate.DUMMY},
    "X_TAGS": {Fate.REMOVE},
    "U_TAGS": {Fate.UID},
    "Z_D_TAGS": {Fate.DUMMY},
    # What no image needs goes (PS3.15, E.1.1).
    "X_Z_TAGS": {Fate.EMPTY, Fate.REMOVE},
    "X_D_TAGS": {Fate.DUMMY},
    "X_Z_D_TAGS": {Fate.DUMMY},
    "X_Z_U_STAR_TAGS": {Fate.KEEP},
}

#: What a text, number or moment of each VR is before.
VALUES = {
    **dict.fromkeys(("AE", "LO", "LT", "PN", "SH", "ST", "UC", "UT", "CS"), "SECRET"),
    **dict.fromkeys(("DS", "IS"), "4711"),
    **dict.fromkeys(("SL", "SS", "UL", "US", "FD", "FL"), 4711),
    **dict.fromkeys(("OB", "OW", "UN", "OF"), b"SECRET__"),
    "AS": "047Y",
    "DA": "20010911",
    "DT": "20010911084640",
    "TM": "084640",
    "UI": "1.2.3.4711",
    "UR": "http://secret.example.org",
    "AT": 0x47110000,
}


def second_opinion(edition: str) -> list[tuple[int, str]]:
    """Each attribute with the package's name for what becomes of it; repeating groups at their first."""
    module = importlib.import_module(f"dicomanonymizer.dicom_anonymization_databases.dicomfields_{edition}")
    return [((tag[0] << 16) | tag[1], name) for name in ALLOWED for tag in getattr(module, name)]


@pytest.fixture(scope="module")
def profile() -> ConfidentialityProfile:
    return ConfidentialityProfile(Anonymization(), shift_dates=False)


@pytest.mark.parametrize("edition", ["2023", "2024b", "2026c"])
def test_every_attribute_agrees_with_the_second_opinion(
    profile: ConfidentialityProfile, edition: str
) -> None:
    differing = [
        (f"{tag:08X}", name, profile.fate(tag))
        for tag, name in second_opinion(edition)
        if profile.fate(tag) not in ALLOWED[name]
    ]
    assert differing == []


def test_the_second_opinion_has_every_attribute_of_the_table() -> None:
    known = {tag for tag, _ in second_opinion("2026c")}
    assert {int(row.tag.replace("x", "0"), 16) for row in table()} - known == {0x5000_0000} - known


@pytest.mark.parametrize(
    ("tag", "fate"),
    [
        pytest.param(0x6002_3000, Fate.REMOVE, id="overlay data of any overlay"),
        pytest.param(0x60FE_4000, Fate.REMOVE, id="overlay comments of any overlay"),
        pytest.param(0x6002_0010, Fate.KEEP, id="but not an overlay's rows"),
        pytest.param(0x5004_3000, Fate.REMOVE, id="curve data"),
        pytest.param(0x5004_0005, Fate.REMOVE, id="all else of a curve"),
        pytest.param(0x0028_0010, Fate.KEEP, id="rows"),
    ],
)
def test_repeating_groups(profile: ConfidentialityProfile, tag: int, fate: Fate) -> None:
    assert profile.fate(tag) is fate


@pytest.mark.parametrize(
    ("option", "kept", "still_gone"),
    [
        ("retain_uids", "StudyInstanceUID", "PatientName"),
        ("retain_device_identity", "StationName", "InstitutionName"),
        ("retain_institution_identity", "InstitutionName", "StationName"),
        ("retain_patient_characteristics", "PatientAge", "PatientBirthDate"),
        ("retain_dates", "StudyDate", "PatientBirthDate"),
    ],
)
def test_an_option_keeps_what_it_is_for(option: str, kept: str, still_gone: str) -> None:
    values: dict[str, Any] = {"StationName": "CT1", "InstitutionName": "Clinic", "PatientAge": "047Y"}
    image = make_image(**values)
    result = changed(image, anonymize={option: True})
    assert result[kept].value == image[kept].value
    assert result.get(still_gone) != image[still_gone].value
    assert len(result.DeidentificationMethodCodeSequence) == 2


def element(tag: int) -> DataElement | None:
    """An attribute of the table with a value that gives somebody away; None where nobody knows its VR."""
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return None
    if vr == "SQ":
        item = Dataset()
        item.PatientName = "SECRET"
        item.ReferencedSOPInstanceUID = VALUES["UI"]
        return DataElement(tag, vr, Sequence([item]))
    return DataElement(tag, vr, VALUES.get(vr.split(" ")[0], b"SECRET__"))


#: Those of the table that an image in a file can have.
ATTRIBUTES = [
    found
    for row in table()
    if int(row.tag.replace("x", "0"), 16) >> 16 > 4
    and (found := element(int(row.tag.replace("x", "0"), 16))) is not None
]


@pytest.mark.parametrize("nested", [False, True], ids=["in the image", "inside a sequence"])
def test_no_attribute_of_the_table_gives_anybody_away(nested: bool) -> None:
    image = make_image()
    level: Dataset = image
    if nested:
        level = Dataset()
        image.ReferencedInstanceSequence = Sequence([level])
    for one in ATTRIBUTES:
        level[one.tag] = one
    told = without_made_up_uids(changed(image, anonymize=True))
    # What the list of all its values would show.
    for value in ("SECRET", "secret", "4711", "20010911", "084640", "047Y"):
        assert value not in told


def test_private_tags_go_at_every_level() -> None:
    image = make_image()
    inner = Dataset()
    for level in (image, inner):
        level.private_block(0x0029, "SECRET MAKER", create=True).add_new(0x10, "LO", "SECRET")
    image.ReferencedInstanceSequence = Sequence([inner])
    result = changed(image, anonymize=True)
    levels = (result, *result.ReferencedInstanceSequence)
    assert [one for level in levels for one in level if one.tag.is_private] == []


def test_a_private_tag_known_to_be_safe_stays_with_its_creator() -> None:
    image = make_image()
    block = image.private_block(0x0029, "MAKER", create=True)
    block.add_new(0x10, "LO", "b=1000")
    block.add_new(0x11, "LO", "SECRET")
    result = changed(image, anonymize={"retain_private": ['0029,"MAKER",10']})
    kept = result.private_block(0x0029, "MAKER")
    assert kept[0x10].value == "b=1000"
    assert 0x11 not in kept


def test_what_was_done_is_said_in_the_image() -> None:
    result = changed(make_image(), anonymize=True)
    assert result.PatientIdentityRemoved == "YES"
    assert result.DeidentificationMethod
    [method] = result.DeidentificationMethodCodeSequence
    assert (method.CodeValue, method.CodingSchemeDesignator) == ("113100", "DCM")
    assert result.LongitudinalTemporalInformationModified == "REMOVED"


def test_what_stands_around_the_image_goes_too() -> None:
    image = make_image()
    image.preamble = b"SECRET".ljust(128, b"\0")
    image.file_meta.SourceApplicationEntityTitle = "SECRET"
    result = changed(image, anonymize=True)
    assert result.preamble == bytes(128)
    assert "SourceApplicationEntityTitle" not in result.file_meta


def test_a_report_says_nothing_any_more() -> None:
    image = make_image("SR")
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", "SECRET"
    image.ContentSequence = Sequence([item])
    [left] = changed(image, anonymize=True).ContentSequence
    assert left.TextValue == "ANONYMIZED"
    assert left.ConceptNameCodeSequence


@settings(deadline=None)
@given(st.sampled_from(ATTRIBUTES), st.sampled_from(ATTRIBUTES))
def test_an_attribute_has_the_same_fate_whatever_stands_beside_it(
    first: DataElement, second: DataElement
) -> None:
    alone, together = make_image(SOPInstanceUID="1.2.3"), make_image(SOPInstanceUID="1.2.3")
    alone[first.tag] = together[first.tag] = first
    if second.tag != first.tag and second.tag != Tag("PatientID"):
        together[second.tag] = second
    if first.tag == Tag("PatientName"):  # its pseudonym is the patient's
        return
    left, right = changed(alone, anonymize=True), changed(together, anonymize=True)
    assert left.get(first.tag) == right.get(first.tag)
