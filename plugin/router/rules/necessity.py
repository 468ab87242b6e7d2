# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule needs in order to match. A set of policies can be searched by it."""

from collections.abc import Hashable, Mapping

from router.rules.condition import Condition
from router.rules.node import AllOf, AnyOf, Node, Not
from router.rules.operand import Operand

#: A rule matches only if a value of one of these operands has one of its keys.
Necessity = Mapping[Operand, frozenset[Hashable]]


def necessities(node: Node) -> list[Necessity]:
    """The necessities of a rule, as far as they are known. Each holds by itself."""
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
    """What rules need of which one must match: the joined needs of all, if each rule needs something."""
    if not all(alternatives):
        return []
    joined: dict[Operand, frozenset[Hashable]] = {}
    for necessities_of_one in alternatives:
        narrowest = min(necessities_of_one, key=lambda necessity: sum(map(len, necessity.values())))
        for operand, keys in narrowest.items():
            joined[operand] = joined.get(operand, frozenset()) | keys
    return [joined]
