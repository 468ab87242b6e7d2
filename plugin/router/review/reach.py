# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds policies that can never fire, because of their own rule or another policy."""

from collections.abc import Iterator, Sequence

from router.review.contradictions import Conflict, Demand, conflict_in, implies
from router.review.policy_warning import Considered, Named, PolicyWarning
from router.rules.node import AllOf, AnyOf, Node

_ONE_VALUE = " (an image has one value there, as DICOM has it)"


def contradictions(considered: Considered) -> Iterator[PolicyWarning]:
    """Yield warnings about a rule that can never be true, or about such parts of it."""
    tree = considered.rule.tree
    conflict = conflict_in([Demand(tree)], one_value=False)
    if conflict is not None:
        path = _narrowest(tree, "rule", one_value=False)
        yield PolicyWarning("never_true", path, f"The policy can never fire: {_why(conflict)}.")
        return
    conflict = conflict_in([Demand(tree)], one_value=True)
    if conflict is not None:
        path = _narrowest(tree, "rule", one_value=True)
        yield PolicyWarning("contradiction", path, f"The policy cannot fire: {_why(conflict)}{_ONE_VALUE}.")
        return
    for path, one, given in _alternatives(tree, "rule", []):
        conflict = conflict_in([Demand(one), *given], one_value=True)
        if conflict is not None:
            yield PolicyWarning(
                "contradiction",
                path,
                f"This alternative changes nothing, it is never true: {_why(conflict)}.",
            )


def always_taken(considered: Considered, others: Sequence[Considered]) -> Iterator[PolicyWarning]:
    """A policy that never fires because of another one, whatever comes; and others, because of this one."""
    policy = considered.policy
    same = [other for other in others if other.trigger == considered.trigger]
    taking = next((other for other in same if _takes(other, considered)), None)
    if taking is not None:
        name = taking.policy.name
        why = (
            f"the policy {name} comes before, and stops"
            if taking.policy.stop
            else f"it is a fallback, and the policy {name} matches all of it"
        )
        yield PolicyWarning(
            "always_taken", "rule", f"The policy never fires: {why}.", [Named(taking.id, name)]
        )
    taken = [other for other in same if _takes(considered, other)]
    if taken:
        names = ", ".join(other.policy.name for other in taken)
        yield PolicyWarning(
            "always_taken",
            "stop" if policy.stop else "rule",
            f"Because of this policy, others never fire: {names}.",
            [Named(other.id, other.policy.name) for other in taken],
        )


def in_order(one: Considered, other: Considered) -> bool:
    """Whether the one is considered before the other, which has the same trigger (see `PolicySet`)."""
    return _place(one) < _place(other)


def _takes(one: Considered, other: Considered) -> bool:
    """Whether the other can certainly not fire, because the one always matches before it."""
    if not (one.policy.stop or other.policy.fallback) or not in_order(one, other):
        return False
    # A policy ignores its own results: the other may fire for these.
    if any(action.stores_images for action in one.policy.actions):
        return False
    return implies(other.rule.tree, one.rule.tree)


def _place(considered: Considered) -> tuple[bool, int, str, str]:
    policy = considered.policy
    return policy.fallback, policy.order, policy.name.casefold(), considered.id


def _why(conflict: Conflict) -> str:
    return (
        f"{conflict} exclude each other" if conflict.phrases else "a group without conditions matches nothing"
    )


def _narrowest(node: Node, path: str, one_value: bool) -> str:
    """Return the path of the smallest required part of the rule that cannot be true by itself."""
    if isinstance(node, AllOf):
        for index, inner in enumerate(node.nodes):
            if conflict_in([Demand(inner)], one_value) is not None:
                return _narrowest(inner, f"{path}.all[{index}]", one_value)
    return path


def _alternatives(node: Node, path: str, given: list[Demand]) -> Iterator[tuple[str, Node, list[Demand]]]:
    """The members of each `any`, with what is true whenever they matter."""
    match node:
        case AllOf(nodes):
            for index, inner in enumerate(nodes):
                beside = [Demand(one) for position, one in enumerate(nodes) if position != index]
                yield from _alternatives(inner, f"{path}.all[{index}]", [*given, *beside])
        case AnyOf(nodes):
            for index, inner in enumerate(nodes):
                yield f"{path}.any[{index}]", inner, given
                yield from _alternatives(inner, f"{path}.any[{index}]", given)
