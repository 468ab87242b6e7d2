# SPDX-License-Identifier: GPL-3.0-or-later
"""All policies of a trigger, decided together: order, stop, fallback, and what has not been read."""

from typing import Any

import pytest

from router.rules import Decision, PolicyRule, PolicySet, PolicyVerdict, Reading
from unit.rules.rule_samples import MOMENT, policy

CT = {"tag": "Modality", "operator": "equals", "value": "CT"}
MR = {"tag": "Modality", "operator": "equals", "value": "MR"}
CHEST = {"tag": "StudyDescription", "operator": "contains", "value": "chest"}
ROWS = {"tag": "Rows", "operator": "equals", "value": 512}
EVERYTHING: dict[str, Any] = {"all": []}


def reading(**tags: Any) -> Reading:
    return Reading.of_document(tags)


def fired(policies: list[PolicyRule], **tags: Any) -> tuple[str, ...]:
    decision = PolicySet(policies).decide(reading(**tags), MOMENT)
    assert decision is not None
    return decision.matched


def test_policies_fire_by_order_then_name() -> None:
    policies = [
        policy("c", CT, order=2),
        policy("B", CT, order=1),
        policy("a", CT, order=1),
        policy("d", MR, order=0),
    ]
    assert fired(policies, Modality="CT") == ("a", "B", "c")


def test_a_policy_that_stops_is_the_last_one_considered() -> None:
    policies = [policy("a", CT), policy("b", CHEST, stop=True), policy("c", CT)]
    assert fired(policies, Modality="CT", StudyDescription="CHEST") == ("a", "b")
    assert fired(policies, Modality="CT", StudyDescription="HEAD") == ("a", "c")


def test_a_fallback_is_considered_only_if_no_other_policy_matched_whatever_its_order() -> None:
    policies = [policy("fallback", EVERYTHING, order=1, fallback=True), policy("ct", CT, order=2)]
    assert fired(policies, Modality="CT") == ("ct",)
    assert fired(policies, Modality="MR") == ("fallback",)


def test_of_several_fallbacks_the_first_that_matches_fires() -> None:
    policies = [
        policy(name, rule, fallback=True) for name, rule in (("a", CT), ("b", EVERYTHING), ("c", EVERYTHING))
    ]
    assert fired(policies, Modality="CT") == ("a",)
    assert fired(policies, Modality="MR") == ("b",)


def test_a_policy_that_is_left_aside_neither_fires_nor_stops() -> None:
    policies = PolicySet([policy("a", CT, stop=True), policy("b", CT)])
    decision = policies.decide(reading(Modality="CT"), MOMENT, frozenset({"a"}))
    assert decision == Decision(("b",))


def test_of_a_series_a_policy_leaves_only_its_own_instances_aside() -> None:
    policies = PolicySet([policy("a", CT), policy("b", CT)])
    own = [frozenset({"a"}), frozenset(), frozenset({"a", "b"})]
    decision = policies.decide_resource([reading(Modality="CT")] * 3, MOMENT, own)
    assert decision is not None
    assert decision.matched == {"a": (1,), "b": (0, 1)}


def test_no_policies_and_no_match() -> None:
    assert fired([], Modality="CT") == ()
    assert fired([policy("a", MR)], Modality="CT") == ()


class TestWhatHasNotBeenRead:
    READING = Reading.of_index({"Modality": "CT"}, {"Modality"}, {})

    @pytest.mark.parametrize(
        ("policies", "decision"),
        [
            ([policy("a", CT), policy("b", MR)], Decision(("a",))),
            ([policy("a", ROWS)], None),
            ([policy("a", {"all": [CT, ROWS]})], None),
            # It does not matter where another tag has settled it,
            ([policy("a", {"all": [MR, ROWS]})], Decision(())),
            ([policy("a", {"any": [CT, ROWS]})], Decision(("a",))),
            # nor behind a policy that stops,
            ([policy("a", CT, stop=True), policy("b", ROWS)], Decision(("a",))),
            ([policy("a", ROWS), policy("b", CT, stop=True)], None),
            # nor in a fallback that is not considered.
            ([policy("a", CT), policy("b", ROWS, fallback=True)], Decision(("a",))),
            ([policy("a", MR), policy("b", ROWS, fallback=True)], None),
        ],
    )
    def test_it_matters_only_where_it_decides(
        self, policies: list[PolicyRule], decision: Decision | None
    ) -> None:
        assert PolicySet(policies).decide(self.READING, MOMENT) == decision

    def test_which_instances_match_must_be_known_too(self) -> None:
        policies = PolicySet([policy("a", {"any": [CT, ROWS]})])
        other = Reading.of_index({"Modality": "MR"}, {"Modality"}, {})
        assert policies.decide_resource([self.READING, other], MOMENT) is None
        assert policies.matching([self.READING, other], MOMENT) is None


