# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks whether an action fits its destination, and whether the action's own texts are valid."""

from collections.abc import Callable, Iterable, Iterator

from router.actions import ACTIONS
from router.destinations import KINDS, Kind
from router.documents.action import Action, DestinationAction
from router.documents.policy import Policy


def usable_by(kind: Kind) -> list[str]:
    """Return the types of the actions that can use destinations of a kind, by name."""
    return sorted(one.name for one in ACTIONS.values() if one.needs in kind.takes)


def misfits(action: DestinationAction, kind_name: str) -> Iterator[tuple[str, str]]:
    """Yield what keeps an action from using a destination of this kind, as (path in the action, message)."""
    kind = KINDS.get(kind_name)
    if kind is None or action.type not in usable_by(kind):
        able = ", ".join(sorted(one.name for one in KINDS.values() if action.type in usable_by(one)))
        yield "destination", f"A destination of kind {kind_name} cannot {action.type}; there is {able}."
        return
    yield from kind.misfits(action)


def unfit_user(destination: str, kind: str, policies: Iterable[Policy]) -> str | None:
    """Describe a policy that could not use this destination if it were of this kind; None where all could."""
    for policy in policies:
        for action in policy.actions:
            if not isinstance(action, DestinationAction) or action.destination != destination:
                continue
            if any(misfits(action, kind)):
                return f"The policy {policy.name!r} uses it to {action.type}."
    return None


def faults(action: Action, orthanc_version: Callable[[], str]) -> Iterator[tuple[str, str]]:
    """Yield the faults of the action itself, and what this Orthanc cannot do, as (path in the action,
    message).

    Raises what `orthanc_version` raises.
    """
    action_type = ACTIONS[action.type]
    yield from action_type.problems(action)
    if action_type.first_orthanc and (problem := action_type.problem_with(orthanc_version())):
        yield "type", problem
