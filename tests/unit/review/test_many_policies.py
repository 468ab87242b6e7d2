# SPDX-License-Identifier: GPL-3.0-or-later
"""Checking many policies together costs for each what it costs for one."""

from collections.abc import Sequence

import pytest

from router.documents.policy import PolicyDraft
from router.review import Among, Considered, PolicyWarning, warnings_of
from router.review.contradictions import _Search
from router.rules import compile_rule


def policies(number: int, **more: object) -> list[Considered]:
    """Of a scanner each; `more` goes over the documents."""
    made = []
    described = [{"tag": "StudyDescription", "operator": "contains", "value": f"x{n}"} for n in range(4)]
    for index in range(number):
        rule = {
            "all": [
                {"tag": "@RemoteAET", "operator": "equals", "value": f"SCANNER{index}"},
                {"tag": "Modality", "operator": "in", "value": ["CT", "MR"]},
                {"any": described},
            ]
        }
        document = {"name": f"P{index}", "rule": rule, "order": index, "actions": [MODIFY], **more}
        draft = PolicyDraft.model_validate(document)
        rule_of_it = compile_rule(draft.rule, "study")
        made.append(Considered(f"p{index}", draft, rule_of_it, "study"))
    return made


MODIFY = {"type": "modify", "transform": {"replace": {"InstitutionName": "Hospital"}}}
ALIKE = {"rule": {"all": [{"tag": "Modality", "operator": "equals", "value": "CT"}]}}


def checked(all_of_them: Sequence[Considered]) -> list[list[PolicyWarning]]:
    among = Among(all_of_them, (), len(all_of_them))
    return [warnings_of(one, all_of_them, {}, (), among) for one in all_of_them]


@pytest.mark.parametrize("more", [{}, {"stop": True}, ALIKE, {**ALIKE, "stop": True}], ids=str)
def test_four_times_as_many_cost_four_times_as_much(
    more: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    searches = 0
    search = _Search.may_hold

    def counted(*arguments: object) -> bool:
        nonlocal searches
        searches += 1
        return search(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(_Search, "may_hold", counted)
    counts = []
    for number in (100, 400):
        searches = 0
        checked(policies(number, **more))
        counts.append(searches)
    assert counts[1] <= 5 * counts[0], counts


@pytest.mark.parametrize("more", [{}, {"stop": True}, ALIKE, {**ALIKE, "stop": True}], ids=str)
def test_of_a_hospitals_policies_each_pair_is_looked_at(more: dict[str, object]) -> None:
    some = policies(30, **more)
    by_themselves = [warnings_of(one, [other for other in some if other is not one], {}) for one in some]
    assert checked(some) == by_themselves
