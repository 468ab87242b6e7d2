"""What a rule cannot match without, so that a set of policies can be searched by value."""

from collections.abc import Hashable
from dataclasses import dataclass

from router.rules.node import AllOf, AnyOf, Leaf, Node, Not
from router.rules.operand import Operand


@dataclass(frozen=True, slots=True)
class Necessity:
    """Where a rule matches, a value of the operand has one of these keys."""

    operand: Operand
    keys: frozenset[Hashable]


def necessities(node: Node) -> list[Necessity]:
    """The necessities that can be told from a rule, each of which holds by itself."""
    match node:
        case Leaf(condition):
            comparison = condition.comparison
            if condition.denied or comparison is None or comparison.keys is None:
                return []
            return [Necessity(comparison.operand, comparison.keys)]
        case AllOf(nodes):
            return [necessity for inner in nodes for necessity in necessities(inner)]
        case AnyOf(nodes):
            return _common([necessities(inner) for inner in nodes])
        case Not():
            return []


def _common(alternatives: list[list[Necessity]]) -> list[Necessity]:
    """Of several rules, one of which must match: the operands that each of them makes demands of."""
    by_operand = [{necessity.operand.key: necessity for necessity in reversed(each)} for each in alternatives]
    if not by_operand:
        return []
    first, *others = by_operand
    return [
        Necessity(necessity.operand, necessity.keys.union(*(other[key].keys for other in others)))
        for key, necessity in first.items()
        if all(key in other for other in others)
    ]
