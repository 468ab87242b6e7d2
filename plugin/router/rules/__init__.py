# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules: which images a policy is for. Pure: no I/O, no clock."""

from router.rules.dictionary import TagEntry, search_tags
from router.rules.explanation import Explanation, deciding
from router.rules.moment import Moment
from router.rules.operators import OperatorEntry, operators
from router.rules.policy_set import Decision, PolicyRule, PolicySet, PolicyVerdict, ResourceDecision
from router.rules.problem import Problem, RuleError
from router.rules.reading import Reading
from router.rules.rule import Rule, compile_rule
from router.rules.tag_path import describe_tag

__all__ = [
    "Decision",
    "Explanation",
    "Moment",
    "OperatorEntry",
    "PolicyRule",
    "PolicySet",
    "PolicyVerdict",
    "Problem",
    "Reading",
    "ResourceDecision",
    "Rule",
    "RuleError",
    "TagEntry",
    "compile_rule",
    "deciding",
    "describe_tag",
    "operators",
    "search_tags",
]
