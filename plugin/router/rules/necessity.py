# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule cannot match without, so that a set of policies can be searched by value."""

from collections.abc import Hashable, Mapping

from router.rules.condition import Condition
from router.rules.node import AllOf, AnyOf, Node, Not
from router.rules.operand import Operand

#: Where a rule matches, a value of one of these operands has one of its keys.
Necessity = Mapping[Operand, frozenset[Hashable]]


def necessities(node: Node) -> list[Necessity]:
    """The necessities that can be told from a rule, each of which holds by itself."""
    match node:
        case Condition(denied=denied, comparison=comparison):
            if denied or comparison is None:
                return []
            return [{comparison.operand: keys} for keys in comparison.keys]
        case AllOf(nodes):
            return [necessity for inner in nodes for necessity in necessities(inner)]
        case AnyOf(nodes):
            return _either([necessities(inner) for inner in nodes])
        case Not():
            return []


def _either(alternatives: list[list[Necessity]]) -> list[Necessity]:
    """Of several rules one of which must match: what the one or the other needs, if each needs something."""
    if not all(alternatives):
        return []
    joined: dict[Operand, frozenset[Hashable]] = {}
    for necessities_of_one in alternatives:
        narrowest = min(necessities_of_one, key=lambda necessity: sum(map(len, necessity.values())))
        for operand, keys in narrowest.items():
            joined[operand] = joined.get(operand, frozenset()) | keys
    return [joined]
