# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree of a rule: groups of conditions, evaluated in Kleene's logic.

A verdict is True, False, or None where it depends on a tag that has not been read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from router.rules.condition import Answers, Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """True if all of its nodes are; also if it has none."""

    nodes: "Sequence[Node]"

    def verdict(self, answers: Answers) -> bool | None:
        """The verdict; False as soon as one node is."""
        verdict: bool | None = True
        for node in self.nodes:
            answer = node.verdict(answers)
            if answer is False:
                return False
            if answer is None:
                verdict = None
        return verdict


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True if one of its nodes is; never if it has none."""

    nodes: "Sequence[Node]"

    def verdict(self, answers: Answers) -> bool | None:
        """The verdict; True as soon as one node is."""
        verdict: bool | None = False
        for node in self.nodes:
            answer = node.verdict(answers)
            if answer is True:
                return True
            if answer is None:
                verdict = None
        return verdict


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of its node."""

    node: "Node"

    def verdict(self, answers: Answers) -> bool | None:
        """The opposite verdict; None stays None."""
        answer = self.node.verdict(answers)
        return None if answer is None else not answer


Node = Condition | AllOf | AnyOf | Not


def conditions(node: Node) -> list[Condition]:
    """All conditions of a tree, from first to last."""
    match node:
        case Condition():
            return [node]
        case Not(inner):
            return conditions(inner)
        case AllOf(nodes) | AnyOf(nodes):
            return [condition for inner in nodes for condition in conditions(inner)]
