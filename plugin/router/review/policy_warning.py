# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy as its review looks at it, and a warning: something in it that most likely is not meant."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

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


Code = Literal[
    "never_true",
    "contradiction",
    "always_taken",
    "same_place",
    "identifiable_to_external",
    "cycle",
    "destination_off",
    "leads_here",
    "sent_back",
    "secret_missing",
]


@dataclass(frozen=True, slots=True)
class Named:
    """Another document that a warning is about."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PolicyWarning:
    """`path` is where in the policy, as in errors; `policies` are the others that have to do with it."""

    code: Code
    path: str
    message: str
    policies: Sequence[Named] = ()
    destination: Named | None = None
