# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions are read, written and described as the models of their types."""

import pytest
from pydantic import TypeAdapter

from router.actions import ACTIONS
from router.documents.action import Action, BaseAction, model_of
from router.documents.invalid import Invalid, validated
from router.documents.policy import PolicyDraft


def draft(action: object) -> PolicyDraft:
    return validated(PolicyDraft, {"name": "Policy", "rule": {"all": []}, "actions": [action]})


@pytest.mark.parametrize(
    ("action", "path", "message"),
    [
        ({}, "actions[0]", "discriminator 'type'"),
        ({"type": "teleport"}, "actions[0]", "'delete', 'forward', 'label'"),
        ({"type": ["forward"]}, "actions[0]", "expected tags"),
        (3, "actions[0]", "valid dictionary"),
        ({"type": "forward"}, "actions[0].destination", "Field required"),
        ({"type": "forward", "destination": "a", "colour": 1}, "actions[0].colour", "not permitted"),
        # The type is no part of the path, though a field is called the same.
        ({"type": "label", "label": ""}, "actions[0].label", "at least 1 character"),
        ({"type": "modify", "transform": {"uids": "new"}}, "actions[0].transform.uids", "'keep'"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(action: object, path: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        draft(action)
    [(found, told)] = refused.value.problems
    assert (found, message in told) == (path, True), told


def test_what_is_written_is_read_again_with_all_fields() -> None:
    window = {"days": ["monday"], "from": "20:00", "to": "06:00", "timezone": None}
    policy = draft({"type": "forward", "destination": "a", "window": window})
    [written] = policy.model_dump(mode="json")["actions"]
    assert written["window"] == window
    assert (written["send_back"], written["transform"]) == (False, None)
    assert PolicyDraft.model_validate_json(policy.model_dump_json()) == policy


def test_all_are_described() -> None:
    described = TypeAdapter(Action).json_schema()
    assert described["discriminator"]["mapping"].keys() == ACTIONS.keys()


def test_a_type_that_is_not_known_has_nothing_special() -> None:
    assert model_of("teleport") is BaseAction
    assert model_of("process").uses_service


def test_nothing_is_read_before_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseAction, "models", {})
    with pytest.raises(RuntimeError, match=r"router\.actions has not been imported"):
        draft({"type": "forward", "destination": "a"})
