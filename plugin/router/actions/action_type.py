# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface of every type of action: a model, and the function that carries it out.

An action is one file or folder in this package that defines one `ActionType`. A new action changes no other
file.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, get_args

from router.actions.work import SendResult, Work
from router.destinations import Taking
from router.documents.action import BaseAction


class Perform(Protocol):
    """Carries out the deliveries of an action.

    It must be repeatable: after a crash it is called again for the same images. It raises only
    DestinationUnavailable and UnfitDestination.
    """

    def __call__(self, work: Work) -> SendResult: ...


def _nothing_wrong(_action: Any) -> Iterable[tuple[str, str]]:
    return ()


@dataclass(frozen=True, slots=True)
class ActionType:
    """A type of action, as the registry lists it."""

    #: Its document. Class variables of `BaseAction` say what it needs from other parts.
    model: type[BaseAction]
    perform: Perform
    #: For people: the action in the page's menu, and its purpose.
    label: str
    hint: str
    #: For people: what a policy with this action does, before the name of the destination.
    summary: str
    #: What its destination must take; None for an action that acts in this Orthanc.
    needs: Taking | None = None
    #: What is wrong with an action that its model cannot check, as (path in the action, message).
    problems: Callable[[Any], Iterable[tuple[str, str]]] = _nothing_wrong
    #: The first version of Orthanc that supports it, such as 1.12; empty where all do.
    first_orthanc: str = ""

    @property
    def name(self) -> str:
        """The `type` of such an action in a policy document."""
        [name] = get_args(self.model.model_fields["type"].annotation)
        return str(name)

    def problem_with(self, orthanc_version: str) -> str | None:
        """Return why an Orthanc of this version cannot do it, in words; None where it can.

        An unreleased Orthanc has the version `mainline`, which counts as newer than all others.
        """
        parts = orthanc_version.split(".")[:2]
        if not self.first_orthanc or not all(part.isdecimal() for part in parts):
            return None
        if [int(part) for part in parts] >= [int(part) for part in self.first_orthanc.split(".")]:
            return None
        return (
            f"The action {self.name} needs Orthanc {self.first_orthanc} or newer; this is Orthanc"
            f" {orthanc_version}."
        )
