"""A warning: something in a policy that most likely is not meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

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
