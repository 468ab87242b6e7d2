# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems are named by the path that the document's writer sees."""

from typing import Any

import pytest

from router.documents.destination import DestinationDraft
from router.documents.invalid import Invalid, validated
from router.documents.policy import PolicyDraft

POLICY: dict[str, Any] = {
    "name": "CT",
    "rule": {"all": []},
    "actions": [{"type": "forward", "destination": "pacs"}],
}


def problems(model: type[Any], document: object) -> list[str]:
    with pytest.raises(Invalid) as raised:
        validated(model, document)
    return [path for path, _ in raised.value.problems]


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"name": " "}, ["name"]),
        ({"name": 1, "order": "first"}, ["name", "order"]),
        ({"colour": "red"}, ["colour"]),
        ({"trigger": {"level": "patient"}}, ["trigger.level"]),
        ({"trigger": {"level": "instance", "quiet_seconds": 5}}, ["trigger"]),
        ({"actions": [{"type": "forward"}]}, ["actions[0].destination"]),
        (
            {"actions": [POLICY["actions"][0], {"type": "forward", "destination": 7}]},
            ["actions[1].destination"],
        ),
        (
            {"actions": [{"type": "forward", "destination": "pacs", "window": {"days": ["x"]}}]},
            ["actions[0].window.days[0]"],
        ),
        ({"actions": {}}, ["actions"]),
        ({"cases": [{"name": "a", "tags": {}}]}, ["cases[0].matches"]),
    ],
)
def test_paths_of_a_policy(change: dict[str, object], paths: list[str]) -> None:
    assert problems(PolicyDraft, POLICY | change) == paths


def test_paths_of_a_destination() -> None:
    document = {"name": "PACS", "kind": "dicom", "retry": {"attempts": 0}, "concurrency": 1000}
    assert problems(DestinationDraft, document) == ["retry.attempts", "concurrency"]


def test_what_is_no_object_at_all() -> None:
    assert problems(PolicyDraft, []) == [""]
