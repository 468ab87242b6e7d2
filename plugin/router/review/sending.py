# SPDX-License-Identifier: GPL-3.0-or-later
"""Reviews where a policy sends images, and what these reveal."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from router.documents.action import Action, DestinationAction, ImagesAction, SendingAction
from router.documents.destination import Destination
from router.documents.policy import PolicyDraft
from router.review.contradictions import Demand, conflict_in, implies
from router.review.policy_warning import Considered, Named, PolicyWarning
from router.review.reach import in_order
from router.rules import compile_rule
from router.rules.dictionary import COUNTS
from router.rules.node import conditions
from router.transforms import left_identity

#: The settings that tell one destination's address from another's.
_ADDRESS: Final = (
    "modality",
    "aet",
    "host",
    "port",
    "peer",
    "server",
    "url",
    "username",
    "path",
    "file_name",
)

#: That an image has been de-identified before (PS3.3, C.7.1.1).
_IS_ANONYMOUS: Final = compile_rule({"tag": "PatientIdentityRemoved", "operator": "equals", "value": "YES"})

#: That its pixels show text, which may be of the patient (PS3.3, C.7.6.1.1).
_HAS_TEXT_IN_PIXELS: Final = compile_rule({"tag": "BurnedInAnnotation", "operator": "equals", "value": "YES"})


def destinations_off(
    considered: Considered, destinations: Mapping[str, Destination]
) -> Iterator[PolicyWarning]:
    """Yield warnings about actions whose deliveries would wait."""
    for path, _, destination in _targets(considered, destinations):
        if not destination.enabled:
            yield PolicyWarning(
                "destination_off",
                path,
                f"The destination {destination.name} is switched off: deliveries wait until it is on again.",
                destination=Named(destination.id, destination.name),
            )


def targets_of(policies: Iterable[PolicyDraft]) -> set[str]:
    """Return the ids of all destinations that the actions of policies name."""
    actions = (action for policy in policies for action in policy.actions)
    return {action.destination for action in actions if isinstance(action, DestinationAction)}


def sent_here(
    considered: Considered, destinations: Mapping[str, Destination], here: Collection[str]
) -> Iterator[PolicyWarning]:
    """Actions that send images to the Orthanc that they are in."""
    for path, action, destination in _targets(considered, destinations):
        if destination.id not in here or not isinstance(action, SendingAction):
            continue
        what = (
            "the images are here already, so that nothing comes of it"
            if action.transform is None
            else "the changed images come in here as new ones and can fire other policies; the action"
            " modify does that without the way around"
        )
        yield PolicyWarning(
            "leads_here",
            path,
            f"The destination {destination.name} is this Orthanc itself: {what}.",
            destination=Named(destination.id, destination.name),
        )


def sent_back(considered: Considered, destinations: Mapping[str, Destination]) -> Iterator[PolicyWarning]:
    """Actions that send a destination what it has made itself."""
    for path, action, destination in _targets(considered, destinations):
        if isinstance(action, ImagesAction) and action.send_back:
            yield PolicyWarning(
                "sent_back",
                path.replace(".destination", ".send_back"),
                f"The destination {destination.name} is sent what it sends here itself, too: where it answers"
                " each image with a new one, that goes on without end, and no hop limit ends it.",
                destination=Named(destination.id, destination.name),
            )


def identifiable_to_external(
    considered: Considered, destinations: Mapping[str, Destination]
) -> Iterator[PolicyWarning]:
    """Actions that let patients' names out of the hospital, be it only when a destination fails."""
    for path, action, destination in _targets(considered, destinations):
        if not isinstance(action, ImagesAction):
            continue
        left = _left_in(action, considered)
        if left == "":
            continue
        if implies(considered.rule.tree, _IS_ANONYMOUS.tree):
            return
        reached = _with_alternates(destination, destinations)
        outside = next((one for one in reached if one.external), None)
        if outside is None:
            continue
        where = "" if outside is destination else f", the alternate of {destination.name},"
        what = "anonymize in its transform" if isinstance(action, SendingAction) else "an anonymized copy"
        advice = f" all that identifies the patient: use {what}." if left is None else f" {left}."
        yield PolicyWarning(
            "identifiable_to_external",
            path,
            f"The destination {outside.name}{where} is outside the hospital, and the images go there"
            f" with{advice}",
            destination=Named(outside.id, outside.name),
        )


