# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of an instance: a data set, a document, or what Orthanc's database tells."""

from typing import Any

import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from router.rules import Reading, RuleError, compile_rule
from unit.rules.rule_samples import MOMENT, condition, explained_condition

LITTLE_ENDIAN_EXPLICIT = (False, True)


def stored(tag: int, vr: str | None, value: bytes, **other: Any) -> Dataset:
    """A data set as it comes from a file, with one element as it stands there."""
    dataset = Dataset()
    for keyword, content in other.items():
        setattr(dataset, keyword, content)
    dataset[BaseTag(tag)] = RawDataElement(BaseTag(tag), vr, len(value), value, 0, *LITTLE_ENDIAN_EXPLICIT)
    return dataset


def actual(dataset: Dataset, tag: str) -> Any:
    operator = "exists"
    return explained_condition(condition(tag, operator), Reading.of_dataset(dataset, {}))["actual"]


@pytest.mark.parametrize(
    ("tag", "number", "vr", "value", "read"),
    [
        ("Modality", 0x00080060, "CS", b"CT", ["CT"]),
        ("Modality", 0x00080060, None, b"CT", ["CT"]),
        ("Modality", 0x00080060, "UN", b"CT", ["CT"]),
        ("ImageType", 0x00080008, "CS", b"ORIGINAL\\ PRIMARY \\\\AXIAL ", ["ORIGINAL", "PRIMARY", "AXIAL"]),
        ("Rows", 0x00280010, "US", b"\x00\x02", [512]),
        ("Rows", 0x00280010, "US", b"\x00\x02\x01", ["3 bytes, which is no whole number of values"]),
        ("SelectorSVValue", 0x00720082, "SV", b"\xff" * 8, [-1]),
        ("SelectorFDValue", 0x00720074, "FD", b"\x00" * 6 + b"\xf0\x3f", [1.0]),
        ("FrameIncrementPointer", 0x00280009, "AT", b"\x18\x00\x63\x10", ["0018,1063"]),
        ("SliceThickness", 0x00180050, "DS", b"1.5\\x ", ["1.5", "x"]),
        ("PatientID", 0x00100020, "LO", b"\x00\x00", []),
        ("PixelData", 0x7FE00010, "OW", b"\x00" * 8, ["8 bytes"]),
        ('0029,"ACME",01', 0x00291001, "UN", b"PHANTOM ", ["PHANTOM"]),
        ('0029,"ACME",01', 0x00291001, "UN", b"\x01\x02\x03\x04", ["4 bytes"]),
        ('0029,"ACME",01', 0x00291001, "DS", b"1.5 ", ["1.5"]),
        ('0029,"ACME",01', 0x00291001, "US", b"\x05\x00", [5]),
    ],
)
def test_an_element_as_it_is_stored(
    tag: str, number: int, vr: str | None, value: bytes, read: list[Any]
) -> None:
    dataset = stored(number, vr, value)
    dataset.add_new(0x00290010, "LO", "ACME")
    assert actual(dataset, tag) == read


def test_pixels_that_are_signed_make_the_ambiguous_tags_signed() -> None:
    signed = stored(0x00280106, "US or SS", b"\xff\xff", PixelRepresentation=1)
    unsigned = stored(0x00280106, "US or SS", b"\xff\xff", PixelRepresentation=0)
    assert actual(signed, "SmallestImagePixelValue") == [-1]
    assert actual(unsigned, "SmallestImagePixelValue") == [65535]


