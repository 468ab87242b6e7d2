# SPDX-License-Identifier: GPL-3.0-or-later
"""Compile a rule from its document to a tree of conditions, and report all problems at once."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from router.documents.policy import Level
from router.rules.comparison import Comparison, UnfitValues, compare
from router.rules.condition import Condition
from router.rules.dictionary import COUNTS, did_you_mean, nearest
from router.rules.node import AllOf, AnyOf, Node, Not
from router.rules.operators import Operator, find_operator
from router.rules.problem import (
    DEEPEST_NESTING,
    LONGEST_VALUE,
    MOST_LISTED,
    MOST_NODES,
    MOST_PROBLEMS,
    Problem,
    RuleError,
    Unfit,
    quoted,
)
from router.rules.tag_path import TagPath, parse_tag

_GROUPS = ("all", "any", "not")
_FIELDS = ("tag", "operator", "value", "case_sensitive", "description")

_Part = TypeVar("_Part")


def compile_tree(rule: object, level: Level) -> Node:
    """Return the tree of a rule. Raises RuleError."""
    compiler = _Compiler(level)
    tree = compiler.node(rule, "", 1)
    if compiler.problems or tree is None:
        raise RuleError(compiler.problems)
    return tree


class _Compiler:
    """Walks through a rule once and notes every problem; a part with a problem becomes None."""

    def __init__(self, level: Level) -> None:
        self.problems: list[Problem] = []
        self._level = level
        self._nodes = 0

    def node(self, document: object, path: str, depth: int) -> Node | None:
        self._nodes += 1
        if depth > DEEPEST_NESTING:
            self._report(path, f"groups may be nested {DEEPEST_NESTING} deep")
            return None
        if not isinstance(document, Mapping):
            self._report(path, 'must be a group ("all", "any", "not") or a condition ("tag", "operator")')
            return None
        groups = [name for name in _GROUPS if name in document]
        if not groups:
            return self._condition(document, path)
        group = groups[0]
        for other in document:
            if other != group:
                self._report(_join(path, other), f'does not belong beside "{group}"')
        if group == "not":
            inner = self.node(document[group], _join(path, group), depth + 1)
            return None if inner is None else Not(inner)
        nodes = self._members(document[group], _join(path, group), depth)
        return AllOf(nodes) if group == "all" else AnyOf(nodes)

    def _members(self, members: object, path: str, depth: int) -> tuple[Node, ...]:
        if not isinstance(members, list | tuple):
            self._report(path, "must be a list of conditions and groups")
            return ()
        nodes: list[Node] = []
        for index, member in enumerate(members):
            if len(self.problems) >= MOST_PROBLEMS:
                break
            if self._nodes >= MOST_NODES:
                self._report(f"{path}[{index}]", f"a rule has at most {MOST_NODES} conditions and groups")
                break
            node = self.node(member, f"{path}[{index}]", depth + 1)
            if node is not None:
                nodes.append(node)
        return tuple(nodes)

    def _condition(self, document: Mapping[str, Any], path: str) -> Condition | None:
        for name in document:
            if name not in _FIELDS:
                hint = did_you_mean(nearest(str(name), (*_FIELDS, *_GROUPS)))
                self._report(_join(path, name), f"is not a part of a condition{hint}")
        self._understand(_join(path, "description"), lambda: _description(document))
        case_sensitive = self._understand(_join(path, "case_sensitive"), lambda: _case_sensitive(document))
        tag = self._understand(_join(path, "tag"), lambda: _tag(document, self._level))
        operator = self._understand(_join(path, "operator"), lambda: _operator(document, tag))
        if operator is None:
            return None
        here = _join(path, "value")
        values = self._understand(here, lambda: _values(document, operator[0]))
        if tag is None or values is None or case_sensitive is None:
            return None
        comparison: Comparison | None = None
        if operator[0].value != "none":
            try:
                comparison = compare(tag, operator[0], values, case_sensitive)
            except UnfitValues as unfit:
                for position, message in unfit.messages.items():
                    self._report(here if operator[0].value == "one" else f"{here}[{position}]", message)
                return None
        operand = tag.text if comparison is None else comparison.operand.key
        key = json.dumps([operand, document["operator"], values, case_sensitive])
        return Condition(dict(document), tag, *operator, comparison, key)

    def _understand(self, path: str, understand: Callable[[], _Part]) -> _Part | None:
        try:
            return understand()
        except Unfit as unfit:
            self._report(path, str(unfit))
            return None

    def _report(self, path: str, message: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(path, message))


def _tag(document: Mapping[str, Any], level: Level) -> TagPath:
    if "tag" not in document:
        raise Unfit("is missing")
    if not isinstance(document["tag"], str):
        raise Unfit("must be a text")
    tag = parse_tag(document["tag"])
    if tag.text in COUNTS and level == "instance":
        raise Unfit(f"{tag.text} is known of a series or a study, not of an instance")
    return tag


def _operator(document: Mapping[str, Any], tag: TagPath | None) -> tuple[Operator, bool]:
    if "operator" not in document:
        raise Unfit("is missing")
    operator, denied = find_operator(document["operator"])
    if tag is not None and tag.vr not in operator.vrs:
        raise Unfit(f'"{document["operator"]}" makes no sense for {tag.text}, whose VR is {tag.vr}')
    return operator, denied


def _values(document: Mapping[str, Any], operator: Operator) -> list[object]:
    """The values to compare with, always as a list."""
    value = document.get("value")
    if operator.value == "none":
        if value is not None:
            raise Unfit(f'"{document["operator"]}" takes no value')
        return []
    if value is None:
        raise Unfit("is missing")
    if operator.value == "one":
        return [value]
    if not isinstance(value, list | tuple):
        raise Unfit(
            "must be a list" if operator.value == "list" else "must be a list of two values, the ends"
        )
    if operator.value == "two" and len(value) != 2:
        raise Unfit("must have two values, the ends")
    if not 1 <= len(value) <= MOST_LISTED:
        raise Unfit(f"must have 1 to {MOST_LISTED} values")
    return list(value)


def _case_sensitive(document: Mapping[str, Any]) -> bool:
    case_sensitive = document.get("case_sensitive", False)
    if not isinstance(case_sensitive, bool):
        raise Unfit("must be true or false")
    return case_sensitive


def _description(document: Mapping[str, Any]) -> str:
    description = document.get("description", "")
    if not isinstance(description, str) or len(description) > LONGEST_VALUE:
        raise Unfit(f"must be a text of at most {LONGEST_VALUE} characters")
    return description


def _join(path: str, name: object) -> str:
    shown = str(name)
    if not shown.isidentifier():
        shown = quoted(shown)
    return f"{path}.{shown}" if path else shown
