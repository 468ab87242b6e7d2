"""Which action of a saved policy is which of the revision before."""

from collections.abc import Sequence

from router.documents.action import Action, DestinationAction
from router.documents.document import new_id


def with_ids(actions: Sequence[Action], known: Sequence[Action]) -> list[Action]:
    """The actions, each with an id. One that is written without keeps that of the known action which it
    most likely is: one that is just the same, or else one that does the same towards the same destination.
    """
    ids = [action.id for action in actions]
    free = [action for action in known if action.id not in ids]
    for is_same in (_says_the_same, _does_the_same):
        for position, action in enumerate(actions):
            if ids[position] is not None:
                continue
            found = next((other for other in free if is_same(action, other)), None)
            if found is not None:
                free.remove(found)
                ids[position] = found.id
    return [
        action.model_copy(update={"id": identifier or new_id()})
        for action, identifier in zip(actions, ids, strict=True)
    ]


def _says_the_same(action: Action, other: Action) -> bool:
    return action == other.model_copy(update={"id": None})


def _does_the_same(action: Action, other: Action) -> bool:
    return action.type == other.type and _destination(action) == _destination(other)


def _destination(action: Action) -> str | None:
    return action.destination if isinstance(action, DestinationAction) else None
