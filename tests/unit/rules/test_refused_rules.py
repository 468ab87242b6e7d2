# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused when a rule is saved: where, and in which words."""

from typing import Any

import pytest

from router.rules import Problem, RuleError, compile_rule, describe_tag


def problems(rule: Any, level: Any = "instance") -> list[Problem]:
    with pytest.raises(RuleError) as refused:
        compile_rule(rule, level)
    return refused.value.problems


def condition(tag: object = "Modality", operator: object = "equals", **more: object) -> dict[str, object]:
    return {"tag": tag, "operator": operator, **more}


@pytest.mark.parametrize(
    ("rule", "path", "words"),
    [
        # Shape.
        ([], "", "must be a group"),
        ("CT", "", "must be a group"),
        ({}, "tag", "is missing"),
        ({"all": {}}, "all", "must be a list"),
        ({"all": [None]}, "all[0]", "must be a group"),
        ({"not": []}, "not", "must be a group"),
        ({"all": [], "any": []}, "any", 'does not belong beside "all"'),
        ({"all": [], "description": "x"}, "description", 'does not belong beside "all"'),
        ({"not": condition(value="CT"), "tag": "Modality"}, "tag", 'does not belong beside "not"'),
        (condition(value="CT", case_sensitve=True), "case_sensitve", "did you mean case_sensitive?"),
        (condition(valu="CT"), "valu", "did you mean value?"),
        (condition(value="CT", case_sensitive="yes"), "case_sensitive", "must be true or false"),
        (condition(value="CT", description=5), "description", "must be a text"),
        # Tags.
        (condition("StudyDescripton", value="x"), "tag", "did you mean StudyDescription"),
        (condition("modality", value="CT"), "tag", "did you mean Modality"),
        (condition(5, value="CT"), "tag", "must be a text"),
        (condition("", value="CT"), "tag", "is empty"),
        (condition("0008;1030", value="CT"), "tag", "is not a tag"),
        (condition("Modality..", value="CT"), "tag", "is not a tag"),
        (condition("0008,0002", value="CT"), "tag", "is not in the DICOM dictionary"),
        (condition("0000,0100", value=1), "tag", "never stored"),
        (condition("0029,1010", value="x"), "tag", "name its creator"),
        (condition('0028,"ACME",10', value="x"), "tag", "private groups are odd"),
        (condition("Modality.CodeValue", value="x"), "tag", "Modality is not a sequence"),
        (condition(".".join(["ContentSequence"] * 17), "exists"), "tag", "at most 16 tags"),
        (condition("@RemoteAE", value="x"), "tag", "did you mean @RemoteAET"),
        (condition("@Nothing", value="x"), "tag", "known are @RemoteAET"),
        (condition("@InstanceCount", value=1), "tag", "not of an instance"),
        (condition("@SeriesCount", value=1), "tag", "not of an instance"),
        # Operators.
        ({"tag": "Modality", "value": "CT"}, "operator", "is missing"),
        (condition(operator="equal", value="CT"), "operator", "did you mean equals?"),
        (condition(operator="~", value="CT"), "operator", "there are equals, "),
        (condition(operator=None, value="CT"), "operator", "must be a text"),
        (
            condition(operator="less_than", value="CT"),
            "operator",
            "makes no sense for Modality, whose VR is CS",
        ),
        (condition("Rows", "contains", value="5"), "operator", "makes no sense for Rows, whose VR is US"),
        (
            condition("StudyDate", "matches", value="2024"),
            "operator",
            "makes no sense for StudyDate, whose VR is DA",
        ),
        (condition("PixelData", value="x"), "operator", "makes no sense for PixelData"),
        (condition("ContentSequence", "contains", value="x"), "operator", "whose VR is SQ"),
        (condition('0029,"SIEMENS CSA HEADER",10', value="x"), "operator", "whose VR is OB"),
        # Values.
        (condition(), "value", "is missing"),
        (condition(value=None), "value", "is missing"),
        (condition(value=""), "value", "must not be empty"),
        (condition(value="  "), "value", "must not be empty"),
        (condition(value=True), "value", "must be a text"),
        (condition(value=["CT"]), "value", "must be a text"),
        (condition(value={"a": 1}), "value", "must be a text"),
        (condition(value="\ud800"), "value", "must be valid Unicode"),
        (condition(value="x" * 4097), "value", "at most 4096 characters"),
        (condition(value="ORIGINAL\\PRIMARY"), "value", "must not hold a backslash"),
        (condition(operator="exists", value="x"), "value", '"exists" takes no value'),
        (condition(operator="in", value="CT"), "value", "must be a list"),
        (condition(operator="in", value=[]), "value", "must have 1 to 1000 values"),
        (condition(operator="in", value=["x"] * 1001), "value", "must have 1 to 1000 values"),
        (condition(operator="in", value=["CT", ""]), "value[1]", "must not be empty"),
        (condition("PatientName", value="^^="), "value", "must not be empty"),
        (condition("SOPClassUID", value="CT Image Storage"), "value", "must be a UID"),
        (condition("FrameIncrementPointer", value="FrameTim"), "value", "did you mean FrameTime"),
        (condition("Rows", value="many"), "value", "is not a number"),
        (condition("Rows", value=True), "value", "must be a number"),
        (condition("Rows", value=70000), "value", "a whole number from 0 to 65535"),
        (condition("Rows", value=1.5), "value", "a whole number from 0 to 65535"),
        (condition("SeriesNumber", value="1e900"), "value", "a whole number"),
        (condition("SliceThickness", value=float("nan")), "value", "finite"),
        (condition("SliceThickness", value=10**400), "value", "too long"),
        (condition("SliceThickness", "between", value=1), "value", "must be a list of two values"),
        (condition("SliceThickness", "between", value=[1]), "value", "must have two values"),
        (condition("SliceThickness", "between", value=[1, 2, 3]), "value", "must have two values"),
        (condition("SliceThickness", "between", value=[2, 1]), "value[1]", "must not come before the first"),
        (condition("SliceThickness", "between", value=["x", 1]), "value[0]", "is not a number"),
        (condition("PatientAge", value="old"), "value", "must be an age"),
        (condition("PatientAge", value=-1), "value", "must be an age"),
        (condition("PatientAge", value=1e9), "value", "from 0 to 999"),
        (condition("StudyDate", value="May"), "value", "is not a date"),
        (condition("StudyDate", value=20.5), "value", "must be a date such as"),
        (condition("StudyDate", value="2023-02-29"), "value", "is not a day of the calendar"),
        (condition("StudyDate", value="20240201-20240101"), "value", "ends before it begins"),
        (condition("StudyDate", "less_than", value="20240101-20240201"), "value", "must be one value"),
        (condition("StudyDate", value="today-7"), "value", "needs a unit"),
        (condition("StudyDate", value="today-7m"), "value", "min for minutes or mo for months"),
        (condition("StudyDate", value="today-2h"), "value", 'write "now"'),
        (condition("StudyDate", value="today-9999999d"), "value", "years away"),
        (condition("StudyDate", value="nowish"), "value", "is not understood"),
        (condition("StudyTime", value="25:00"), "value", "is not a time"),
        (condition("StudyTime", value="today"), "value", "cannot be compared with a day"),
        (condition("AcquisitionDateTime", value="2024-05-17T25:00"), "value", "is not a time"),
        (condition("AcquisitionDateTime", value="20240517+2500"), "value", "zone that does not exist"),
        # Regular expressions.
        (condition(operator="matches", value="("), "value", "missing )"),
        (
            condition(operator="matches", value="(a)\\1"),
            "value",
            "is not a regular expression that can be used",
        ),
        (
            condition(operator="matches", value="x(?=y)"),
            "value",
            "is not a regular expression that can be used",
        ),
        (condition(operator="matches", value="a" * 1001), "value", "at most 1000 characters"),
        (condition(operator="matches", value="((a{100}){100}){100}"), "value", "is not a regular expression"),
        (condition(operator="matches", value=5), "value", "must be a regular expression"),
        (condition(operator="matches", value=""), "value", "must be a regular expression"),
    ],
)
def test_a_mistake_is_told_with_its_place(rule: Any, path: str, words: str) -> None:
    found = problems(rule)
    assert path in [problem.path for problem in found]
    assert words in next(problem.message for problem in found if problem.path == path)


