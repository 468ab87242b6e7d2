"""The tree of a rule: groups over conditions, evaluated in Kleene's logic.

A verdict is True, False, or None where it cannot be told without a tag that has not been read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from router.rules.condition import Condition

#: Answers a condition's positive operator.
Ask = Callable[[Condition], bool | None]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A condition in its place in the tree."""

    condition: Condition

    def verdict(self, ask: Ask) -> bool | None:
        """Of the condition, turned round where its operator denies."""
        held = ask(self.condition)
        return held if held is None or not self.condition.denied else not held


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when all of its nodes are, so also when it has none."""

    nodes: "Sequence[Node]"

    def verdict(self, ask: Ask) -> bool | None:
        """False as soon as one node is."""
        verdict: bool | None = True
        for node in self.nodes:
            answer = node.verdict(ask)
            if answer is False:
                return False
            if answer is None:
                verdict = None
        return verdict


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one of its nodes is, so never when it has none."""

    nodes: "Sequence[Node]"

    def verdict(self, ask: Ask) -> bool | None:
        """True as soon as one node is."""
        verdict: bool | None = False
        for node in self.nodes:
            answer = node.verdict(ask)
            if answer is True:
                return True
            if answer is None:
                verdict = None
        return verdict


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of its node."""

    node: "Node"

    def verdict(self, ask: Ask) -> bool | None:
        """None stays None."""
        answer = self.node.verdict(ask)
        return None if answer is None else not answer


Node = Leaf | AllOf | AnyOf | Not


def conditions(node: Node) -> list[Condition]:
    """AllOf conditions of a tree, from first to last."""
    match node:
        case Leaf(condition):
            return [condition]
        case Not(inner):
            return conditions(inner)
        case AllOf(nodes) | AnyOf(nodes):
            return [condition for inner in nodes for condition in conditions(inner)]
