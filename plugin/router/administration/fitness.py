"""Whether an action and its destination go together, and the action's own texts are right."""

from collections.abc import Callable, Iterable, Iterator

from router.actions import CHECKS
from router.destinations import KINDS
from router.documents.action import Action, DestinationAction
from router.documents.policy import Policy

#: The first Orthanc that has labels (Orthanc Book, "Labels").
_WITH_LABELS = (1, 12)


def misfits(action: DestinationAction, kind_name: str) -> Iterator[tuple[str, str]]:
    """What keeps an action from using a destination of this kind, as (path in the action, message)."""
    kind = KINDS.get(kind_name)
    if kind is None or action.type not in kind.actions:
        able = ", ".join(sorted(one.name for one in KINDS.values() if action.type in one.actions))
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
    if action.type in CHECKS:
        yield from CHECKS[action.type](action)
    if action.type == "label":
        version = orthanc_version()
        if not _has_labels(version):
            yield "type", f"Labels need Orthanc 1.12 or newer; this is Orthanc {version}."


def _has_labels(version: str) -> bool:
    """`version` is such as 1.12.4; that of an unreleased Orthanc (`mainline`) is the newest."""
    parts = version.split(".")
    if not all(part.isdecimal() for part in parts[:2]):
        return True
    return tuple(map(int, parts[:2])) >= _WITH_LABELS
