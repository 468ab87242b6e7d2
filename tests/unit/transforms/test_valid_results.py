# SPDX-License-Identifier: GPL-3.0-or-later
"""What is no image stays valid without what identified somebody, as dcmtk, dicom3tools and qpdf see it."""

import io
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy
import pytest
from pydicom import Dataset, FileDataset, dcmread
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedSRStorage

from router.transforms import Pseudonyms, Untransformable
from samples import file_bytes, make_image
from unit.transforms.second_tools import errors_of
from unit.transforms.transform_samples import KEY, changed, read, transformer


def item(**tags: Any) -> Dataset:
    made = Dataset()
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    return made


def code(value: str, meaning: str) -> Sequence:
    return Sequence([item(CodeValue=value, CodingSchemeDesignator="DCM", CodeMeaning=meaning)])


def referring(image: Dataset, **tags: Any) -> Dataset:
    return item(
        ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID, **tags
    )


def made_by(*command: object) -> FileDataset:
    """What a program makes of an image; it is given a path to read and one to write."""
    pixels = numpy.zeros((64, 64), "<u2").tobytes()
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "in"), Path(folder, "out.dcm")
        source.write_bytes(file_bytes(make_image(size=len(pixels), PixelData=pixels)))
        subprocess.run([*map(str, command), source, made], check=True, capture_output=True, timeout=60)
        return dcmread(io.BytesIO(made.read_bytes()))


class TestPresentationState:
    @pytest.fixture
    def state(self) -> FileDataset:
        state = made_by("dcmpsmk")
        text = item(UnformattedTextValue="Jane Doe", BoundingBoxAnnotationUnits="PIXEL")
        text.BoundingBoxTopLeftHandCorner, text.BoundingBoxBottomRightHandCorner = [1, 1], [9, 9]
        text.BoundingBoxTextHorizontalJustification = "LEFT"
        line = item(GraphicAnnotationUnits="PIXEL", GraphicDimensions=2, NumberOfGraphicPoints=2)
        line.GraphicData, line.GraphicType, line.GraphicFilled = [1, 1, 9, 9], "POLYLINE", "N"
        [image] = state.ReferencedSeriesSequence[0].ReferencedImageSequence
        annotation = item(GraphicLayer="MARKS", TextObjectSequence=Sequence([text]))
        annotation.ReferencedImageSequence = Sequence([referring_to(image)])
        annotation.GraphicObjectSequence = Sequence([line])
        state.GraphicAnnotationSequence = Sequence([annotation])
        state.GraphicLayerSequence = Sequence([item(GraphicLayer="MARKS", GraphicLayerOrder=1)])
        state.PatientID, state.PatientName = "4711", "Doe^Jane"
        return state

    def test_stays_one(self, state: FileDataset) -> None:
        assert errors_of(file_bytes(state), "dcmpschk") == []
        file = transformer(anonymize=True)(file_bytes(state))
        assert errors_of(file, "dcmpschk") == []
        assert "GraphicAnnotationSequence" not in read(file)


def referring_to(reference: Dataset) -> Dataset:
    return item(
        ReferencedSOPClassUID=reference.ReferencedSOPClassUID,
        ReferencedSOPInstanceUID=reference.ReferencedSOPInstanceUID,
    )


def test_annotations_of_a_waveform_go() -> None:
    annotation = item(AnnotationGroupNumber=0, UnformattedTextValue="Jane Doe")
    annotation.ReferencedWaveformChannels, annotation.TemporalRangeType = [1, 1], "POINT"
    result = changed(make_image(WaveformAnnotationSequence=Sequence([annotation])), anonymize=True)
    assert "WaveformAnnotationSequence" not in result


