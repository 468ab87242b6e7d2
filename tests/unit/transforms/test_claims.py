# SPDX-License-Identifier: GPL-3.0-or-later
"""What a de-identified image says of itself, and who it says that it is of."""

from typing import Any

import pytest
from pydicom.sequence import Sequence

from router.transforms import Pseudonyms, Untransformable, Withheld
from samples import file_bytes, make_image
from unit.transforms.transform_samples import KEY, changed, item, transformer


def codes(dataset: Any) -> list[str]:
    return [str(one.CodeValue) for one in dataset.get("DeidentificationMethodCodeSequence") or ()]


class TestIdentityRemoved:
    @pytest.mark.parametrize("keyword", ["BurnedInAnnotation", "RecognizableVisualFeatures"])
    def test_not_where_the_pixels_show_who_it_is(self, keyword: str) -> None:
        for value, claimed in (("YES", "NO"), ("NO", "YES")):
            image = make_image()
            setattr(image, keyword, value)
            result = changed(image, anonymize=True)
            assert result.PatientIdentityRemoved == claimed
            assert codes(result) == ["113100"]

    def test_it_is_where_what_was_burned_in_is_redacted(self) -> None:
        image = make_image(BurnedInAnnotation="YES")
        result = changed(image, anonymize=True, redact=[{"rectangles": [[0, 0, 4, 4]]}])
        assert (result.PatientIdentityRemoved, result.BurnedInAnnotation) == ("YES", "NO")

    @pytest.mark.parametrize("keep", ["PatientName", "PatientID", "AccessionNumber", "OtherPatientIDs[0]"])
    def test_not_where_what_identifies_is_kept(self, keep: str) -> None:
        image = make_image(AccessionNumber="A1", OtherPatientIDs=["A", "B"])
        result = changed(image, anonymize=True, keep=[keep])
        assert result.PatientIdentityRemoved == "NO"
        assert "113100" not in codes(result)
        assert result.DeidentificationMethod == f"Kept: {keep.removesuffix('[0]')}"

    def test_it_is_where_what_is_kept_has_no_value(self) -> None:
        assert changed(make_image(), anonymize=True, keep=["OtherPatientIDs"]).PatientIdentityRemoved == "YES"

    def test_it_is_where_the_kept_name_is_one_that_came_de_identified(self) -> None:
        image = make_image(PatientIdentityRemoved="YES", PatientName="K7JQ")
        result = changed(image, anonymize=True, keep=["PatientName"])
        assert (result.PatientIdentityRemoved, result.PatientName) == ("YES", "K7JQ")

    @pytest.mark.parametrize(
        ("tag", "template", "claimed"),
        [
            ("PatientName", "{{ PatientName }}", "NO"),
            ("PatientComments", "of {{ PatientName | name }}", "NO"),
            ("PatientID", "{{ pseudonym(PatientID) }}", "YES"),
            ("PatientID", "TRIAL-1", "YES"),
            ("PatientBirthDate", "{{ PatientBirthDate[0:4] }}0101", "YES"),
        ],
    )
    def test_not_where_a_template_puts_it_in_again(self, tag: str, template: str, claimed: str) -> None:
        image = make_image(PatientID="4711", PatientName="Doe^Jane", PatientBirthDate="19500317")
        assert changed(image, anonymize=True, replace={tag: template}).PatientIdentityRemoved == claimed

    def test_people_are_told_where_it_is_not(self) -> None:
        image = file_bytes(make_image(BurnedInAnnotation="YES"))
        [remark] = transformer(anonymize=True).change(image).remarks
        assert "identity is not removed" in remark
        assert transformer(anonymize=True).change(file_bytes(make_image())).remarks == ()

    def test_a_replacement_that_names_it_has_the_last_word(self) -> None:
        result = changed(make_image(), anonymize=True, replace={"PatientIdentityRemoved": "NO"})
        assert result.PatientIdentityRemoved == "NO"


