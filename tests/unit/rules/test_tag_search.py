# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding tags by keyword, name and number; the list of operators."""

from dataclasses import asdict

import pytest

from router.rules import compile_rule, operators, search_tags


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Modality", "Modality"),
        ("modality", "Modality"),
        ("studydesc", "StudyDescription"),
        ("study desc", "StudyDescription"),
        ("patient's name", "PatientName"),
        ("0008,1030", "StudyDescription"),
        ("(0008,1030)", "StudyDescription"),
        ("00081030", "StudyDescription"),
        ("0010", "PatientName"),
        ("@remote", "@RemoteAET"),
        ("aet", "@RemoteAET"),
        ("OverlayRows", "OverlayRows"),
        # Nothing fits: the nearest.
        ("StudyDescripton", "StudyDescription"),
    ],
)
def test_the_best_comes_first(query: str, first: str) -> None:
    assert search_tags(query)[0].keyword == first


def test_retired_tags_are_marked_and_come_after_others() -> None:
    found = search_tags("study", 200)
    retired = [entry for entry in found if entry.retired]
    assert "StudyIDIssuer" in [entry.keyword for entry in retired]
    assert found[0].retired is False


def test_nothing_is_found_for_nonsense() -> None:
    assert search_tags("qqqqqq") == []


def test_an_entry_is_ready_for_json() -> None:
    assert asdict(search_tags("StudyDescription", 1)[0]) == {
        "keyword": "StudyDescription",
        "name": "Study Description",
        "tag": "0008,1030",
        "vr": "LO",
        "vm": "1",
        "retired": False,
    }


def test_each_negative_operator_names_its_positive() -> None:
    assert {entry.name: entry.negates for entry in operators() if entry.negates} == {
        "not_equals": "equals",
        "not_contains": "contains",
        "not_matches": "matches",
        "not_in": "in",
        "missing": "exists",
    }


def test_the_operators_and_what_they_take() -> None:
    assert {entry.name: entry.value for entry in operators()} == {
        "equals": "one",
        "not_equals": "one",
        "contains": "one",
        "not_contains": "one",
        "starts_with": "one",
        "ends_with": "one",
        "matches": "one",
        "not_matches": "one",
        "in": "list",
        "not_in": "list",
        "less_than": "one",
        "less_or_equal": "one",
        "greater_than": "one",
        "greater_or_equal": "one",
        "between": "two",
        "exists": "none",
        "missing": "none",
    }


def test_an_operator_applies_to_the_vrs_it_lists_and_to_no_other() -> None:
    tags = {
        "CS": "Modality",
        "DS": "SliceThickness",
        "DA": "StudyDate",
        "SQ": "ContentSequence",
        "AT": "SelectorATValue",
    }
    samples = {"CS": "CT", "DS": "1", "DA": "2024", "AT": "Modality"}
    for entry in operators():
        for vr, tag in tags.items():
            one = samples.get(vr, "x")
            value = {"none": None, "one": one, "two": [one, one], "list": [one]}[entry.value]
            rule = {"tag": tag, "operator": entry.name, "value": value}
            if vr in entry.vrs:
                compile_rule(rule)
            else:
                with pytest.raises(Exception, match="makes no sense"):
                    compile_rule(rule)
