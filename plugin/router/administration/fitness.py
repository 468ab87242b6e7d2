# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an action and its destination go together, and the action's own texts are right."""

from collections.abc import Callable, Iterable, Iterator

from router.actions import ACTIONS
from router.destinations import KINDS, Kind
from router.documents.action import Action, DestinationAction
from router.documents.policy import Policy


def usable_by(kind: Kind) -> list[str]:
    """The types of the actions that can use destinations of a kind, by name."""
    return sorted(one.name for one in ACTIONS.values() if one.needs in kind.takes)


def misfits(action: DestinationAction, kind_name: str) -> Iterator[tuple[str, str]]:
    """What keeps an action from using a destination of this kind, as (path in the action, message)."""
    kind = KINDS.get(kind_name)
    if kind is None or action.type not in usable_by(kind):
        able = ", ".join(sorted(one.name for one in KINDS.values() if action.type in usable_by(one)))
        yield "destination", f"A destination of kind {kind_name} cannot {action.type}; there is {able}."
        return
    yield from kind.misfits(action)


def unfit_user(destination: str, kind: str, policies: Iterable[Policy]) -> str | None:
    """Which of the policies that use this destination could not if it were of this kind, in words."""
    for policy in policies:
        for action in policy.actions:
            if not isinstance(action, DestinationAction) or action.destination != destination:
                continue
            if any(misfits(action, kind)):
                return f"The policy {policy.name!r} uses it to {action.type}."
    return None


def faults(action: Action, orthanc_version: Callable[[], str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the action itself, or asks too much of this Orthanc, as (path in it, message).

    Raises what asking for Orthanc's version raises.
    """
    action_type = ACTIONS[action.type]
    yield from action_type.problems(action)
    if action_type.first_orthanc and (problem := action_type.problem_with(orthanc_version())):
        yield "type", problem
