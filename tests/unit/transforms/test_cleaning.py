# SPDX-License-Identifier: GPL-3.0-or-later
"""What the options of PS3.15 that clean leave in reports, presentation states and texts, as second tools see
it."""

from typing import Any

import pytest
from pydicom import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import ComprehensiveSRStorage, GrayscaleSoftcopyPresentationStateStorage

from router.transforms import Pseudonyms
from router.transforms.descriptors import cleaned
from samples import file_bytes, make_image
from unit.transforms.second_tools import errors_of
from unit.transforms.transform_samples import (
    KEY,
    changed,
    item,
    read,
    transformer,
    without_made_up_uids,
)


def code(value: str, meaning: str, scheme: str = "DCM") -> Sequence:
    return Sequence([item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)])


def content(value_type: str, concept: Sequence, relationship: str = "CONTAINS", **tags: Any) -> Dataset:
    return item(RelationshipType=relationship, ValueType=value_type, ConceptNameCodeSequence=concept, **tags)


def number(value: str, concept: Sequence, relationship: str = "CONTAINS") -> Dataset:
    measured = item(NumericValue=value, MeasurementUnitsCodeSequence=code("mm", "mm", "UCUM"))
    return content("NUM", concept, relationship, MeasuredValueSequence=Sequence([measured]))


def reference(image: Dataset) -> Sequence:
    return Sequence(
        [item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)]
    )


@pytest.fixture
def image() -> FileDataset:
    return make_image()


@pytest.fixture
def report(image: FileDataset) -> FileDataset:
    made = make_image("SR", SOPClassUID=ComprehensiveSRStorage, PatientName="Secret^Jane", PatientID="4711")
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.ContentDate, made.ContentTime = "20240229", "101010"
    made.CompletionFlag, made.VerificationFlag = "COMPLETE", "UNVERIFIED"
    made.ReferencedPerformedProcedureStepSequence = made.PerformedProcedureCodeSequence = Sequence()
    series = item(SeriesInstanceUID=image.SeriesInstanceUID, ReferencedSOPSequence=reference(image))
    study = item(StudyInstanceUID=image.StudyInstanceUID, ReferencedSeriesSequence=Sequence([series]))
    made.CurrentRequestedProcedureEvidenceSequence = Sequence([study])
    made.ValueType, made.ContinuityOfContent = "CONTAINER", "SEPARATE"
    made.ConceptNameCodeSequence = code("126000", "Imaging Measurement Report")
    made.ContentSequence = Sequence(
        [
            content(
                "PNAME", code("121008", "Person Observer Name"), "HAS OBS CONTEXT", PersonName="Secret^Bob"
            ),
            content("TEXT", code("121013", "Device Observer Name"), "HAS OBS CONTEXT", TextValue="CT Seven"),
            content("TEXT", code("121022", "Accession Number"), "HAS OBS CONTEXT", TextValue="lung"),
            content("UIDREF", code("121012", "Device Observer UID"), "HAS OBS CONTEXT", UID="1.2.3.4711"),
            content("DATETIME", code("111527", "DateTime Ended"), DateTime="20240229101010"),
            number("47", code("121033", "Subject Age"), "HAS OBS CONTEXT"),
            number("12.5", code("103339001", "Long Axis", "SCT")),
            content(
                "TEXT", code("121071", "Finding"), TextValue="Mass in left lung of Jane Secret, born 01.02.50"
            ),
            content("CODE", code("121071", "Finding"), ConceptCodeSequence=code("4147007", "Mass", "SCT")),
            content(
                "IMAGE",
                code("121080", "Best illustration of finding"),
                ReferencedSOPSequence=reference(image),
            ),
        ]
    )
    return made


OPTIONS = {"clean_structured_content": True}


def texts(dataset: Dataset) -> dict[str, str]:
    return {
        one.ConceptNameCodeSequence[0].CodeMeaning: one.TextValue
        for one in dataset.ContentSequence
        if one.ValueType == "TEXT"
    }


