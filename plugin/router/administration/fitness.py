"""Whether an action and its destination go together, and the action's own texts are right."""

from collections.abc import Iterator

from router.actions import CHECKS
from router.destinations import KINDS
from router.documents.action import Action, DestinationAction
from router.orthanc_api import OrthancApi

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


def faults(action: Action, orthanc: OrthancApi) -> Iterator[tuple[str, str]]:
    """What is wrong with the action itself, or asks too much of this Orthanc, as (path in it, message).

    Raises OrthancError, OrthancUnreachable.
    """
    if action.type in CHECKS:
        yield from CHECKS[action.type](action)
    if action.type == "label":
        version = str(orthanc.system()["Version"])
        if not _has_labels(version):
            yield "type", f"Labels need Orthanc 1.12 or newer; this is Orthanc {version}."


def _has_labels(version: str) -> bool:
    """`version` is such as 1.12.4; that of an unreleased Orthanc (`mainline`) is the newest."""
    parts = version.split(".")
    if not all(part.isdecimal() for part in parts[:2]):
        return True
    return tuple(map(int, parts[:2])) >= _WITH_LABELS
