# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells whether conditions can be true together.

Takes a rule apart into alternatives, each a list of conditions. The rule is impossible where in every
alternative two or more conditions exclude each other. Does not judge a rule with too many alternatives.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from router.review.values import Spans, Texts, Values, values_of
from router.rules.condition import Condition
from router.rules.node import AllOf, AnyOf, Node, Not
from router.rules.sentence import phrase

#: Conditions and groups that are looked at, over all alternatives; and alternatives within alternatives.
_MOST_STEPS = 500
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Demand:
    """That a node is true, or that it is not."""

    node: Node
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Conflict:
    """Conditions that exclude each other, in words. Empty where a group is empty."""

    phrases: Sequence[str]

    def __str__(self) -> str:
        return " and ".join(self.phrases)


class _GivenUp(Exception):  # noqa: N818 - it reads as what it says
    """It is too much to be looked at."""


def conflict_in(demands: Sequence[Demand], one_value: bool) -> Conflict | None:
    """Return why no image can meet all demands; None where one can, or where that is unknown.

    `one_value`: an image has one value in each tag that has one by the dictionary, as DICOM wants it.
    """
    search = _Search(one_value)
    try:
        if search.may_hold(demands, {}, 0):
            return None
    except _GivenUp:
        return None
    return search.conflict


def implies(rule: Node, other: Node) -> bool:
    """Whether each image that matches the rule certainly matches the other one."""
    return conflict_in([Demand(rule), Demand(other, False)], one_value=False) is not None


@dataclass(frozen=True, slots=True)
class _Literal:
    """A condition that is to be true, or not to be."""

    condition: Condition
    holds: bool
    #: Whether its positive operator is to be satisfied.
    positive: bool
    #: Equal where the same values are looked at in the same way; and for what is the same but for its sign.
    subject: str
    said: str
    values: Values | None

    @classmethod
    def of(cls, condition: Condition, holds: bool) -> "_Literal":
        comparison, document = condition.comparison, condition.document
        subject = condition.path.text if comparison is None else comparison.operand.key
        asked = [condition.operator.name, document.get("value"), document.get("case_sensitive", False)]
        said = json.dumps([subject, *asked])
        return cls(condition, holds, holds is not condition.denied, subject, said, values_of(condition))

    def __str__(self) -> str:
        words = phrase(self.condition)
        return words if self.holds else f"not ({words})"


class _Search:
    def __init__(self, one_value: bool) -> None:
        self.conflict = Conflict(())
        self._one_value = one_value
        self._steps = 0
        self._literals: dict[tuple[int, bool], _Literal] = {}

    def may_hold(
        self, demands: Sequence[Demand], given: Mapping[str, Sequence[_Literal]], depth: int
    ) -> bool:
        """Whether no conflict is found; `given` is known already, by tag. Raises _GivenUp."""
        literals = dict(given)
        pending, alternatives = list(demands), list[tuple[Sequence[Node], Demand]]()
        while pending:
            self._steps += 1
            if self._steps > _MOST_STEPS or depth > _DEEPEST:
                raise _GivenUp
            demand = pending.pop()
            match demand.node:
                case Not(inner):
                    pending.append(Demand(inner, not demand.holds))
                case AllOf(nodes) | AnyOf(nodes):
                    if isinstance(demand.node, AllOf) is demand.holds:
                        pending += [Demand(node, demand.holds) for node in nodes]
                    else:
                        alternatives.append((nodes, demand))
                case Condition():
                    literal = self._literal(demand.node, demand.holds)
                    same = literals.get(demand.node.path.text, ())
                    if any((one.said, one.positive) == (literal.said, literal.positive) for one in same):
                        continue
                    literals[demand.node.path.text] = (*same, literal)
                    if self._excludes(literal, (*same, literal)):
                        return False
        if not alternatives:
            return True
        (nodes, first), *others = sorted(alternatives, key=lambda one: len(one[0]))
        rest = [demand for _, demand in others]
        return any(self.may_hold([Demand(node, first.holds), *rest], literals, depth + 1) for node in nodes)

    def _literal(self, condition: Condition, holds: bool) -> _Literal:
        """Made once for each condition, in however many alternatives it is."""
        key = id(condition), holds
        if key not in self._literals:
            self._literals[key] = _Literal.of(condition, holds)
        return self._literals[key]

    def _excludes(self, new: _Literal, literals: Sequence[_Literal]) -> bool:
        """Whether what is new cannot be true together with the others of its tag."""
        for conflicting in _conflicts(new, literals, self._one_value):
            if not self.conflict.phrases:
                self.conflict = Conflict([str(one) for one in conflicting])
            return True
        return False


def _conflicts(new: _Literal, literals: Sequence[_Literal], one_value: bool) -> Iterator[Sequence[_Literal]]:
    """Lists of literals, one of them new, that exclude each other."""
    for other in literals:
        if other.said == new.said and other.positive is not new.positive:
            yield other, new
        for absent, compared in ((new, other), (other, new)):
            if _says_absent(absent) and _needs_value(compared, absent.condition.path.text):
                yield absent, compared
    same = [one for one in literals if one.subject == new.subject and one.values is not None]
    satisfied = [one for one in same if one.positive]
    denied = [one for one in same if not one.positive]
    for one in satisfied:
        if denied and _is_within(one.values, [other.values for other in denied]):
            yield one, *denied
    if len(satisfied) > 1 and has_one_value(new.condition, one_value):
        for position, one in enumerate(satisfied):
            for other in satisfied[position + 1 :]:
                if _both(one.values, other.values) is None:
                    yield one, other
        together = satisfied[0].values
        for one in satisfied[1:]:
            together = together and _both(together, one.values)
        if together is None or (denied and _is_within(together, [one.values for one in denied])):
            yield *satisfied, *denied


def _says_absent(literal: _Literal) -> bool:
    return literal.condition.comparison is None and not literal.positive


def _needs_value(literal: _Literal, tag: str) -> bool:
    """Whether it is true only where this tag has a value."""
    comparison = literal.condition.comparison
    path = literal.condition.path if comparison is None else comparison.operand.path
    return literal.positive and path.text == tag


def has_one_value(condition: Condition, by_dictionary: bool) -> bool:
    """Whether there is never more than one value to look at."""
    path = condition.path
    if path.fact:
        return True
    comparison = condition.comparison
    if comparison is not None and comparison.operand.path.partner is not None:
        return False
    *before, last = path.steps
    if path.vr == "PN" or any(step.index is None for step in before):
        return False
    return last.index is not None or (by_dictionary and path.entry.vm == "1")


def _is_within(values: Values | None, others: Sequence[Values | None]) -> bool:
    match values:
        case Spans():
            return values.is_within([other for other in others if isinstance(other, Spans)])
        case Texts():
            return values.is_within([other for other in others if isinstance(other, Texts)])
    return False


def _both(one: Values | None, other: Values | None) -> Values | None:
    """What one value that satisfies both satisfies; None where there is no such value."""
    both = one
    match one, other:
        case (Spans(), Spans()):
            both = one.and_also(other)
        case (Texts(), Texts()):
            both = one.and_also(other)
    return None if both is None or both.is_empty() else both