def test_a_study_matches_when_one_of_its_instances_matches_the_whole_rule() -> None:
    both = {"all": [CT, CHEST]}
    policies = PolicySet([policy("both", both), policy("ct", CT), policy("mr", MR)])
    apart = [
        reading(Modality="CT", StudyDescription="HEAD"),
        reading(Modality="PT", StudyDescription="CHEST"),
    ]
    together = [*apart, reading(Modality="CT", StudyDescription="CHEST")]
    decision = policies.decide_resource(apart, MOMENT)
    assert decision is not None
    assert decision.matched == {"ct": (0,)}
    decision = policies.decide_resource(together, MOMENT)
    assert decision is not None
    assert decision.matched == {"both": (2,), "ct": (0, 2)}


def test_stop_and_fallback_apply_to_the_study_as_a_whole() -> None:
    policies = PolicySet(
        [policy("a", CT, stop=True), policy("b", MR), policy("c", EVERYTHING, fallback=True)],
    )
    readings = [reading(Modality="MR"), reading(Modality="CT")]
    decision = policies.decide_resource(readings, MOMENT)
    assert decision is not None
    assert decision.matched == {"a": (1,)}
    assert policies.matching(readings, MOMENT) == {"a": [1], "b": [0], "c": [0, 1]}


def test_verdicts_say_who_was_skipped_and_why() -> None:
    policies = PolicySet(
        [
            policy("last", EVERYTHING, order=1, fallback=True),
            policy("mr", MR, order=2),
            policy("ct", CT, order=3, stop=True),
            policy("chest", CHEST, order=4),
        ]
    )
    assert policies.verdicts(reading(Modality="CT", StudyDescription="CHEST"), MOMENT) == [
        PolicyVerdict("last", "last", True, "fallback"),
        PolicyVerdict("mr", "mr", False),
        PolicyVerdict("ct", "ct", True),
        PolicyVerdict("chest", "chest", True, "stop", "ct", "ct"),
    ]
    assert policies.verdicts([reading(Modality="PT"), reading(Modality="US")], MOMENT) == [
        PolicyVerdict("last", "last", True),
        PolicyVerdict("mr", "mr", False),
        PolicyVerdict("ct", "ct", False),
        PolicyVerdict("chest", "chest", False),
    ]


def test_the_tags_of_all_policies() -> None:
    assert PolicySet([policy("a", CT), policy("b", {"any": [CHEST, ROWS]})]).tags == {
        "Modality",
        "StudyDescription",
        "Rows",
    }


def test_a_tag_is_read_once_for_all_policies() -> None:
    asked: list[str] = []

    class Values(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.append(key)
            return super().get(key, default)

    rules = [
        {"tag": "StudyDescription", "operator": "contains", "value": f"part {number}"} for number in range(50)
    ]
    policies = PolicySet(policy(f"{number}", {"all": [CT, rule]}) for number, rule in enumerate(rules))
    values = Values(Modality="CT", StudyDescription="PART 7")
    decision = policies.decide(Reading.of_index(values, values, {}), MOMENT)
    assert decision == Decision(("7",))
    assert sorted(asked) == ["Modality", "StudyDescription"]


def test_a_condition_that_policies_share_is_answered_once() -> None:
    class CountingReading(Reading):
        asked = 0

        def comparable(self, operand: Any) -> Any:
            self.asked += 1
            return super().comparable(operand)

    thin = {"tag": "SliceThickness", "operator": "less_than", "value": 2}
    policies = PolicySet(policy(f"{number}", thin) for number in range(50))
    counting = CountingReading.of_document({"SliceThickness": "1.5"})
    decision = policies.decide(counting, MOMENT)
    assert decision is not None
    assert len(decision.matched) == 50
    assert isinstance(counting, CountingReading)
    assert counting.asked == 1