def test_all_mistakes_are_told_at_once() -> None:
    rule = {
        "all": [
            condition("StudyDescripton", value="x"),
            {"any": [condition(value="CT"), condition(operator="less_than", value="CT")]},
            {"not": condition("Rows", "in", value=[1, "x", 70000])},
        ]
    }
    assert [problem.path for problem in problems(rule)] == [
        "all[0].tag",
        "all[1].any[1].operator",
        "all[2].not.value[1]",
        "all[2].not.value[2]",
    ]


def test_counts_are_for_series_and_studies() -> None:
    for level in ("series", "study"):
        assert compile_rule(condition("@InstanceCount", "greater_than", value=5), level).tags == {
            "@InstanceCount"
        }


def test_the_bounds() -> None:
    def nested(depth: int) -> dict[str, Any]:
        return {"not": nested(depth - 1)} if depth > 1 else condition(value="CT")

    compile_rule(nested(32))
    assert problems(nested(33))[0] == Problem(".".join(["not"] * 32), "groups may be nested 32 deep")
    compile_rule({"any": [condition(value="CT")] * 999})
    (problem,) = problems({"any": [condition(value="CT")] * 1500})
    assert problem == Problem("any[999]", "a rule has at most 1000 conditions and groups")
    assert len(problems({"any": [condition("Nonsense", value="CT")] * 999})) == 100


def test_a_written_tag_is_described() -> None:
    entry = describe_tag("RequestAttributesSequence[0].(0040,0009)")
    assert (entry.keyword, entry.tag, entry.vr, entry.vm) == (
        "ScheduledProcedureStepID",
        "0040,0009",
        "SH",
        "1",
    )
    assert describe_tag('0029,"SIEMENS CSA HEADER",08').vr == "CS"
    assert describe_tag('0029,"NOBODY",08').vr == "UN"
    assert describe_tag("6002,0010").tag == "6002,0010"
    with pytest.raises(RuleError) as refused:
        describe_tag("Modalty")
    assert refused.value.problems[0].path == "tag"
    assert "did you mean Modality?" in refused.value.problems[0].message
