# SPDX-License-Identifier: GPL-3.0-or-later
"""Reviews a policy before it is enabled. Pure: no I/O, no clock of its own."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from router.documents.destination import Destination
from router.review.among import Among
from router.review.case_results import CaseResult, failure, not_run, result, run_on_tags
from router.review.cycles import cycles
from router.review.policy_warning import Considered, Named, PolicyWarning
from router.review.reach import always_taken, contradictions
from router.review.sending import (
    destinations_off,
    identifiable_to_external,
    same_place,
    sent_back,
    sent_here,
    targets_of,
)

__all__ = [
    "Among",
    "CaseResult",
    "Considered",
    "Named",
    "PolicyWarning",
    "failure",
    "not_run",
    "result",
    "run_on_tags",
    "targets_of",
    "warnings_of",
]


def warnings_of(
    policy: Considered,
    others: Sequence[Considered],
    destinations: Mapping[str, Destination],
    here: Collection[str] = (),
    among: Among | None = None,
) -> list[PolicyWarning]:
    """Return warnings about likely mistakes in a policy. A policy with warnings can be saved.

    The policy is reviewed as if it were enabled; `others` are the enabled ones. `destinations` is by id;
    `here` are the destinations that lead to this same Orthanc. `among` shares results where several policies
    are checked.
    """
    known = Among([policy, *others], here, 1) if among is None else among
    near = known.others(policy)

    def found() -> Iterator[PolicyWarning]:
        yield from contradictions(policy)
        yield from always_taken(policy, near)
        yield from same_place(policy, near, destinations)
        yield from identifiable_to_external(policy, destinations)
        yield from sent_here(policy, destinations, here)
        yield from sent_back(policy, destinations)
        yield from cycles(policy, known, here)
        yield from destinations_off(policy, destinations)

    return list(found())
