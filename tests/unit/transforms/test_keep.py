# SPDX-License-Identifier: GPL-3.0-or-later
"""What `keep` leaves, and that it leaves no more: in sequences, at places, of attributes that nobody
knows."""

from typing import Any

import pytest
from pydicom import Dataset, FileDataset
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from samples import make_image
from unit.transforms.transform_samples import changed, item


def code(meaning: str) -> Sequence:
    return Sequence([item(CodeValue="1", CodingSchemeDesignator="99X", CodeMeaning=meaning)])


@pytest.fixture
def report() -> FileDataset:
    made = make_image("SR", PatientID="4711", PatientName="Secret^Jane", OtherPatientIDs=["SECRET", "B"])
    made.ContentSequence = Sequence(
        [
            item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue="Secret Jane"),
            item(RelationshipType="CONTAINS", ValueType="PNAME", PersonName="Secret^Jane"),
            item(
                RelationshipType="CONTAINS",
                ValueType="NUM",
                ConceptNameCodeSequence=code("Secret"),
                MeasuredValueSequence=Sequence([item(NumericValue="12")]),
            ),
        ]
    )
    made.PersonIdentificationCodeSequence = code("Secret Jane")
    made.AcquisitionContextSequence = Sequence(
        [item(TextValue="Secret fasted", ConceptNameCodeSequence=code("fasting"))]
    )
    return made


@pytest.mark.parametrize(
    ("kept", "path", "value"),
    [
        pytest.param(
            "ContentSequence.MeasuredValueSequence",
            ["ContentSequence", 2, "MeasuredValueSequence", 0, "NumericValue"],
            12,
            id="in a sequence of action D",
        ),
        pytest.param(
            "PersonIdentificationCodeSequence.CodingSchemeDesignator",
            ["PersonIdentificationCodeSequence", 0, "CodingSchemeDesignator"],
            "99X",
            id="beside a name in a sequence of action D",
        ),
        pytest.param(
            "AcquisitionContextSequence.ConceptNameCodeSequence",
            ["AcquisitionContextSequence", 0, "ConceptNameCodeSequence", 0, "CodeMeaning"],
            "fasting",
            id="in a sequence of action Z",
        ),
        pytest.param("OtherPatientIDs[1]", ["OtherPatientIDs"], "B", id="one value of several"),
    ],
)
def test_one_attribute_stays_and_nothing_beside_it(
    report: FileDataset, kept: str, path: list[Any], value: Any
) -> None:
    result = changed(report, anonymize=True, keep=[kept])
    found: Any = result
    for step in path:
        found = found[step] if isinstance(step, int) else found[step].value
    assert found == value
    assert "secret" not in str(result).casefold()


def test_an_index_picks_one_item_and_what_is_in_it_is_cleaned(report: FileDataset) -> None:
    contents = changed(report, anonymize=True, keep=["ContentSequence[1]"]).ContentSequence
    assert [one.ValueType for one in contents] == ["TEXT", "PNAME", "TEXT"]
    assert contents[1].PersonName == "ANONYMIZED"
    assert "NumericValue" not in str(contents)


def test_a_kept_sequence_is_cleaned_inside(report: FileDataset) -> None:
    report.ContentSequence[2].ReferencedSOPSequence = Sequence([item(ReferencedSOPInstanceUID="1.2.3")])
    result = changed(report, anonymize=True, keep=["ContentSequence"])
    assert result.ContentSequence[2].MeasuredValueSequence[0].NumericValue == 12
    assert result.ContentSequence[2].ReferencedSOPSequence[0].ReferencedSOPInstanceUID.startswith("2.25.")
    assert [result.ContentSequence[0].TextValue, str(result.ContentSequence[1].PersonName)] == [
        "ANONYMIZED",
        "ANONYMIZED",
    ]


def test_where_nothing_that_is_kept_is_there_the_sequence_is_replaced_as_ever(report: FileDataset) -> None:
    [left] = changed(report, anonymize=True, keep=["ContentSequence.DateTime"]).ContentSequence
    assert left.TextValue == "ANONYMIZED"


class TestUnknown:
    TAG = Tag(0x0008, 0x0FFE)

    @pytest.fixture
    def image(self) -> FileDataset:
        made = make_image()
        inner = Dataset()
        for level in (made, inner):
            level._dict[self.TAG] = RawDataElement(self.TAG, "LO", 8, b"Doe^Jane", 0, False, True)
        made.ReferencedInstanceSequence = Sequence([inner])
        return made

    def test_it_goes_at_every_level(self, image: FileDataset) -> None:
        assert "Doe" not in str(changed(image, anonymize=True))

    def test_it_stays_where_it_is_named(self, image: FileDataset) -> None:
        result = changed(image, anonymize=True, keep=["0008,0ffe"])
        assert result[self.TAG].value == "Doe^Jane"
        assert self.TAG not in result.ReferencedInstanceSequence[0]

    def test_it_stays_where_the_option_says_so(self, image: FileDataset) -> None:
        result = changed(image, anonymize={"unknown_and_free_text": "keep"})
        assert result[self.TAG].value == "Doe^Jane"


TEXTS = {
    "DocumentTitle": "",
    "ContentDescription": "ANONYMIZED",
    "CommentsOnTheScheduledProcedureStep": None,
    "SegmentLabel": "ANONYMIZED",
    "TrackingID": "ANONYMIZED",
    "GraphicLayerDescription": None,
    "RetrieveURL": None,
    "TextValue": "ANONYMIZED",
    "PatientBirthDateInAlternativeCalendar": None,
}


@pytest.mark.parametrize(("keyword", "becomes"), TEXTS.items())
def test_texts_that_the_table_does_not_name(keyword: str, becomes: str | None) -> None:
    image = make_image()
    image.ReferencedInstanceSequence = Sequence([Dataset()])
    for level in (image, image.ReferencedInstanceSequence[0]):
        setattr(level, keyword, "http://jane.doe.example.org")
    result = changed(image, anonymize=True)
    for level in (result, result.ReferencedInstanceSequence[0]):
        assert level.get(keyword) == becomes
    kept = changed(image, anonymize={"unknown_and_free_text": "keep"})
    assert "jane" in kept[keyword].value
