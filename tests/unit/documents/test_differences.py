# SPDX-License-Identifier: GPL-3.0-or-later
"""What is different between two revisions, as short as a person would tell it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.documents.differences import Difference, differences

CT = {"tag": "Modality", "operator": "equals", "value": "CT"}
MR = {"tag": "Modality", "operator": "equals", "value": "MR"}
CHEST = {"tag": "StudyDescription", "operator": "contains", "value": "chest"}
HEAD = {**CHEST, "value": "head"}

FIRST = {"id": "a", "type": "forward", "destination": "1"}
SECOND = {"id": "b", "type": "notify", "destination": "2", "to": ["x", "y"]}
THIRD = {"id": "c", "type": "delete"}

ADULT = {"name": "adult", "tags": {"PatientAge": "060Y"}, "matches": True}
CHILD = {"name": "child", "tags": {"PatientAge": "006Y"}, "matches": False}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({"order": 1}, {"order": 1}, [], id="nothing"),
        pytest.param({"order": 1}, {"order": 2}, [("order", "changed", 1, 2)], id="a field"),
        pytest.param({"order": 1}, {"order": True}, [("order", "changed", 1, True)], id="one is not true"),
        pytest.param(
            {"trigger": {"level": "study", "quiet_seconds": 60}},
            {"trigger": {"level": "study", "quiet_seconds": 90}},
            [("trigger.quiet_seconds", "changed", 60, 90)],
            id="a field inside",
        ),
        pytest.param(
            {"replace": {"PatientID": "x"}},
            {"replace": {"PatientName": "y"}},
            [("replace.PatientID", "removed", "x", None), ("replace.PatientName", "added", None, "y")],
            id="fields come and go",
        ),
        pytest.param(
            {"rule": {"all": [CT, CHEST]}},
            {"rule": {"all": [CT, HEAD]}},
            [("rule.all[1].value", "changed", "chest", "head")],
            id="a condition's value",
        ),
        pytest.param(
            {"rule": {"all": [CHEST]}},
            {"rule": {"all": [CT, CHEST]}},
            [("rule.all[0]", "added", None, CT)],
            id="a condition before the others",
        ),
        pytest.param(
            {"rule": {"all": [CT, CHEST, MR]}},
            {"rule": {"all": [CT, MR]}},
            [("rule.all[1]", "removed", CHEST, None)],
            id="a condition gone from the middle",
        ),
        pytest.param(
            {"rule": CT}, {"rule": {"not": CT}}, [("rule", "changed", CT, {"not": CT})], id="another node"
        ),
        pytest.param(
            {"rule": {"all": [CT, MR]}},
            {"rule": {"any": [CT, MR]}},
            [("rule", "changed", {"all": [CT, MR]}, {"any": [CT, MR]})],
            id="another group",
        ),
        pytest.param(
            {"actions": [FIRST, SECOND, THIRD]},
            {"actions": [THIRD, FIRST, SECOND]},
            [("actions[0]", "moved", 2, 0)],
            id="a moved action",
        ),
        pytest.param(
            {"actions": [FIRST, SECOND]},
            {"actions": [THIRD, FIRST, {**SECOND, "to": ["x"]}]},
            [("actions[0]", "added", None, THIRD), ("actions[2].to[1]", "removed", "y", None)],
            id="an action before one that changes",
        ),
        pytest.param(
            {"actions": [FIRST, SECOND]},
            {"actions": [{**SECOND, "destination": "3"}]},
            [("actions[0].destination", "changed", "2", "3"), ("actions[0]", "removed", FIRST, None)],
            id="an action gone before one that changes",
        ),
        pytest.param(
            {"cases": [ADULT, CHILD]},
            {"cases": [CHILD, {**ADULT, "matches": False}]},
            [("cases[0]", "moved", 1, 0), ("cases[1].matches", "changed", True, False)],
            id="a moved case that changes",
        ),
        pytest.param(
            {"cases": [ADULT, ADULT]},
            {"cases": [ADULT]},
            [("cases[1]", "removed", ADULT, None)],
            id="cases of one name",
        ),
    ],
)
def test_differences(before: Any, after: Any, expected: list[tuple[str, str, Any, Any]]) -> None:
    found = [(one.path, one.change, one.before, one.after) for one in differences(before, after)]
    assert found == expected


json_documents = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "name", "all", "tag", "x"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_documents)
def test_nothing_is_different_from_itself(document: Any) -> None:
    assert differences(document, document) == []


@given(json_documents, json_documents)
def test_what_is_not_the_same_is_told(before: Any, after: Any) -> None:
    found: list[Difference] = differences(before, after)
    assert bool(found) == (repr(_sorted(before)) != repr(_sorted(after)))


def _sorted(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _sorted(document[name]) for name in sorted(document)}
    return [_sorted(entry) for entry in document] if isinstance(document, list) else document
