"""Where a policy sends to, and what."""

from collections.abc import Iterator, Mapping

from router.checks.considered import Considered
from router.checks.policy_warning import Named, PolicyWarning
from router.documents.action import Action, DestinationAction, Forward, Process
from router.documents.destination import Destination


def destinations_off(
    considered: Considered, destinations: Mapping[str, Destination]
) -> Iterator[PolicyWarning]:
    """Actions whose deliveries would wait."""
    for path, _, destination in _targets(considered, destinations):
        if not destination.enabled:
            yield PolicyWarning(
                "destination_off",
                path,
                f"The destination {destination.name} is switched off: deliveries wait until it is on again.",
                destination=Named(destination.id, destination.name),
            )


def identifiable_to_external(
    considered: Considered, destinations: Mapping[str, Destination]
) -> Iterator[PolicyWarning]:
    """Actions that let patients' names out of the hospital, be it only when a destination fails."""
    for path, action, destination in _targets(considered, destinations):
        if not isinstance(action, Forward | Process) or _is_anonymized(action):
            continue
        reached = _with_alternates(destination, destinations)
        outside = next((one for one in reached if one.external), None)
        if outside is None:
            continue
        where = "" if outside is destination else f", the alternate of {destination.name},"
        what = "anonymize in its transform" if isinstance(action, Forward) else "an anonymized copy"
        yield PolicyWarning(
            "identifiable_to_external",
            path,
            f"The destination {outside.name}{where} is outside the hospital, and the images go there with all"
            f" that identifies the patient: use {what}.",
            destination=Named(outside.id, outside.name),
        )


def _is_anonymized(action: Forward | Process) -> bool:
    return isinstance(action, Forward) and action.transform is not None and bool(action.transform.anonymize)


def _targets(
    considered: Considered, destinations: Mapping[str, Destination]
) -> Iterator[tuple[str, Action, Destination]]:
    for index, action in enumerate(considered.policy.actions):
        if isinstance(action, DestinationAction) and action.destination in destinations:
            yield f"actions[{index}].destination", action, destinations[action.destination]


def _with_alternates(destination: Destination, destinations: Mapping[str, Destination]) -> list[Destination]:
    """The destination, the one used when it has failed for good, and so on."""
    reached = [destination]
    while (following := destinations.get(reached[-1].alternate or "")) and following not in reached:
        reached.append(following)
    return reached