class TestMethods:
    def test_kept_dates_are_said_to_be_unmodified(self) -> None:
        image = make_image(StudyDate="20240229")
        result = changed(image, anonymize=True, keep=["StudyDate"])
        assert result.LongitudinalTemporalInformationModified == "UNMODIFIED"
        assert codes(result) == ["113100", "113106"]
        assert result.DeidentificationMethod[-1] == "Kept: StudyDate"
        assert result.PatientIdentityRemoved == "YES"

    def test_what_was_kept_is_told_again_by_a_second_de_identification(self) -> None:
        once = changed(make_image(StudyDescription="CT"), anonymize=True, keep=["StudyDescription"])
        twice = changed(once, anonymize=True, keep=["StudyDescription"])
        assert twice.DeidentificationMethod == once.DeidentificationMethod


class TestBurnedIn:
    def test_it_is_refused_where_the_transform_says_so(self) -> None:
        image = make_image(BurnedInAnnotation="YES")
        with pytest.raises(Untransformable, match="burned-in annotation"):
            changed(image, anonymize=True, burned_in="refuse")
        with pytest.raises(Withheld, match="burned-in annotation"):
            changed(image, anonymize=True, burned_in="hold")
        assert changed(make_image(), anonymize=True, burned_in="refuse").PatientIdentityRemoved == "YES"

    @pytest.mark.parametrize(
        ("modality", "told", "is_held"),
        [
            ("US", None, True),
            ("OT", None, True),  # a secondary capture
            ("CT", None, False),
            ("US", "NO", False),
            ("CT", "YES", True),
        ],
    )
    def test_images_of_kinds_that_often_have_it_are_held_unless_they_say_no(
        self, modality: str, told: str | None, is_held: bool
    ) -> None:
        transform = transformer(anonymize=True, burned_in="hold")
        file = file_bytes(make_image(modality, BurnedInAnnotation=told))
        if not is_held:
            assert transform.change(file).remarks == ()
            return
        with pytest.raises(Withheld):
            transform.change(file)
        released = transform.change(file, is_released=True)
        assert "only if a person has released it" in released.remarks[0]

    def test_not_where_a_redaction_is_for_it(self) -> None:
        image = make_image(BurnedInAnnotation="YES")
        redact = [{"rectangles": [[0, 0, 4, 4]]}]
        assert changed(image, anonymize=True, burned_in="refuse", redact=redact).BurnedInAnnotation == "NO"


class TestPatients:
    @pytest.mark.parametrize("missing", [False, True])
    def test_without_an_identifier_it_is_another_one_in_each_study(self, missing: bool) -> None:
        images = [make_image(PatientID="", StudyInstanceUID=study) for study in ("1.2.3", "1.2.3", "1.2.4")]
        if missing:
            for image in images:
                del image.PatientID
        first, same, other = (changed(image, anonymize=True) for image in images)
        assert first.PatientID == same.PatientID == first.PatientName
        assert other.PatientID not in {first.PatientID, "ANONYMIZED", ""}

    def test_an_identifier_from_two_issuers_is_that_of_two(self) -> None:
        plain, one, other = (
            changed(make_image(PatientID="77", IssuerOfPatientID=issuer), anonymize=True).PatientID
            for issuer in ("", "A", " B")
        )
        assert len({plain, one, other}) == 3
        pseudonyms = Pseudonyms(KEY)
        assert plain == pseudonyms.pseudonym("77")
        assert other == pseudonyms.pseudonym(" 77", "B ")

    def test_an_issuer_may_be_named_by_an_identifier_alone(self) -> None:
        results = []
        for issuer in ("1.2.3", "1.2.4"):
            image = make_image(PatientID="77")
            image.IssuerOfPatientIDQualifiersSequence = Sequence([item(UniversalEntityID=issuer)])
            results.append(changed(image, anonymize=True).PatientID)
        assert results[0] != results[1]

    def test_a_template_can_name_the_issuer_too(self) -> None:
        image = make_image(PatientID="77", IssuerOfPatientID="A")
        result = changed(image, replace={"PatientID": "{{ pseudonym(PatientID, IssuerOfPatientID) }}"})
        assert result.PatientID == changed(image, anonymize=True).PatientID