class TestStructuredContent:
    def test_measurements_codes_and_references_stay(self, report: FileDataset, image: FileDataset) -> None:
        assert errors_of(file_bytes(report), "dsr2xml") == []
        file = transformer(anonymize=OPTIONS)(file_bytes(report))
        assert errors_of(file, "dsr2xml") == []
        assert errors_of(file, "dciodvfy") == errors_of(file_bytes(report), "dciodvfy")
        left = read(file)
        assert [
            one.MeasuredValueSequence[0].NumericValue
            for one in left.ContentSequence
            if one.ValueType == "NUM"
        ] == [12.5]
        assert left.ContentSequence[-2].ConceptCodeSequence[0].CodeMeaning == "Mass"
        uid = left.ContentSequence[-1].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        assert uid == Pseudonyms(KEY).uid(image.SOPInstanceUID)
        assert "113104" in {one.CodeValue for one in left.DeidentificationMethodCodeSequence}

    def test_names_identifiers_dates_and_texts_go(self, report: FileDataset) -> None:
        result = changed(report, anonymize=OPTIONS)
        assert set(texts(result).values()) == {"ANONYMIZED"}
        for secret in ("Secret", "Bob", "4711", "20240229", "lung", "Seven", "121033"):
            assert secret not in without_made_up_uids(result.ContentSequence)

    def test_options_that_retain_count_in_it_too(self, report: FileDataset) -> None:
        options = {**OPTIONS, "retain_device_identity": True, "retain_patient_characteristics": True}
        result = changed(report, anonymize={**options, "clean_descriptors": True}, date_shift=99)
        assert texts(result) == {
            "Device Observer Name": "CT Seven",
            "Accession Number": "ANONYMIZED",
            "Finding": "Mass in left lung of",
        }
        numbers = [one for one in result.ContentSequence if one.ValueType == "NUM"]
        assert numbers[0].MeasuredValueSequence[0].NumericValue == 47
        assert result.ContentSequence[4].DateTime == f"{result.ContentDate}101010"

    def test_annotations_of_waveforms_keep_codes_and_numbers(self, image: FileDataset) -> None:
        channels: dict[str, Any] = {"ReferencedWaveformChannels": [1, 1], "AnnotationGroupNumber": 0}
        image.WaveformAnnotationSequence = Sequence(
            [
                item(UnformattedTextValue="Jane Secret, sinus rhythm", **channels),
                item(
                    ConceptNameCodeSequence=code("8867-4", "Heart rate", "LN"),
                    MeasurementUnitsCodeSequence=code("{H.B.}/min", "Heart beat per minute", "UCUM"),
                    NumericValue="62",
                    UnformattedTextValue="Jane Secret",
                    **channels,
                ),
                item(
                    ConceptNameCodeSequence=code("121033", "Subject Age"),
                    NumericValue="47",
                    **channels,
                ),
            ]
        )
        [left] = changed(image, anonymize=OPTIONS).WaveformAnnotationSequence
        assert (left.NumericValue, left.ReferencedWaveformChannels) == (62, [1, 1])
        assert left.ConceptNameCodeSequence[0].CodeMeaning == "Heart rate"
        assert "UnformattedTextValue" not in left
        del image.WaveformAnnotationSequence[1]
        assert "WaveformAnnotationSequence" not in changed(image, anonymize=OPTIONS)
        assert "WaveformAnnotationSequence" not in changed(image, anonymize=True)

    def test_in_the_context_of_an_acquisition_too(self, image: FileDataset) -> None:
        image.AcquisitionContextSequence = Sequence(
            [
                item(
                    ValueType="TEXT",
                    ConceptNameCodeSequence=code("109054", "Patient State"),
                    TextValue="Jane",
                ),
                item(
                    ValueType="CODE",
                    ConceptNameCodeSequence=code("109054", "Patient State"),
                    ConceptCodeSequence=code("128975004", "Resting state", "SCT"),
                ),
            ]
        )
        assert not changed(image, anonymize=True).AcquisitionContextSequence
        told, coded = changed(image, anonymize=OPTIONS).AcquisitionContextSequence
        assert told.TextValue == "ANONYMIZED"
        assert coded.ConceptCodeSequence[0].CodeMeaning == "Resting state"


def test_shapes_stay_and_texts_beside_them_do_not(image: FileDataset) -> None:
    state = make_image("SR", SOPClassUID=GrayscaleSoftcopyPresentationStateStorage, Modality="PR")
    text = item(UnformattedTextValue="Jane Secret", BoundingBoxAnnotationUnits="PIXEL")
    line = item(GraphicAnnotationUnits="PIXEL", GraphicDimensions=2, NumberOfGraphicPoints=2)
    line.GraphicData, line.GraphicType = [1, 1, 9, 9], "POLYLINE"
    annotation = item(GraphicLayer="MARKS", ReferencedImageSequence=reference(image))
    annotation.TextObjectSequence, annotation.GraphicObjectSequence = Sequence([text]), Sequence([line])
    state.GraphicAnnotationSequence = Sequence([annotation])
    result = changed(state, anonymize={"clean_graphics": True})
    [left] = result.GraphicAnnotationSequence
    assert left.GraphicObjectSequence[0].GraphicData == [1, 1, 9, 9]
    assert left.TextObjectSequence[0].UnformattedTextValue == "ANONYMIZED"
    assert left.ReferencedImageSequence[0].ReferencedSOPInstanceUID.startswith("2.25.")
    assert "113103" in {one.CodeValue for one in result.DeidentificationMethodCodeSequence}


class TestDescriptors:
    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("CT CHEST W/O CONTRAST", "CT CHEST W/O CONTRAST"),
            ("t2_tse_sag 1.25mm", "t2 tse sag 1.25mm"),
            ("MRI Knee left, Jane Doe", "MRI Knee left"),
            ("Thorax 12.03.2024, Dr. Smith", "Thorax"),
            ("head 01 02 50, room 12", "head room"),
            ("chest 4711 A123456", "chest"),
            ("Brown, Rose", ""),
            ("1950-02-01", ""),
        ],
    )
    def test_words_of_medicine_and_small_numbers_stay(self, text: str, left: str) -> None:
        assert cleaned(text, {"jane", "doe"}) == left

    def test_in_all_texts_that_the_option_is_for(self) -> None:
        image = make_image(PatientName="Chest^Jane", StudyDescription="Chest CT of Jane, left lung")
        image.SeriesDescription, image.ProtocolName = "Jane", "Xyzzy"
        image.SegmentSequence = Sequence([item(SegmentLabel="Liver"), item(SegmentLabel="Jane")])
        result = changed(image, anonymize={"clean_descriptors": True})
        assert result.StudyDescription == "CT of left lung"
        assert "SeriesDescription" not in result
        assert result.ProtocolName == "ANONYMIZED"
        assert [one.SegmentLabel for one in result.SegmentSequence] == ["Liver", "ANONYMIZED"]
        assert "113105" in {one.CodeValue for one in result.DeidentificationMethodCodeSequence}
