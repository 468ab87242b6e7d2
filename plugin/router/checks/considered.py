"""A policy as the checks look at it."""

from collections.abc import Hashable
from dataclasses import dataclass

from router.documents.policy import PolicyDraft
from router.rules import Rule


@dataclass(frozen=True, slots=True)
class Considered:
    """A policy with its compiled rule. The destinations of its actions are ids."""

    #: Empty for one that is not stored yet.
    id: str
    policy: PolicyDraft
    rule: Rule
    #: Equal for policies that are considered together (`stop`, `fallback`).
    trigger: Hashable
