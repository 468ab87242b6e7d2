# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules: compiled once, evaluated often, and explained."""

from collections.abc import Mapping
from typing import Any

from router.documents.policy import Level
from router.rules.compiler import compile_tree
from router.rules.condition import Answers
from router.rules.explanation import Explanation, explain
from router.rules.moment import Moment
from router.rules.node import Node, conditions
from router.rules.reading import TIMEZONE, Reading
from router.rules.sentence import sentence


class Rule:
    """A compiled rule. `tree` holds its groups and conditions."""

    def __init__(self, tree: Node) -> None:
        self.tree = tree
        #: The tags that it needs, in canonical form (the keyword if there is one; facts with @).
        self.tags = _tags(tree)
        #: The tags that are compared with a date that depends on the day of evaluation (`today-7d`).
        self.relative_tags = frozenset(
            one.path.text
            for one in conditions(tree)
            if one.comparison is not None and one.comparison.resolved is not None
        )

    def evaluate(self, reading: Reading, moment: Moment) -> bool | None:
        """Whether the instance matches; None where that depends on an unread tag."""
        return self.tree.verdict(Answers(reading, moment))

    def explain(self, reading: Reading, moment: Moment) -> Explanation:
        """Why it matches or not: the tree of groups and conditions, ready for JSON (see `explanation`)."""
        return explain(self.tree, Answers(reading, moment))

    def sentence(self) -> str:
        """The rule as a sentence that a person can read."""
        return sentence(self.tree)


def compile_rule(rule: Mapping[str, Any], level: Level = "instance") -> Rule:
    """Check and compile a rule for policies of this level. Raises RuleError with all problems."""
    return Rule(compile_tree(rule, level))


def _tags(tree: Node) -> frozenset[str]:
    tags: set[str] = set()
    for condition in conditions(tree):
        if condition.comparison is None:
            tags.add(condition.path.text)
            continue
        operand = condition.comparison.operand
        tags.update(operand.path.tags)
        if operand.zoned:
            tags.add(TIMEZONE)
    return frozenset(tags)