@pytest.mark.parametrize(
    ("character_set", "value", "name"),
    [
        ("", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        ("ISO_IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        ("ISO-IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        ("ISO_IR 192", "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東"),
        ("GB18030", "Wang^XiaoDong=王^小东".encode("gb18030"), "Wang^XiaoDong=王^小东"),
        ("ISO_IR 144", "Люкceмбypг".encode("iso8859_5"), "Люкceмбypг"),
        (
            "\\ISO 2022 IR 87",
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
        ),
        (
            "\\ISO 2022 IR 149",
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
            "Hong^Gildong=洪^吉洞=홍^길동",
        ),
        (
            "\\ISO 2022 IR 58",
            b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=",
            "Zhang^XiaoDong=张^小东",
        ),
        # As devices misspell them.
        ("ISO_IR192", "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東"),
        ("UTF-8", "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東"),
        ("GB2312", "Zhang^XiaoDong=张^小东".encode("gb2312"), "Zhang^XiaoDong=张^小东"),
        ("ISO_IR 58", "Zhang^XiaoDong=张^小东".encode("gb2312"), "Zhang^XiaoDong=张^小东"),
        ("ISO_IR 149", "Hong^Gildong=洪^吉洞".encode("euc_kr"), "Hong^Gildong=洪^吉洞"),
        ("ISO 8859-1", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        ("ISO_IR 203", "Žižek^Cœur=€".encode("iso8859_15"), "Žižek^Cœur=€"),
        ("ISO 8859-99", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        ("NONSENSE 1", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
    ],
)
def test_names_in_every_kind_of_character_set(character_set: str, value: bytes, name: str) -> None:
    dataset = stored(0x00100010, "PN", value)
    if character_set:
        dataset[BaseTag(0x00080005)] = stored(0x00080005, "CS", character_set.encode()).get_item(0x00080005)
    shown = actual(dataset, "PatientName")[0]
    assert shown.rstrip("=") == name
    assert condition("PatientName", "equals", name).evaluate(Reading.of_dataset(dataset, {}), MOMENT) is True


def test_an_item_has_the_character_set_of_its_data_set_unless_it_names_its_own() -> None:
    inheriting = stored(0x00080104, "LO", "Schädel".encode())
    own = stored(0x00080104, "LO", "Schädel".encode("latin-1"))
    own[BaseTag(0x00080005)] = stored(0x00080005, "CS", b"ISO_IR 100").get_item(0x00080005)
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.ProcedureCodeSequence = [inheriting, own]
    assert actual(dataset, "ProcedureCodeSequence.CodeMeaning") == ["Schädel", "Schädel"]


def test_a_private_tag_is_found_in_whichever_block_its_creator_has() -> None:
    dataset = Dataset()
    dataset.add_new(0x00290010, "LO", "OTHER")
    dataset.add_new(0x00291001, "LO", "not this")
    dataset.add_new(0x00290042, "LO", "ACME ")
    dataset.add_new(0x00294201, "LO", "this")
    assert actual(dataset, '0029,"ACME",01') == ["this"]
    assert actual(dataset, '0029,"NOBODY",01') == []


def test_pixel_data_that_is_left_on_disk_is_present() -> None:
    dataset = Dataset()
    tag = BaseTag(0x7FE00010)
    dataset[tag] = RawDataElement(tag, "OW", 512, None, 0, *LITTLE_ENDIAN_EXPLICIT)
    assert actual(dataset, "PixelData") == ["512 bytes"]


def test_values_that_a_program_has_set() -> None:
    dataset = Dataset()
    dataset.PatientName = "Müller^Hans"
    dataset.SliceThickness = "1.50"
    dataset.PixelSpacing = [0.5, 0.5]
    dataset.Rows = 512
    dataset.FrameIncrementPointer = 0x00181063
    dataset.PatientID = None
    dataset.ProcedureCodeSequence = [Dataset()]
    assert actual(dataset, "PatientName") == ["Müller^Hans"]
    assert actual(dataset, "SliceThickness") == ["1.50"]
    assert actual(dataset, "PixelSpacing") == ["0.5", "0.5"]
    assert actual(dataset, "Rows") == [512]
    assert actual(dataset, "FrameIncrementPointer") == ["0018,1063"]
    assert actual(dataset, "PatientID") == []
    assert actual(dataset, "ProcedureCodeSequence") == ["1 item"]


class TestWhatTheDatabaseTells:
    KNOWN = frozenset({"Modality", "PatientName", "StudyDate", "StudyTime", "SliceThickness", "ImageType"})

    @pytest.mark.parametrize(
        ("tag", "operator", "value", "values", "verdict"),
        [
            ("Modality", "equals", "CT", {"Modality": "CT"}, True),
            ("Modality", "equals", "CT", {}, False),
            ("Modality", "not_equals", "CT", {}, True),
            ("0008,0060", "equals", "CT", {"Modality": "CT"}, True),
            ("ImageType", "equals", "AXIAL", {"ImageType": "ORIGINAL\\AXIAL"}, True),
            ("SliceThickness", "less_than", 2, {"SliceThickness": "1.5"}, True),
            # Told all the same (by `ExtraMainDicomTags`), or not to be had from it.
            ("Rows", "equals", 512, {"Rows": "512"}, True),
            ("Rows", "missing", None, {}, None),
            ("RequestAttributesSequence.ScheduledProcedureStepID", "exists", None, {}, None),
            ('0029,"ACME",01', "exists", None, {}, None),
            # Character sets are the file's affair.
            ("PatientName", "equals", "Doe^Jane", {"PatientName": "Doe^Jane"}, True),
            ("PatientName", "equals", "Müller", {"PatientName": "Müller"}, None),
            ("PatientName", "not_equals", "Müller", {"PatientName": "\x1b$B;3ED\x1b(B"}, None),
            # A moment depends on the image's zone, which is not known here.
            ("StudyDate", "equals", "today", {"StudyDate": "20240517"}, True),
            ("StudyDate", "less_than", "now", {"StudyDate": "20240101", "StudyTime": "12"}, None),
            ("StudyDate", "less_than", "now", {}, False),
        ],
    )
    def test_a_condition(
        self, tag: str, operator: str, value: object, values: dict[str, str], verdict: bool | None
    ) -> None:
        reading = Reading.of_index(values, self.KNOWN, {})
        assert condition(tag, operator, value).evaluate(reading, MOMENT) is verdict

    @pytest.mark.parametrize(
        ("rule", "verdict"),
        [
            ({"all": ["yes", "unknown"]}, None),
            ({"all": ["no", "unknown"]}, False),
            ({"all": ["unknown", "no"]}, False),
            ({"any": ["yes", "unknown"]}, True),
            ({"any": ["unknown", "yes"]}, True),
            ({"any": ["no", "unknown"]}, None),
            ({"not": "unknown"}, None),
        ],
    )
    def test_groups_settle_what_they_can(self, rule: dict[str, Any], verdict: bool | None) -> None:
        words = {
            "yes": {"tag": "Modality", "operator": "exists"},
            "no": {"tag": "Modality", "operator": "missing"},
            "unknown": {"tag": "Rows", "operator": "exists"},
        }
        spelt = {
            group: [words[node] for node in nodes] if isinstance(nodes, list) else words[nodes]
            for group, nodes in rule.items()
        }
        assert (
            compile_rule(spelt).evaluate(Reading.of_index({"Modality": "CT"}, self.KNOWN, {}), MOMENT)
            is verdict
        )

    def test_facts_are_known(self) -> None:
        reading = Reading.of_index({}, (), {"@RemoteAET": "CT1"})
        assert condition("@RemoteAET", "equals", "CT1").evaluate(reading, MOMENT) is True
        assert condition("@CalledAET", "exists").evaluate(reading, MOMENT) is False


def test_a_rule_tells_which_tags_it_asks_for() -> None:
    rule = compile_rule(
        {
            "any": [
                {"tag": "0008,0060", "operator": "equals", "value": "CT"},
                {"tag": "RequestAttributesSequence[0].0040,0009", "operator": "exists"},
                {"tag": '0029,"ACME",1', "operator": "exists"},
                {"tag": "@RemoteAET", "operator": "exists"},
                {"tag": "StudyDate", "operator": "less_than", "value": "now-2h"},
            ]
        }
    )
    assert rule.tags == {
        "Modality",
        "RequestAttributesSequence[0].ScheduledProcedureStepID",
        '0029,"ACME",01',
        "@RemoteAET",
        "StudyDate",
        "StudyTime",
        "TimezoneOffsetFromUTC",
    }


@pytest.mark.parametrize(
    ("tags", "path", "words"),
    [
        ({"StudyDescripton": "x"}, "tags.StudyDescripton", "did you mean StudyDescription"),
        ({"Modality": True}, "tags.Modality", "must be a text, a number"),
        ({"Modality": {"a": 1}}, "tags.Modality", "must be a text, a number"),
        ({"Modality": [["CT"]]}, "tags.Modality", "must be a text, a number"),
        ({"Modality": "CT", "0008,0060": "MR"}, "tags.0008,0060", "is given twice"),
        ({"ContentSequence": "x"}, "tags.ContentSequence", "must be a list of objects"),
        ({"ContentSequence": [{}, "x"]}, "tags.ContentSequence", "must be a list of objects"),
        (
            {"ContentSequence": [{}, {"Foo": 1}]},
            "tags.ContentSequence[1].Foo",
            "is not in the DICOM dictionary",
        ),
        ({"ContentSequence.CodeValue": "x"}, "tags.ContentSequence.CodeValue", "must be one tag"),
        (
            {"ContentSequence": [{"@RemoteAET": "x"}]},
            "tags.ContentSequence[0].@RemoteAET",
            "inside a sequence",
        ),
        ({"@RemoteAET": ["x"]}, "tags.@RemoteAET", "must be a text or a whole number"),
        ({"ImageType": ["x"] * 10_001}, "tags.ImageType", "more than 10000 values"),
    ],
)
def test_given_tags_that_are_refused(tags: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(RuleError) as refused:
        Reading.of_document(tags)
    (problem,) = refused.value.problems
    assert problem.path == path
    assert words in problem.message


@pytest.mark.parametrize(
    ("tag", "operator", "value", "matches"),
    [
        ("PatientName", "contains", "Jérôme", True),
        ("PatientID", "equals", "A1", True),
        ("StudyDescription", "missing", None, True),
        ("RequestAttributesSequence.ScheduledProcedureStepID", "exists", None, False),
        ('0029,"SIEMENS CSA HEADER",10', "exists", None, False),
    ],
)
def test_nothing_is_untold_of_an_image_whose_file_cannot_be_read(
    tag: str, operator: str, value: str | None, matches: bool
) -> None:
    """A rule has to come to a verdict: no other image could be planned before."""
    asked = {"tag": tag, "operator": operator} | ({} if value is None else {"value": value})
    rule = compile_rule({"all": [asked]}, "instance")
    reading = Reading.of_index_alone({"PatientName": "Buc^Jérôme", "PatientID": "A1"}, {})
    assert rule.evaluate(reading, MOMENT) is matches
