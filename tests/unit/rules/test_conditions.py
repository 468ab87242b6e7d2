# SPDX-License-Identifier: GPL-3.0-or-later
"""What conditions mean, as a table: a tag, an operator, a value; the tag's value in an image; the verdict."""

from typing import Any

import pytest

from router.rules import compile_rule
from unit.rules.rule_samples import condition, matches

NUMBERS: list[tuple[Any, ...]] = [
    # Numbers are compared as numbers, however they are written.
    ("SliceThickness", "equals", "1.5", "1.50", True),
    ("SliceThickness", "equals", 1.5, "+1.5E0", True),
    ("SliceThickness", "equals", 1.5, "1.51", False),
    ("SliceThickness", "in", [1, 1.5], "1.50", True),
    ("SliceThickness", "less_than", 2, "1.5", True),
    ("SliceThickness", "less_than", 1.5, "1.5", False),
    ("SliceThickness", "less_or_equal", 1.5, "1.5", True),
    ("SliceThickness", "greater_than", 1.5, "1.5", False),
    ("SliceThickness", "greater_or_equal", 1.5, "1.5", True),
    ("SliceThickness", "between", [1, 2], "2", True),
    ("SliceThickness", "between", [1, 2], "2.001", False),
    ("SeriesNumber", "equals", "007", "7", True),
    ("SeriesNumber", "equals", "7.0", "7", True),
    ("Rows", "equals", 512, 512, True),
    ("Rows", "less_than", 512.5, 512, True),
    # 64 bits are compared exactly.
    ("SelectorUVValue", "equals", 2**63 + 1, 2**63 + 1, True),
    ("SelectorUVValue", "equals", 2**63 + 1, 2**63 + 2, False),
    # An FL holds the single-precision number nearest to 0.1.
    ("RecommendedDisplayFrameRateInFloat", "equals", 0.1, 0.1, True),
    ("ExaminedBodyThickness", "equals", 0.1, 0.10000000149011612, True),
    ("EventTimeOffset", "equals", "0.1", 0.1, True),
    # A letter in a number makes it incomparable: no positive operator holds, every negative one does.
    ("SliceThickness", "equals", 1.5, "1,5", False),
    ("SliceThickness", "less_than", 2, "1,5", False),
    ("SliceThickness", "not_equals", 1.5, "1,5", True),
    ("SliceThickness", "exists", None, "1,5", True),
]

AGES: list[tuple[Any, ...]] = [
    ("PatientAge", "less_than", "230M", "018Y", True),
    ("PatientAge", "less_than", "18Y", "017Y", True),
    ("PatientAge", "less_than", "18Y", "018Y", False),
    ("PatientAge", "less_than", 18, "215M", True),
    ("PatientAge", "less_than", "18", "012D", True),
    ("PatientAge", "equals", "12M", "001Y", True),
    ("PatientAge", "equals", "14D", "002W", True),
    ("PatientAge", "between", ["3W", "1Y"], "011M", True),
    ("PatientAge", "greater_than", 18, "18Y", False),
    ("PatientAge", "greater_than", 17.5, "18Y", True),
    ("PatientAge", "less_than", 18, "12", False),
]

