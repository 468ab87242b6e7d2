# SPDX-License-Identifier: GPL-3.0-or-later
"""Concludes from a policy's rule and transform what its results are like."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from router.documents.transform import Transform
from router.review.contradictions import Demand, conflict_in
from router.review.policy_warning import Considered
from router.rules import Rule, RuleError, compile_rule
from router.rules.condition import Condition
from router.rules.node import AllOf, AnyOf, Node, Not
from router.rules.tag_path import Step, TagPath, parse_tag
from router.transforms.confidentiality_profile import ConfidentialityProfile, Fate, regenerated

#: Tags that redaction or another encoding rewrites.
_OF_PIXELS = frozenset(
    {
        "BurnedInAnnotation",
        "ImageType",
        "DerivationDescription",
        "PhotometricInterpretation",
        "LossyImageCompression",
        "LossyImageCompressionMethod",
        "IconImageSequence",
        "TransferSyntaxUID",
    }
)


def may_match_result(made_by: Considered, other: Considered, here: Collection[str]) -> bool:
    """Whether the other policy can match what this one makes.

    A copy has the tags of its original, which matches the rule, except those that the transform changes. The
    result of a service is assumed to be like its source.
    """
    return any(
        conflict_in([*known, Demand(other.rule.tree)], one_value=True) is None
        for known in known_of_results(made_by, here)
    )


def known_of_results(made_by: Considered, here: Collection[str]) -> Iterator[list[Demand]]:
    """Yield for each action of a policy what is true of all its results."""
    for action in made_by.policy.actions:
        if not action.makes_images(here):
            continue
        transform = action.changes
        if transform is not None:
            yield [
                Demand(_without(made_by.rule.tree, _changed_by(transform))),
                *(Demand(rule.tree) for rule in _set_by(transform)),
            ]
        else:
            yield [Demand(_without(made_by.rule.tree, lambda path: path.fact))]


def _without(node: Node, is_changed: Callable[[TagPath], bool]) -> Node:
    """Return what still holds of the node after some tags have changed; it may be weaker than possible."""

    def weakened(node: Node, holds: bool) -> Node:
        match node:
            case Condition():
                # Whatever was demanded of it, nothing is any more.
                return (AllOf(()) if holds else AnyOf(())) if is_changed(node.path) else node
            case Not(inner):
                return Not(weakened(inner, not holds))
            case AllOf(nodes):
                return AllOf([weakened(inner, holds) for inner in nodes])
            case AnyOf(nodes):
                return AnyOf([weakened(inner, holds) for inner in nodes])

    return weakened(node, True)


def _changed_by(transform: Transform) -> Callable[[TagPath], bool]:
    """Tells which tags of a copy may be others than those of its original."""
    written = {parse_tag(tag).steps[0] for tag in (*transform.remove, *transform.replace, *transform.insert)}
    whole = {replace(step, index=None) for step in written}
    profile = (
        None
        if transform.profile is None
        else ConfidentialityProfile(transform.profile, transform.date_shift is not None)
    )
    keeps_uids = transform.uids == "keep" or (transform.profile is not None and transform.profile.retain_uids)

    def is_changed_on_the_way(step: Step) -> bool:
        if step.creator or step.group % 2:
            return transform.remove_private or profile is not None
        if profile is not None and profile.fate(step.number) is not Fate.KEEP:
            return True
        return not keeps_uids and step.number in regenerated()

    def is_changed(path: TagPath) -> bool:
        if path.fact or path.keyword in _OF_PIXELS or replace(path.steps[0], index=None) in whole:
            return True
        if transform.date_shift is not None and path.vr in {"DA", "DT", "TM"}:
            return True
        return any(map(is_changed_on_the_way, path.steps))

    return is_changed


def _set_by(transform: Transform) -> Iterator[Rule]:
    """What is certainly true of every copy."""
    for tag, value in transform.replace.items():
        if isinstance(value, list) or "{" in str(value):
            continue
        try:
            yield compile_rule({"tag": tag, "operator": "equals", "value": value})
        except RuleError:  # emptied, or nothing that can be compared
            continue
    if transform.profile is not None and "PatientIdentityRemoved" not in transform.replace:
        yield compile_rule({"tag": "PatientIdentityRemoved", "operator": "equals", "value": "YES"})
