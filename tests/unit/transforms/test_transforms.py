# SPDX-License-Identifier: GPL-3.0-or-later
"""What a transform does to tags: replace, insert, remove, keep, UIDs, dates; and what it leaves alone."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import FileDataset, dcmread
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
    generate_uid,
)

from router.transforms import Pseudonyms, TransformError, Untransformable
from samples import differences, file_bytes, make_image, make_series, pydicom_charset_files, pydicom_images
from unit.transforms.transform_samples import KEY, changed, item, transformer

#: What a text of one value may hold; a brace could begin a template.
_LETTERS = st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="\\{")


@pytest.fixture
def image() -> FileDataset:
    made = make_image(PatientID="4711", PatientName="Doe^Jane", StudyDescription="CT chest")
    made.RequestAttributesSequence = Sequence([item(StudyID="a"), item(StudyID="b")])
    made.private_block(0x0029, "MAKER", create=True).add_new(0x10, "LO", "private")
    return made


class TestReplace:
    @pytest.mark.parametrize(
        ("tag", "value", "keyword", "becomes"),
        [
            pytest.param("PatientID", "X1", "PatientID", "X1", id="a literal"),
            pytest.param("0010,0020", "X1", "PatientID", "X1", id="by number"),
            pytest.param("PatientID", "{{ PatientName | name }}", "PatientID", "Doe, Jane", id="template"),
            pytest.param("PatientID", "{{ PatientID[0:2] }}", "PatientID", "47", id="over itself"),
            pytest.param("StudyComments", "new", "StudyComments", "new", id="a tag that was not there"),
            pytest.param("PatientID", "", "PatientID", "", id="emptied"),
            pytest.param("Rows", 7, "Rows", 7, id="a binary number"),
            pytest.param("ImageType", ["A", "B"], "ImageType", ["A", "B"], id="list"),
            pytest.param("SmallestImagePixelValue", "3", "SmallestImagePixelValue", 3, id="US or SS"),
        ],
    )
    def test_a_tag(self, image: FileDataset, tag: str, value: Any, keyword: str, becomes: Any) -> None:
        assert (changed(image, replace={tag: value})[keyword].value or "") == becomes

    def test_in_all_items_of_a_sequence_or_in_one(self, image: FileDataset) -> None:
        result = changed(image, replace={"RequestAttributesSequence.StudyID": "x"})
        assert [one.StudyID for one in result.RequestAttributesSequence] == ["x", "x"]
        result = changed(image, replace={"RequestAttributesSequence[1].StudyID": "x"})
        assert [one.StudyID for one in result.RequestAttributesSequence] == ["a", "x"]

    def test_a_private_tag_by_its_creator(self, image: FileDataset) -> None:
        result = changed(image, replace={'0029,"MAKER",10': "new", '0029,"OTHER",10': "made"})
        assert result.private_block(0x0029, "MAKER")[0x10].value == "new"
        assert result.private_block(0x0029, "OTHER")[0x10].value == "made"

    def test_several_values_stay_several(self, image: FileDataset) -> None:
        image.OtherPatientNames = ["A", "B"]
        assert changed(image, replace={"OperatorsName": "{{ OtherPatientNames }}"}).OperatorsName == [
            "A",
            "B",
        ]

    def test_templates_speak_of_the_image_as_it_came(self, image: FileDataset) -> None:
        result = changed(
            image,
            anonymize=True,
            replace={"PatientID": "{{ pseudonym(PatientID) }}", "PatientName": "{{ PatientID }}"},
        )
        assert result.PatientID == Pseudonyms(KEY).pseudonym("4711")
        assert result.PatientName == "4711"

    def test_letters_that_the_character_set_lacks_bring_all_texts_to_unicode(self) -> None:
        for _, image in pydicom_charset_files():
            if "PatientName" not in image:
                continue
            name = str(image.PatientName)
            result = changed(image, replace={"StudyDescription": "Größe 大"})
            assert result.StudyDescription == "Größe 大"
            assert str(result.PatientName) == name

    def test_letters_that_the_character_set_of_an_item_lacks_bring_all_texts_to_unicode(self) -> None:
        image = make_image(SpecificCharacterSet="ISO_IR 192", StudyDescription="山")
        one = item(SpecificCharacterSet="ISO_IR 100", RequestedProcedureDescription="x", StudyID="Größe")
        image.RequestAttributesSequence = Sequence([item(ScheduledProtocolCodeSequence=Sequence([one]))])
        path = "RequestAttributesSequence.ScheduledProtocolCodeSequence"
        file = transformer(replace={f"{path}.RequestedProcedureDescription": "山田"})(file_bytes(image))
        assert "山田".encode() in file
        assert "Größe".encode() in file
        result = dcmread(io.BytesIO(file))
        [left] = result.RequestAttributesSequence[0].ScheduledProtocolCodeSequence
        assert (left.RequestedProcedureDescription, left.StudyID) == ("山田", "Größe")
        assert result.StudyDescription == "山"

    @pytest.mark.parametrize(
        ("tag", "value"),
        [
            ("StudyComments", "line\nline"),
            ("AcquisitionDateTime", "2023"),
            ("AcquisitionDateTime", "20240229101010.123456+0100"),
            ("StudyDate", "20240229"),
            ("ImagePositionPatient", [1, 2, 3]),
        ],
    )
    def test_values_as_the_standard_has_them_are_taken(self, tag: str, value: Any) -> None:
        assert transformer(replace={tag: value})

    def test_control_characters_of_the_image_become_spaces(self, image: FileDataset) -> None:
        image.StudyComments = "one\r\ntwo"
        assert (
            changed(image, replace={"StudyDescription": "{{ StudyComments }}"}).StudyDescription == "one  two"
        )

    @pytest.mark.parametrize(
        ("template", "tag"),
        [
            ("{{ PatientName }}", "StudyDate"),
            ("{{ PatientName }}", "StudyInstanceUID"),
            ("{{ PatientName }}\\1", "AccessionNumber"),
        ],
    )
    def test_what_is_no_value_of_the_tag_is_refused_without_being_shown(
        self, image: FileDataset, template: str, tag: str
    ) -> None:
        with pytest.raises(Untransformable, match=tag) as refused:
            changed(image, replace={tag: template})
        assert "Doe" not in str(refused.value)


class TestInsert:
    def test_only_where_there_is_no_value(self, image: FileDataset) -> None:
        image.AccessionNumber = ""
        result = changed(image, insert={"PatientID": "X1", "AccessionNumber": "A9", "StudyComments": "new"})
        assert (result.PatientID, result.AccessionNumber, result.StudyComments) == ("4711", "A9", "new")

    def test_sequences_on_the_way_are_made(self, image: FileDataset) -> None:
        result = changed(image, insert={"ReferencedStudySequence[0].StudyID": "x"})
        assert [one.StudyID for one in result.ReferencedStudySequence] == ["x"]


class TestRemove:
    @pytest.mark.parametrize(
        "tag", ["StudyDescription", "0008,1030", "RequestAttributesSequence", '0029,"MAKER",10']
    )
    def test_a_tag(self, image: FileDataset, tag: str) -> None:
        result = changed(image, remove=[tag])
        assert len(list(result)) == len(list(image)) - 1

    def test_one_item_or_a_tag_in_it(self, image: FileDataset) -> None:
        result = changed(image, remove=["RequestAttributesSequence[0]"])
        assert [one.StudyID for one in result.RequestAttributesSequence] == ["b"]
        result = changed(image, remove=["RequestAttributesSequence[0].StudyID"])
        assert [one.get("StudyID") for one in result.RequestAttributesSequence] == [None, "b"]

    def test_private_tags(self, image: FileDataset) -> None:
        assert not [element for element in changed(image, remove_private=True) if element.tag.is_private]

    def test_what_is_kept_stays_though_all_around_it_goes(self, image: FileDataset) -> None:
        image.OperatorsName = "SECRET"
        image.RequestAttributesSequence[0].OperatorsName = "SECRET"
        kept = ["StudyDescription", "RequestAttributesSequence[1].StudyID", '0029,"MAKER",10']
        result = changed(image, anonymize=True, keep=kept)
        assert result.StudyDescription == "CT chest"
        assert result.private_block(0x0029, "MAKER")[0x10].value == "private"
        assert [one.get("StudyID") for one in result.RequestAttributesSequence][1] == "b"
        assert "SECRET" not in str(result)


class TestUids:
    def test_a_study_stays_one_study(self) -> None:
        images = make_series(3)
        frame = generate_uid()
        for one in images:
            one.FrameOfReferenceUID = frame
            one.ReferencedImageSequence = Sequence([item(ReferencedSOPInstanceUID=images[0].SOPInstanceUID)])
        results = [changed(one, uids="regenerate") for one in images]
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
            [uid] = {str(one[keyword].value) for one in results}
            assert uid != str(images[0][keyword].value)
        assert len({one.SOPInstanceUID for one in results}) == 3
        for one in results:
            assert one.ReferencedImageSequence[0].ReferencedSOPInstanceUID == results[0].SOPInstanceUID
            assert one.file_meta.MediaStorageSOPInstanceUID == one.SOPInstanceUID

    def test_what_dicom_itself_has_named_stays(self) -> None:
        image = make_image(FrameOfReferenceUID="1.2.840.10008.1.4.1.1")
        result = changed(image, uids="regenerate")
        assert result.FrameOfReferenceUID == "1.2.840.10008.1.4.1.1"
        assert result.SOPClassUID == image.SOPClassUID

    def test_another_key_gives_other_uids(self) -> None:
        file = file_bytes(make_image())
        results = [dcmread(io.BytesIO(transformer(key, uids="regenerate")(file))) for key in (KEY, bytes(32))]
        assert results[0].StudyInstanceUID != results[1].StudyInstanceUID

    def test_every_uid_of_something_that_exists_once_is_replaced(self) -> None:
        unnamed = [
            "SOPInstanceUIDOfConcatenationSource",
            "MultiFrameSourceSOPInstanceUID",
            "ReferencedFiducialUID",
            "VolumeFrameOfReferenceUID",
            "TableFrameOfReferenceUID",
            "RadiopharmaceuticalAdministrationEventUID",
        ]
        values: dict[str, Any] = dict.fromkeys(unnamed, "1.2.3.4")
        image = make_image(**values)
        image.ContextGroupExtensionCreatorUID = image.CodingSchemeUID = "1.2.3.4"
        for document in ({"uids": "regenerate"}, {"anonymize": True}):
            result = changed(image, **document)
            assert {str(result[keyword].value) for keyword in unnamed} == {Pseudonyms(KEY).uid("1.2.3.4")}
            assert result.CodingSchemeUID == result.ContextGroupExtensionCreatorUID == "1.2.3.4"
        kept = changed(image, anonymize={"retain_uids": True})
        assert {str(kept[keyword].value) for keyword in unnamed} == {"1.2.3.4"}

    def test_a_class_of_a_vendor_stays(self) -> None:
        image = make_image(SOPClassUID="1.3.12.2.1107.5.9.1")
        assert changed(image, anonymize=True).SOPClassUID == "1.3.12.2.1107.5.9.1"

    def test_devices_stay_the_same_where_only_uids_are_regenerated(self) -> None:
        image = make_image(DeviceUID="1.2.3.4")
        assert changed(image, uids="regenerate").DeviceUID == "1.2.3.4"
        assert changed(image, anonymize=True).DeviceUID.startswith("2.25.")


class TestDates:
    def test_all_of_a_patient_go_back_by_the_same_days(self) -> None:
        first = make_image(PatientID="P", StudyDate="20240301", AcquisitionDateTime="20240302101112.5+0100")
        second = make_image(PatientID="P", StudyDate="2024.03.11")
        left, right = (changed(one, date_shift=365) for one in (first, second))
        days = Pseudonyms(KEY).days("P", 365)
        assert 1 <= days <= 365
        assert left.AcquisitionDateTime.endswith("101112.5+0100")
        assert int(left.AcquisitionDateTime[:8]) - int(left.StudyDate) == 1 or left.StudyDate[6:] > "27"
        assert right.StudyDate.count(".") == 2

    def test_a_profile_shifts_what_the_option_is_for_and_drops_the_birth_date(self) -> None:
        image = make_image(PatientID="P", StudyDate="20240301", StudyTime="101112")
        result = changed(image, anonymize=True, date_shift=10)
        assert "20240220" <= result.StudyDate < "20240301"
        assert result.StudyTime == "101112"
        assert result.PatientBirthDate == ""
        assert result.LongitudinalTemporalInformationModified == "MODIFIED"
        assert "113107" in {str(one.CodeValue) for one in result.DeidentificationMethodCodeSequence}


class TestNothingElse:
    @pytest.mark.parametrize(
        "name", ["CT_small.dcm", "MR_small_bigendian.dcm", "test-SR.dcm", "waveform_ecg.dcm", "rtplan.dcm"]
    )
    def test_every_other_tag_of_real_images_stays_as_it_is(self, name: str) -> None:
        images = dict(pydicom_images())
        image = images[name]
        result = changed(image, replace={"PatientID": "X"}, remove_private=True)
        told = {
            line
            for line in differences(image, result)
            if "(0010,0020)" not in line and not int(line[1:5], 16) % 2
        }
        assert told == set()

    @settings(deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(["PatientID", "StudyDescription", "SeriesDescription", "PatientComments"]),
            st.text(_LETTERS, max_size=60),
            max_size=3,
        )
    )
    def test_a_replaced_text_is_read_as_written_and_the_rest_as_before(self, texts: dict[str, str]) -> None:
        image = make_image()
        result = changed(image, replace=texts)
        for keyword, text in texts.items():
            assert (result[keyword].value or "").rstrip(" ") == text.rstrip(" ")
        others = [keyword for keyword in image.dir() if keyword not in texts]
        assert all(result[keyword] == image[keyword] for keyword in others)

    @pytest.mark.parametrize(
        "document",
        [
            {"anonymize": True},
            {"uids": "regenerate", "date_shift": 99},
            {"redact": [{"rectangles": [[0, 0, 1, 1]]}]},
        ],
        ids=["anonymize", "uids and dates", "redact"],
    )
    def test_the_same_image_gives_the_same_result_each_time(self, document: dict[str, Any]) -> None:
        file = file_bytes(make_image())
        assert transformer(**document)(file) == transformer(**document)(file)


class TestPseudonyms:
    def test_they_depend_on_the_key_and_the_identifier_alone(self) -> None:
        pseudonyms = Pseudonyms(KEY)
        assert pseudonyms.pseudonym("4711") == Pseudonyms(KEY).pseudonym(" 4711 ")
        assert pseudonyms.pseudonym("4711") != pseudonyms.pseudonym("4712")
        assert pseudonyms.pseudonym("4711") != Pseudonyms(bytes(32)).pseudonym("4711")
        assert pseudonyms.pseudonym("") == ""

    @settings(deadline=None)
    @given(st.text(st.characters(codec="ascii"), min_size=1, max_size=64))
    def test_uids_are_uids(self, source: str) -> None:
        uid = Pseudonyms(KEY).uid(source)
        assert len(uid) <= 64
        assert uid.startswith("2.25.") or source.startswith("1.2.840.10008.")


class TestTransferSyntax:
    @pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless])
    def test_nothing_is_lost(self, syntax: str) -> None:
        image = make_image(size=2048)
        compressed = changed(image, transfer_syntax=str(syntax))
        assert compressed.file_meta.TransferSyntaxUID == syntax
        assert compressed.SOPInstanceUID == image.SOPInstanceUID
        back = changed(compressed, transfer_syntax="1.2.840.10008.1.2.1")
        assert back.PixelData == image.PixelData

    @pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
    def test_what_is_not_compressed_keeps_all_its_tags(self, syntax: str) -> None:
        image = make_image(size=2048)
        result = changed(image, transfer_syntax=str(syntax))
        assert result.file_meta.TransferSyntaxUID == syntax
        assert differences(image, result) == []

    def test_what_has_no_pixels_stays_as_it_is(self) -> None:
        report = make_image("SR")
        assert differences(report, changed(report, transfer_syntax=str(RLELossless))) == []


class TestRefused:
    @pytest.mark.parametrize(
        ("document", "path", "message"),
        [
            ({"replace": {"PatientsName": "x"}}, "replace.PatientsName", "did you mean PatientName"),
            ({"replace": {"PatientID": "{{ Patient }}"}}, "replace.PatientID", "not in the DICOM dictionary"),
            ({"replace": {"StudyDate": "yesterday"}}, "replace.StudyDate", "VR DA"),
            ({"replace": {"Rows": "many"}}, "replace.Rows", "number"),
            ({"replace": {"PixelData": "x"}}, "replace.PixelData", "holds no text"),
            ({"replace": {"PatientID": "A\\B"}}, "replace.PatientID", "2 values, and the tag takes 1"),
            ({"replace": {"PatientID": ["A", "B"]}}, "replace.PatientID", "2 values, and the tag takes 1"),
            ({"replace": {"ImageType": "A"}}, "replace.ImageType", "1 value, and the tag takes 2-n"),
            ({"replace": {"PixelSpacing": [1]}}, "replace.PixelSpacing", "1 value, and the tag takes 2"),
            ({"insert": {"Rows": [1, 2]}}, "insert.Rows", "2 values, and the tag takes 1"),
            ({"replace": {"StudyDate": "20230229"}}, "replace.StudyDate", "no date that exists"),
            ({"replace": {"StudyDate": "20230101-20230201"}}, "replace.StudyDate", "no date that exists"),
            (
                {"replace": {"AcquisitionDateTime": "20230230101010"}},
                "replace.AcquisitionDateTime",
                "no date that exists",
            ),
            ({"replace": {"PatientID": "A\nB"}}, "replace.PatientID", "control characters"),
            ({"replace": {"PatientName": "A\tB"}}, "replace.PatientName", "control characters"),
            ({"insert": {"PatientComments": "A\x00B"}}, "insert.PatientComments", "control characters"),
            ({"replace": {"SeriesNumber": "99999999999"}}, "replace.SeriesNumber", "tag can hold"),
            (
                {"replace": {"RequestAttributesSequence": "x"}},
                "replace.RequestAttributesSequence",
                "sequence",
            ),
            ({"insert": {"@RemoteAET": "x"}}, "insert.@RemoteAET", "no part of an image"),
            ({"remove": ["PatientID", "0002,0010"]}, "remove[1]", "belongs to the file"),
            ({"remove": ["SOPInstanceUID"]}, "remove[0]", "cannot be without"),
            ({"replace": {"StudyInstanceUID": ""}}, "replace.StudyInstanceUID", "cannot be without"),
            ({"replace": {"SpecificCharacterSet": "x"}}, "replace.SpecificCharacterSet", "follows"),
            (
                {"redact": [{"when": {"@RemoteAET": "CT1"}, "rectangles": [[0, 0, 1, 1]]}]},
                "redact[0].when.@RemoteAET",
                "no part of an image",
            ),
            (
                {
                    "redact": [
                        {
                            "rule": {"all": [{"tag": "Modality", "operator": "is"}]},
                            "rectangles": [[0, 0, 1, 1]],
                        }
                    ]
                },
                "redact[0].rule.all[0].operator",
                "is",
            ),
            (
                {"redact": [{"when": {"StudyDate": "today"}, "rectangles": [[0, 0, 1, 1]]}]},
                "redact[0].when",
                "differs from day to day",
            ),
            (
                {
                    "redact": [
                        {
                            "rule": {"tag": "StudyDate", "operator": "greater_than", "value": "today-7d"},
                            "outside_regions": True,
                        }
                    ]
                },
                "redact[0].rule",
                "differs from day to day",
            ),
            (
                {
                    "redact": [
                        {
                            "rule": {"tag": "@RemoteAET", "operator": "exists"},
                            "outside_regions": True,
                        }
                    ]
                },
                "redact[0].rule",
                "no part of an image",
            ),
            ({"redact": [{"when": {"Row": 1}, "rectangles": [[0, 0, 1, 1]]}]}, "redact[0].when.Row", "Row"),
            (
                {"anonymize": {"retain_private": ["PatientID"]}},
                "anonymize.retain_private[0]",
                "not a private tag",
            ),
        ],
    )
    def test_what_cannot_work_is_told_with_its_place(
        self, document: dict[str, Any], path: str, message: str
    ) -> None:
        with pytest.raises(TransformError) as refused:
            transformer(**document)
        [(at, told)] = refused.value.problems
        assert at == path
        assert message in told

    def test_what_is_no_dicom_is_refused(self) -> None:
        with pytest.raises(Untransformable):
            transformer(anonymize=True)(b"no DICOM")