def same_place(
    considered: Considered, others: Sequence[Considered], destinations: Mapping[str, Destination]
) -> Iterator[PolicyWarning]:
    """Images that certainly go to one place twice, the same way, by two policies or two actions of one."""
    sent = [(path, action, _Place.of(action, to)) for path, action, to in _targets(considered, destinations)]
    for index, (path, _, place) in enumerate(sent):
        if place is not None and place in [other for _, _, other in sent[:index]]:
            yield PolicyWarning("same_place", path, "Another action of this policy sends the same there.")
    for other in others:
        places = {_Place.of(action, to) for _, action, to in _targets(other, destinations)} - {None}
        shared = [path for path, _, place in sent if place in places]
        if shared and _both_fire(considered, other, others):
            name = other.policy.name
            yield PolicyWarning(
                "same_place",
                shared[0],
                f"The policy {name} sends the same images there, too.",
                [Named(other.id, name)],
            )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where images go to, and as what."""

    action: str
    kind: str
    settings: str
    form: str

    @classmethod
    def of(cls, action: Action, destination: Destination) -> "_Place | None":
        """Return the place; None where the action sends no images."""
        if not isinstance(action, ImagesAction):
            return None
        settings = {name: destination.settings.get(name) for name in _ADDRESS}
        return cls(action.type, destination.kind, json.dumps(settings, sort_keys=True), action.form)


def _both_fire(one: Considered, other: Considered, others: Sequence[Considered]) -> bool:
    """Whether, for all images of the one or the other, certainly both fire."""
    if one.policy.fallback or other.policy.fallback:
        return False
    if one.trigger == other.trigger:
        first = one if in_order(one, other) else other
        if first.policy.stop:
            return False
    elif any(_depends_on_when(considered) for considered in (one, other)):
        return False
    for narrow, wide in ((one, other), (other, one)):
        if implies(narrow.rule.tree, wide.rule.tree):
            return not any(
                _may_stop(stopping, considered, narrow) for stopping in others for considered in (one, other)
            )
    return False


def _may_stop(stopping: Considered, stopped: Considered, images: Considered) -> bool:
    """Whether a policy might keep another one from firing for some of these images."""
    if stopping.id == stopped.id or not stopping.policy.stop or stopping.trigger != stopped.trigger:
        return False
    both = [Demand(stopping.rule.tree), Demand(images.rule.tree)]
    return in_order(stopping, stopped) and conflict_in(both, one_value=False) is None


def _depends_on_when(considered: Considered) -> bool:
    """Whether the same image may match now and not later, or at one level and not at another."""
    return any(
        condition.path.text in COUNTS
        or (condition.comparison is not None and condition.comparison.resolved is not None)
        for condition in conditions(considered.rule.tree)
    )


def _left_in(action: ImagesAction, considered: Considered) -> str | None:
    """Describe what still identifies the patient after the action's transform; empty where nothing does, None
    where nothing is anonymized."""
    transform = action.changes
    if transform is None or not transform.anonymize:
        return None
    if tags := left_identity(transform):
        return f"what identifies the patient in {', '.join(tags)}: keep and replace leave it there"
    is_shown = implies(considered.rule.tree, _HAS_TEXT_IN_PIXELS.tree)
    if is_shown and not (transform.redact or transform.redact_devices) and transform.burned_in == "send":
        return "what is burned into their pixels: use redact, or have burned_in hold or refuse them"
    return ""


def _targets(
    considered: Considered, destinations: Mapping[str, Destination]
) -> Iterator[tuple[str, Action, Destination]]:
    for index, action in enumerate(considered.policy.actions):
        if isinstance(action, DestinationAction) and action.destination in destinations:
            yield f"actions[{index}].destination", action, destinations[action.destination]


def _with_alternates(destination: Destination, destinations: Mapping[str, Destination]) -> list[Destination]:
    """Return the destination, its alternate, the alternate's alternate, and so on."""
    reached = [destination]
    while (following := destinations.get(reached[-1].alternate or "")) and following not in reached:
        reached.append(following)
    return reached