TEXTS: list[tuple[Any, ...]] = [
    # Padding and case are of no importance.
    ("Modality", "equals", "ct", "CT ", True),
    ("Modality", "equals", " CT ", "CT", True),
    ("Modality", "not_equals", "CT", "MR", True),
    ("Modality", "in", ["CT", "MR"], "mr", True),
    ("Modality", "not_in", ["CT", "MR"], "US", True),
    ("StudyDescription", "contains", "chest", "CT CHEST native", True),
    ("StudyDescription", "not_contains", "chest", "CT CHEST native", False),
    ("StudyDescription", "starts_with", "ct", "CT CHEST", True),
    ("StudyDescription", "starts_with", "chest", "CT CHEST", False),
    ("StudyDescription", "ends_with", "chest", "CT CHEST ", True),
    ("StudyDescription", "ends_with", "ct", "CT CHEST", False),
    ("StudyDescription", "contains", "straße", "STRASSE", True),
    ("StudyDescription", "equals", "Schädel", "Scha\N{COMBINING DIAERESIS}del", True),
    # A number is a text where the tag holds text.
    ("AccessionNumber", "equals", 12345, "12345", True),
    ("AccessionNumber", "equals", 12345, "012345", False),
    # Leading spaces mean something in LT, ST, UT, UC, UR (PS3.5, table 6.2-1).
    ("PatientComments", "equals", "note", "  note", False),
    ("PatientID", "equals", "note", "  note", True),
    # A backslash is a letter in a text that cannot have several values.
    ("PatientComments", "equals", "C:\\data", "C:\\data", True),
    # Regular expressions are found anywhere.
    ("StudyDescription", "matches", "^CT (chest|thorax)", "CT Thorax native", True),
    ("StudyDescription", "matches", "thorax$", "CT Thorax native", False),
    ("StudyDescription", "not_matches", "(?i)mr", "CT Thorax", True),
    ("StudyDescription", "matches", "sch.del", "Schädel", True),
    # UIDs, AE titles, IP addresses.
    ("SOPClassUID", "equals", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2\0", True),
    ("SOPClassUID", "equals", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1", False),
    ("SOPClassUID", "starts_with", "1.2.840.10008.", "1.2.840.10008.5.1.4.1.1.2", True),
    ("RetrieveAETitle", "equals", "PACS", " PACS ", True),
    ("RetrieveURL", "starts_with", "https://", "HTTPS://pacs/", True),
    # Tags as values.
    ("FrameIncrementPointer", "equals", "FrameTime", "0018,1063", True),
    ("FrameIncrementPointer", "equals", "(0018,1063)", "00181063", True),
    ("FrameIncrementPointer", "in", ["FrameTimeVector", "FrameTime"], "0018,1065", True),
    ("FrameIncrementPointer", "equals", "0018,1063", "nonsense", False),
]

NAMES: list[tuple[Any, ...]] = [
    ("PatientName", "equals", "doe^jane", "Doe^Jane^^", True),
    ("PatientName", "equals", "Doe^Jane^^^", "DOE^JANE", True),
    ("PatientName", "equals", "Doe^Jane", "Doe^Jane^Mary", False),
    ("PatientName", "starts_with", "doe", "Doe^Jane", True),
    ("PatientName", "ends_with", "jane", "Doe^Jane^^", True),
    ("PatientName", "matches", "^doe\\^j", "Doe^Jane", True),
    # Any of the component groups (alphabetic, ideographic, phonetic) may be the one that is meant ...
    ("PatientName", "equals", "Yamada^Tarou", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
    ("PatientName", "equals", "山田^太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
    ("PatientName", "contains", "たろう", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
    ("PatientName", "in", ["A", "山田^太郎"], "Yamada^Tarou=山田^太郎", True),
    # ... unless the place is given too.
    ("PatientName", "equals", "=山田^太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
    ("PatientName", "equals", "==山田^太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", False),
    ("PatientName", "equals", "Yamada^Tarou=山田^太郎", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
    ("PatientName", "equals", "Yamada^Tarou=山田^二郎", "Yamada^Tarou=山田^太郎", False),
    # Carets alone are no name.
    ("PatientName", "exists", None, "^^", False),
]

DATES: list[tuple[Any, ...]] = [
    ("StudyDate", "equals", "20240517", "20240517", True),
    ("StudyDate", "equals", "2024-05-17", "20240517", True),
    ("StudyDate", "equals", 20240517, "2024.05.17", True),
    # A partial date is the whole month or year.
    ("StudyDate", "equals", "2024", "20240517", True),
    ("StudyDate", "equals", "2024-05", "20240601", False),
    ("StudyDate", "less_than", "2024-05", "20240430", True),
    ("StudyDate", "less_than", "2024-05", "20240501", False),
    ("StudyDate", "less_or_equal", "2024-05", "20240531", True),
    ("StudyDate", "greater_than", "2024-05", "20240531", False),
    ("StudyDate", "greater_than", "2024-05", "20240601", True),
    ("StudyDate", "greater_or_equal", "2024-05", "20240501", True),
    ("StudyDate", "between", ["2024-01", "2024-03"], "20240331", True),
    ("StudyDate", "between", ["2024-01", "2024-03"], "20240401", False),
    # An image's own date may be partial too; then it must lie within what is asked as a whole.
    ("StudyDate", "equals", "2024", "202405", True),
    ("StudyDate", "equals", "2024-05-17", "202405", False),
    ("StudyDate", "less_than", "2024-05", "2024", False),
    ("StudyDate", "less_or_equal", "2024-05", "2024", False),
    ("StudyDate", "greater_than", "2024-05", "2024", False),
    ("StudyDate", "greater_or_equal", "2024-05", "2024", False),
    ("StudyDate", "less_or_equal", "2024-12", "2024", True),
    ("StudyDate", "greater_or_equal", "2024-01", "2024", True),
    # Ranges.
    ("StudyDate", "equals", "20240101-20240331", "20240229", True),
    ("StudyDate", "equals", "2024-01/2024-03", "20240331", True),
    ("StudyDate", "equals", "-20231231", "20240101", False),
    ("StudyDate", "equals", "20240101-", "20240517", True),
    ("StudyDate", "in", ["2020", "2024"], "20240517", True),
    # Words, counted from the moment of evaluation: Friday 17 May 2024, 14:00 in Berlin.
    ("StudyDate", "equals", "today", "20240517", True),
    ("StudyDate", "greater_or_equal", "today-7d", "20240510", True),
    ("StudyDate", "greater_or_equal", "today-7d", "20240509", False),
    ("StudyDate", "less_than", "today - 1y", "20230516", True),
    ("StudyDate", "equals", "today-3mo", "20240217", True),
    ("StudyDate", "equals", "today+2w", "20240531", True),
    ("StudyDate", "between", ["today-1mo", "today"], "20240417", True),
    # What is no day of the calendar cannot be compared.
    ("StudyDate", "less_than", "2100", "99991399", False),
    ("StudyDate", "equals", "2023", "20230229", False),
    ("StudyDate", "not_equals", "2023", "20230229", True),
]

TIMES: list[tuple[Any, ...]] = [
    ("StudyTime", "equals", "14:30", "143015", True),
    ("StudyTime", "equals", "14", "143015.123", True),
    ("StudyTime", "equals", "143015", "1430", False),
    ("StudyTime", "less_than", "08:00", "075959.999999", True),
    ("StudyTime", "greater_or_equal", "22", "220000", True),
    ("StudyTime", "between", ["08:00", "17"], "175959", True),
    ("StudyTime", "between", ["08:00", "17"], "180000", False),
    ("StudyTime", "equals", "0800-1200", "120030", True),
    ("StudyTime", "equals", "1000-1200", "1130", True),
    ("StudyTime", "equals", "08:00/12:00", "120130", False),
    ("StudyTime", "equals", "23:59:60", "235960", True),
    ("StudyTime", "greater_than", "12", "246000", False),
]

MOMENTS: list[tuple[Any, ...]] = [
    ("AcquisitionDateTime", "equals", "2024-05-17", "20240517143000.5", True),
    ("AcquisitionDateTime", "equals", "2024-05-17T14:30", "20240517143059", True),
    ("AcquisitionDateTime", "equals", "2024-05-17T12:30:00Z", "20240517143000+0200", True),
    ("AcquisitionDateTime", "equals", "2024-05-17T14:30:00", "20240517123000+0000", True),
    ("AcquisitionDateTime", "less_than", "2024", "2023", True),
    ("AcquisitionDateTime", "equals", "2024-05", "2024", False),
    ("AcquisitionDateTime", "less_than", "2025-02", "2024-0500", True),
    ("AcquisitionDateTime", "equals", "20240101-20240331", "20240331235959", True),
    ("AcquisitionDateTime", "equals", "2024-05-17T08:00/2024-05-17T12:00", "20240517113000", True),
    ("AcquisitionDateTime", "greater_than", "now-2h", "20240517121500", True),
    ("AcquisitionDateTime", "greater_than", "now-2h", "20240517115959", False),
    ("AcquisitionDateTime", "greater_than", "now-90min", "20240517104500+0000", True),
    ("AcquisitionDateTime", "equals", "today", "20240517000000", True),
    ("AcquisitionDateTime", "equals", "today", "20240516230000+0000", True),
    ("AcquisitionDateTime", "between", ["now-1d", "now"], "20240516150000", True),
    ("AcquisitionDateTime", "less_than", "2100", "20241317", False),
    ("AcquisitionDateTime", "less_than", "2100", "20240517143000+2500", False),
]

PRESENCE: list[tuple[Any, ...]] = [
    ("PatientID", "exists", None, "1", True),
    ("PatientID", "missing", None, "1", False),
    ("PatientID", "exists", None, "  ", False),
    ("PatientID", "missing", None, "", True),
    ("ImageType", "missing", None, "\\\\", True),
    ("PixelData", "exists", None, "bytes", True),
    ("RequestAttributesSequence", "exists", None, [{}], True),
    ("RequestAttributesSequence", "missing", None, [], True),
]

SEVERAL_VALUES: list[tuple[Any, ...]] = [
    # One value is enough for a positive operator; a negative one is its opposite.
    ("ImageType", "equals", "AXIAL", "ORIGINAL\\PRIMARY\\AXIAL", True),
    ("ImageType", "equals", "AXIAL", ["ORIGINAL", "PRIMARY", "AXIAL"], True),
    ("ImageType", "not_equals", "AXIAL", "ORIGINAL\\PRIMARY\\AXIAL", False),
    ("ImageType", "not_equals", "LOCALIZER", "ORIGINAL\\PRIMARY\\AXIAL", True),
    ("PixelSpacing", "less_than", 0.5, "0.4\\0.6", True),
    ("PixelSpacing", "less_than", 0.5, "x\\0.4", True),
    # A number in brackets picks one.
    ("ImageType[2]", "equals", "AXIAL", "ORIGINAL\\PRIMARY\\AXIAL", True),
    ("ImageType[0]", "equals", "AXIAL", "ORIGINAL\\PRIMARY\\AXIAL", False),
    ("ImageType[1]", "missing", None, "ORIGINAL\\\\AXIAL", True),
    ("ImageType[9]", "missing", None, "ORIGINAL", True),
]

ALL_TABLES = [NUMBERS, AGES, TEXTS, NAMES, DATES, TIMES, MOMENTS, PRESENCE, SEVERAL_VALUES]


@pytest.mark.parametrize(
    ("tag", "operator", "value", "actual", "verdict"), [row for rows in ALL_TABLES for row in rows]
)
def test_a_condition_upon_a_value(
    tag: str, operator: str, value: object, actual: object, verdict: bool
) -> None:
    assert matches(condition(tag, operator, value), {tag.split("[")[0]: actual}) is verdict


@pytest.mark.parametrize(
    ("operator", "value", "verdict"),
    [
        ("equals", "CT", False),
        ("contains", "CT", False),
        ("starts_with", "CT", False),
        ("ends_with", "CT", False),
        ("matches", "CT", False),
        ("in", ["CT"], False),
        ("exists", None, False),
        ("not_equals", "CT", True),
        ("not_contains", "CT", True),
        ("not_matches", "CT", True),
        ("not_in", ["CT"], True),
        ("missing", None, True),
    ],
)
def test_an_absent_tag_satisfies_no_positive_operator_and_every_negative_one(
    operator: str, value: object, verdict: bool
) -> None:
    assert matches(condition("StudyDescription", operator, value), {}) is verdict
    assert matches(condition("StudyDescription", operator, value), {"StudyDescription": ""}) is verdict


@pytest.mark.parametrize(
    ("operator", "value", "verdict"),
    [
        ("equals", "CT CHEST", True),
        ("equals", "ct chest", False),
        ("in", ["ct chest", "CT HEAD"], False),
        ("contains", "chest", False),
        ("contains", "CHEST", True),
        ("starts_with", "ct", False),
        ("ends_with", "chest", False),
        ("matches", "chest", False),
        ("not_equals", "ct chest", True),
    ],
)
def test_case_counts_where_it_is_asked_for(operator: str, value: object, verdict: bool) -> None:
    rule = condition("StudyDescription", operator, value, case_sensitive=True)
    assert matches(rule, {"StudyDescription": "CT CHEST"}) is verdict


ORDERED = {
    "RequestAttributesSequence": [
        {"ScheduledProcedureStepID": "A1", "ScheduledProtocolCodeSequence": [{"CodeValue": "HEAD"}]},
        {
            "ScheduledProcedureStepID": "B2",
            "ScheduledProtocolCodeSequence": [{"CodeValue": "X"}, {"CodeValue": "CHEST"}],
        },
    ]
}


@pytest.mark.parametrize(
    ("tag", "value", "verdict"),
    [
        ("RequestAttributesSequence.ScheduledProcedureStepID", "B2", True),
        ("0040,0275.0040,0009", "B2", True),
        ("RequestAttributesSequence[0].ScheduledProcedureStepID", "B2", False),
        ("RequestAttributesSequence[1].ScheduledProcedureStepID", "B2", True),
        ("RequestAttributesSequence[2].ScheduledProcedureStepID", "B2", False),
        ("RequestAttributesSequence.ScheduledProtocolCodeSequence.CodeValue", "CHEST", True),
        ("RequestAttributesSequence.ScheduledProtocolCodeSequence[0].CodeValue", "CHEST", False),
        ("RequestAttributesSequence.ScheduledProtocolCodeSequence[0].CodeValue", "HEAD", True),
        ("ProcedureCodeSequence.CodeValue", "CHEST", False),
    ],
)
def test_a_path_finds_any_item_and_an_index_picks_one(tag: str, value: str, verdict: bool) -> None:
    assert matches(condition(tag, "equals", value), ORDERED) is verdict


@pytest.mark.parametrize(
    ("value", "operator", "actual", "verdict"),
    [
        ("phantom", "equals", "PHANTOM", True),
        ("1.50", "equals", "1.5", True),
        (3, "greater_than", "3.5", True),
        (3, "greater_than", "x", False),
        ("tom", "contains", "PHANTOM", True),
    ],
)
def test_a_private_tag_of_an_unknown_creator_is_text_or_a_number(
    value: object, operator: str, actual: object, verdict: bool
) -> None:
    tag = '0029,"ACME 1.0",10'
    assert matches(condition(tag, operator, value), {tag: actual}) is verdict
    assert matches(condition(tag, operator, value), {'0029,"OTHER",10': actual}) is False


@pytest.mark.parametrize(
    ("tag", "operator", "value", "fact", "verdict"),
    [
        ("@RemoteAET", "equals", "ct1", "CT1", True),
        ("@CalledAET", "in", ["ROUTER", "ORTHANC"], "ROUTER", True),
        ("@RemoteIP", "starts_with", "10.0.", "10.0.0.7", True),
        ("@Origin", "equals", "DicomProtocol", "DicomProtocol", True),
        ("@Username", "missing", None, "", True),
        ("@TransferSyntax", "equals", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.70", True),
        ("@InstanceCount", "greater_than", 100, 250, True),
        ("@SeriesCount", "between", [2, 4], "3", True),
    ],
)
def test_facts_of_the_arrival(tag: str, operator: str, value: object, fact: str | int, verdict: bool) -> None:
    assert matches(condition(tag, operator, value), {tag: fact}) is verdict
    assert matches(condition(tag, operator, value), {}) is (operator == "missing")


@pytest.mark.parametrize(
    ("tags", "verdict"),
    [
        ({"StudyDate": "20240517", "StudyTime": "130000"}, True),
        ({"StudyDate": "20240517", "StudyTime": "110000"}, False),
        ({"StudyDate": "20240518"}, True),
        # Without a time of day the date stands for its whole day, which began before.
        ({"StudyDate": "20240517"}, False),
        ({"StudyTime": "130000"}, False),
        # The image was made in Tokyo, where it is 21:00 now.
        ({"StudyDate": "20240517", "StudyTime": "200000", "TimezoneOffsetFromUTC": "+0900"}, True),
        ({"StudyDate": "20240517", "StudyTime": "183000", "TimezoneOffsetFromUTC": "+0900"}, False),
    ],
)
def test_a_date_compared_with_now_takes_its_time_of_day_along(tags: dict[str, str], verdict: bool) -> None:
    assert matches(condition("StudyDate", "greater_than", "now-2h"), tags) is verdict
    assert matches(condition("StudyTime", "greater_than", "now-2h"), tags) is verdict


def test_the_zone_of_the_image_counts_for_moments_without_one() -> None:
    rule = condition("AcquisitionDateTime", "equals", "2024-05-17T12:30:00Z")
    assert matches(rule, {"AcquisitionDateTime": "20240517213000", "TimezoneOffsetFromUTC": "+0900"}) is True
    assert matches(rule, {"AcquisitionDateTime": "20240517143000"}) is True
    assert (
        matches(rule, {"AcquisitionDateTime": "20240517143000+0200", "TimezoneOffsetFromUTC": "+0900"})
        is True
    )


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ({"all": []}, True),
        ({"any": []}, False),
        ({"not": {"all": []}}, False),
        ({"not": {"any": []}}, True),
        ({"all": [{"any": []}]}, False),
        ({"all": [{"tag": "Modality", "operator": "equals", "value": "CT"}, {"all": []}]}, True),
        ({"any": [{"tag": "Modality", "operator": "equals", "value": "MR"}, {"all": []}]}, True),
        ({"not": {"not": {"tag": "Modality", "operator": "equals", "value": "CT"}}}, True),
    ],
)
def test_groups(rule: dict[str, Any], verdict: bool) -> None:
    assert matches(compile_rule(rule), {"Modality": "CT"}) is verdict


@pytest.mark.parametrize("nonsense", ["+2500", "0900", "Tokyo", "", "x\\+0900"])
def test_a_zone_that_makes_no_sense_is_left_aside(nonsense: str) -> None:
    rule = condition("AcquisitionDateTime", "equals", "2024-05-17")
    tags = {"AcquisitionDateTime": "20240517143000", "TimezoneOffsetFromUTC": nonsense}
    assert matches(rule, tags) is True
