# SPDX-License-Identifier: GPL-3.0-or-later
"""Explanations answer "why was this (not) routed?" in one look."""

import json
from typing import Any

import pytest

from router.rules import Reading, compile_rule
from unit.rules.rule_samples import MOMENT, condition, explained_condition, reason


@pytest.mark.parametrize(
    ("tag", "operator", "value", "tags", "words"),
    [
        ("Modality", "equals", "CT", {"Modality": "CT"}, '"CT" is "CT".'),
        ("Modality", "equals", "CT", {"Modality": "MR"}, '"MR" is not "CT".'),
        ("Modality", "equals", "CT", {}, "Modality is absent."),
        ("Modality", "equals", "CT", {"Modality": ""}, "Modality is empty."),
        ("Modality", "not_equals", "CT", {}, 'Modality is absent, so "not_equals" holds.'),
        ("Modality", "exists", None, {"Modality": "CT"}, "Modality has a value."),
        ("Modality", "missing", None, {}, "Modality is absent."),
        (
            "StudyDescription",
            "contains",
            "head",
            {"StudyDescription": "CHEST"},
            '"CHEST" does not contain "head".',
        ),
        (
            "SliceThickness",
            "less_than",
            2,
            {"SliceThickness": "1,5"},
            '"1,5" is not a number, so it cannot be compared.',
        ),
        (
            "SliceThickness",
            "not_equals",
            2,
            {"SliceThickness": "1,5"},
            '"1,5" is not a number, so it cannot be compared, so "not_equals" holds.',
        ),
        (
            "StudyDate",
            "less_than",
            "today",
            {"StudyDate": "99991399"},
            '"99991399" is not a day of the calendar, so it cannot be compared.',
        ),
        ("ImageType", "equals", "AXIAL", {"ImageType": "A\\B\\AXIAL"}, 'Value 3 of 3, "AXIAL", is "AXIAL".'),
        ("ImageType", "equals", "AXIAL", {"ImageType": "A\\B"}, 'None of the 2 values is "AXIAL".'),
        ("ImageType", "in", ["X", "Y"], {"ImageType": "A\\B"}, 'None of the 2 values is one of "X", "Y".'),
        (
            "PixelSpacing",
            "less_than",
            1,
            {"PixelSpacing": "2\\x"},
            'None of the 2 values is less than 1; "x" is not a number.',
        ),
        ("PatientAge", "between", ["1Y", "2Y"], {"PatientAge": "18M"}, '"18M" is between "1Y" and "2Y".'),
        ("@RemoteAET", "equals", "CT1", {}, "@RemoteAET is absent."),
    ],
)
def test_the_reason_is_one_sentence(
    tag: str, operator: str, value: object, tags: dict[str, Any], words: str
) -> None:
    assert reason(condition(tag, operator, value), tags) == words


def test_the_tree_has_a_verdict_at_every_node() -> None:
    rule = compile_rule(
        {
            "all": [
                {"tag": "Modality", "operator": "equals", "value": "CT", "description": "only CT"},
                {"not": {"tag": "PatientAge", "operator": "less_than", "value": "18Y"}},
            ]
        }
    )
    explained = rule.explain(Reading.of_document({"Modality": "CT", "PatientAge": "012Y"}), MOMENT)
    assert explained == {
        "group": "all",
        "matches": False,
        "children": [
            {
                "tag": "Modality",
                "keyword": "Modality",
                "name": "Modality",
                "vr": "CS",
                "operator": "equals",
                "value": "CT",
                "actual": ["CT"],
                "matches": True,
                "reason": '"CT" is "CT".',
                "description": "only CT",
            },
            {
                "group": "not",
                "matches": False,
                "children": [
                    {
                        "tag": "PatientAge",
                        "keyword": "PatientAge",
                        "name": "Patient's Age",
                        "vr": "AS",
                        "operator": "less_than",
                        "value": "18Y",
                        "actual": ["012Y"],
                        "matches": True,
                        "reason": '"012Y" is less than "18Y".',
                    }
                ],
            },
        ],
    }


@pytest.mark.parametrize(
    ("tag", "operator", "value", "resolved"),
    [
        ("StudyDate", "greater_than", "today-7d", "2024-05-10"),
        ("StudyDate", "between", ["today-1y", "today"], ["2023-05-17", "2024-05-17"]),
        ("AcquisitionDateTime", "less_than", "now-2h", "2024-05-17T10:00:00Z"),
        ("AcquisitionDateTime", "equals", "today", "2024-05-16T22:00:00Z/2024-05-17T21:59:59Z"),
    ],
)
def test_relative_words_are_resolved(tag: str, operator: str, value: object, resolved: object) -> None:
    explained = explained_condition(condition(tag, operator, value), Reading.of_document({}))
    assert explained["value"] == value
    assert explained["compared_with"] == resolved


def test_what_has_not_been_read_is_said() -> None:
    explained = explained_condition(condition("Rows", "equals", 512), Reading.of_index({}, {"Modality"}, {}))
    assert (explained["matches"], explained["reason"], explained["actual"]) == (
        None,
        "Rows has not been read.",
        [],
    )


def test_long_values_are_shown_short_and_fit_into_json() -> None:
    tags = {
        "PatientComments": "x" * 100_000 + "\ud800",
        "ImageType": [f"V{number}" for number in range(1000)],
    }
    comments = explained_condition(condition("PatientComments", "contains", "y"), Reading.of_document(tags))
    assert len(str(comments["actual"][0])) == 257
    assert "only the first 65,536 characters" in comments["reason"]
    types = explained_condition(condition("ImageType", "equals", "V999"), Reading.of_document(tags))
    assert len(types["actual"]) == 20
    assert types["matches"] is True
    json.dumps([comments, types]).encode()


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"all": []}, "everything"),
        ({"any": []}, "nothing"),
        ({"tag": "Modality", "operator": "in", "value": ["CT", "MR"]}, 'Modality is one of "CT", "MR"'),
        ({"tag": "PatientID", "operator": "missing"}, "Patient ID has no value"),
        (
            {"tag": "PatientID", "operator": "equals", "value": "a", "case_sensitive": True},
            'Patient ID is "a" (case-sensitive)',
        ),
        (
            {"tag": "SliceThickness", "operator": "between", "value": [1, 2]},
            "Slice Thickness is between 1 and 2",
        ),
        (
            {
                "all": [
                    {"tag": "Modality", "operator": "equals", "value": "CT"},
                    {
                        "any": [
                            {"tag": "StudyDescription", "operator": "contains", "value": "chest"},
                            {"tag": "@RemoteAET", "operator": "not_equals", "value": "CT1"},
                        ]
                    },
                    {"not": {"tag": "PatientAge", "operator": "less_than", "value": "18Y"}},
                ]
            },
            'Modality is "CT" and (Study Description contains "chest" or AE title of the sender is not "CT1")'
            ' and not (Patient\'s Age is less than "18Y")',
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(rule: dict[str, Any], sentence: str) -> None:
    assert compile_rule(rule).sentence() == sentence
