"""Whether an action and its destination go together, and the action's own texts are right."""

from collections.abc import Iterator

from router.actions import CHECKS
from router.destinations import KINDS
from router.documents.action import Action


def misfits(action: Action, kind_name: str) -> Iterator[tuple[str, str]]:
    """What keeps an action from using a destination of this kind, as (path in the action, message)."""
    kind = KINDS.get(kind_name)
    if kind is None or action.type not in kind.actions:
        able = ", ".join(sorted(one.name for one in KINDS.values() if action.type in one.actions))
        yield "destination", f"A destination of kind {kind_name} cannot {action.type}; there is {able}."
        return
    yield from kind.misfits(action)
    if action.type in CHECKS:
        yield from CHECKS[action.type](action)
