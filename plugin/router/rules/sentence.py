# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule as a sentence."""

import json

from router.rules.condition import Condition
from router.rules.node import AllOf, AnyOf, Node, Not

_LONGEST_LIST = 10
_LONGEST_VALUE = 100


def sentence(node: Node) -> str:
    """The rule in words: `Modality is "CT" and Patient's Age is less than "18Y"`."""
    match node:
        case Condition():
            return phrase(node)
        case Not(inner):
            return f"not ({sentence(inner)})"
        case AllOf(()):
            return "everything"
        case AnyOf(()):
            return "nothing"
        case AllOf(nodes):
            return " and ".join(_member(inner) for inner in nodes)
        case AnyOf(nodes):
            return " or ".join(_member(inner) for inner in nodes)


def phrase(condition: Condition) -> str:
    """One condition in words."""
    operator = condition.operator
    subject = subject_of(condition)
    words = f"{subject} {operator.denies if condition.denied else operator.says}"
    if operator.value == "none":
        return words
    case = " (case-sensitive)" if condition.document.get("case_sensitive") else ""
    return f"{words} {show_value(condition)}{case}"


def subject_of(condition: Condition) -> str:
    """The tag in words: its name, or its whole path if it is in a sequence."""
    path = condition.path
    if path.fact or len(path.steps) == 1:
        index = "" if path.fact or path.steps[0].index is None else f"[{path.steps[0].index}]"
        return f"{path.entry.name}{index}" if path.keyword else path.text
    return path.text


def show_value(condition: Condition) -> str:
    """The values that the condition compares with, in words."""
    value = condition.document["value"]
    if condition.operator.value == "two":
        return f"{_show(value[0])} and {_show(value[1])}"
    if condition.operator.value == "list":
        shown = [_show(entry) for entry in value[:_LONGEST_LIST]]
        more = len(value) - len(shown)
        return ", ".join(shown) + (f" and {more} more" if more else "")
    return _show(value)


def _member(node: Node) -> str:
    inner = sentence(node)
    return f"({inner})" if isinstance(node, AllOf | AnyOf) and len(node.nodes) > 1 else inner


def _show(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]}…"