class TestKeyObjects:
    @pytest.fixture
    def selection(self) -> FileDataset:
        image = make_image()
        made = make_image("SR", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.59", Modality="KO")
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
        made.ContentDate, made.ContentTime = "20240101", "101010"
        made.ReferencedPerformedProcedureStepSequence = Sequence()
        series = item(SeriesInstanceUID=image.SeriesInstanceUID)
        series.ReferencedSOPSequence = Sequence([referring(image)])
        study = item(StudyInstanceUID=image.StudyInstanceUID, ReferencedSeriesSequence=Sequence([series]))
        made.CurrentRequestedProcedureEvidenceSequence = Sequence([study])
        made.ValueType, made.ContinuityOfContent = "CONTAINER", "SEPARATE"
        made.ConceptNameCodeSequence = code("113000", "Of Interest")
        template = item(MappingResource="DCMR", TemplateIdentifier="2010")
        made.ContentTemplateSequence = Sequence([template])
        text = item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue="Jane Doe")
        text.ConceptNameCodeSequence = code("113012", "Key Object Description")
        key = item(RelationshipType="CONTAINS", ValueType="IMAGE")
        key.ReferencedSOPSequence = Sequence([referring(image, ReferencedFrameNumber=[1])])
        made.ContentSequence = Sequence([text, key])
        return made

    def test_still_refer_to_the_images_and_say_nothing_of_them(self, selection: FileDataset) -> None:
        file = transformer(anonymize=True)(file_bytes(selection))
        [left] = read(file).ContentSequence
        [reference] = left.ReferencedSOPSequence
        source = selection.ContentSequence[1].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        assert reference.ReferencedSOPInstanceUID == Pseudonyms(KEY).uid(source)
        assert reference.ReferencedFrameNumber == 1
        assert errors_of(file, "dsr2xml") == []
        assert errors_of(file, "dciodvfy") == errors_of(file_bytes(selection), "dciodvfy")

    def test_in_containers_too(self, selection: FileDataset) -> None:
        container = item(RelationshipType="CONTAINS", ValueType="CONTAINER", ContinuityOfContent="SEPARATE")
        container.ConceptNameCodeSequence = code("121070", "Findings of Jane Doe")
        container.ContentSequence = selection.ContentSequence
        selection.SOPClassUID = selection.file_meta.MediaStorageSOPClassUID = EnhancedSRStorage
        selection.Modality = "SR"
        selection.CompletionFlag, selection.VerificationFlag = "COMPLETE", "UNVERIFIED"
        selection.PerformedProcedureCodeSequence = Sequence()
        del selection.ContentTemplateSequence
        selection.ContentSequence = Sequence([container])
        file = transformer(anonymize=True)(file_bytes(selection))
        assert errors_of(file, "dsr2xml") == []
        assert "Doe" not in str(read(file))
        assert len(read(file).ContentSequence[0].ContentSequence) == 1


class TestEncapsulatedDocument:
    def document(self, mime_type: str, content: bytes) -> FileDataset:
        made = make_image("SR", SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1", Modality="DOC")
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
        made.MIMETypeOfEncapsulatedDocument, made.EncapsulatedDocument = mime_type, content
        made.EncapsulatedDocumentLength = len(content)
        return made

    def test_a_pdf_becomes_a_blank_page(self, tmp_path: Path) -> None:
        source = self.document("application/pdf", b"%PDF-1.4 Jane Doe %%EOF\n")
        made = changed(source, anonymize=True)
        assert made.EncapsulatedDocumentLength == len(made.EncapsulatedDocument)
        path = tmp_path / "blank.pdf"
        path.write_bytes(made.EncapsulatedDocument)
        checked = subprocess.run(["qpdf", "--check", path], check=False, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        pages = subprocess.run(["qpdf", "--show-npages", path], check=True, capture_output=True, text=True)
        assert pages.stdout.strip() == "1"

    def test_a_shape_becomes_an_empty_one(self) -> None:
        made = changed(self.document("model/stl", b"solid Jane Doe\nendsolid Jane Doe\n"), anonymize=True)
        assert made.EncapsulatedDocument == bytes(84)

    def test_what_has_no_blank_one_is_refused(self) -> None:
        with pytest.raises(Untransformable, match="blank"):
            transformer(anonymize=True)(file_bytes(self.document("text/XML", b"<ClinicalDocument/>")))


def test_a_dummy_has_as_many_values_as_it_needs() -> None:
    numbers = item(PixelSpacing=[3, 4], SelectorLOValue="Jane Doe")
    image = make_image(ReferencedPerformedProcedureStepSequence=Sequence([numbers]))
    [left] = changed(image, anonymize=True).ReferencedPerformedProcedureStepSequence
    assert left.PixelSpacing == [0, 0]


def test_optional_sequences_go_as_a_whole() -> None:
    """An empty one would have to have items (Referenced Study); what is encrypted is the identity itself."""
    image = make_image()
    image.ReferencedStudySequence = Sequence([referring(image)])
    image.EncryptedAttributesSequence = Sequence([item(EncryptedContent=b"Secret")])
    result = changed(image, anonymize=True)
    assert "ReferencedStudySequence" not in result
    assert "EncryptedAttributesSequence" not in result
    assert [one for one in errors_of(file_bytes(result), "dciodvfy") if "ReferencedStudy" in one] == []
