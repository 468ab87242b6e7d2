# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the rules share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from router.rules import Moment, PolicyRule, Reading, Rule, compile_rule
from router.rules.explanation import ExplainedCondition

#: A Friday, two o'clock in the afternoon in Berlin (summer time, two hours before UTC).
MOMENT = Moment(datetime(2024, 5, 17, 14, 0, tzinfo=ZoneInfo("Europe/Berlin")))


def condition(tag: str, operator: str, value: object = None, **more: object) -> Rule:
    """A rule of one condition."""
    document: dict[str, Any] = {"tag": tag, "operator": operator, **more}
    if value is not None:
        document["value"] = value
    return compile_rule(document, "study")


def matches(rule: Rule, tags: Mapping[str, Any]) -> bool | None:
    """The rule's verdict upon given tags."""
    return rule.evaluate(Reading.of_document(tags), MOMENT)


def policy(identifier: str, rule: Mapping[str, Any], **more: Any) -> PolicyRule:
    """A policy named like its id, order 100 unless told otherwise."""
    order = more.pop("order", 100)
    return PolicyRule(
        identifier,
        order,
        identifier,
        compile_rule(rule, "study"),
        more.pop("stop", False),
        more.pop("fallback", False),
    )


def explained_condition(rule: Rule, reading: Reading) -> ExplainedCondition:
    """What explains a rule of one condition."""
    explained = rule.explain(reading, MOMENT)
    assert "tag" in explained
    return explained


def reason(rule: Rule, tags: Mapping[str, Any]) -> str:
    """The sentence that explains a rule of one condition."""
    return explained_condition(rule, Reading.of_document(tags))["reason"]
