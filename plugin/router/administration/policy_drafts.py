# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks policies before they are saved."""

from collections.abc import Callable, Mapping, Sequence

from router.administration.case_running import CaseRunner
from router.administration.fitness import faults, misfits
from router.documents.action import Action, DestinationAction
from router.documents.destination import Destination
from router.documents.document import new_id
from router.documents.invalid import Invalid, validated
from router.documents.policy import Policy, PolicyDraft
from router.documents.revision import SERVER_FIELDS
from router.review import CaseResult, failure
from router.rules import Problem, RuleError, compile_rule

#: A field that the answer to a save adds to the policy. A client may send it back.
_WARNINGS = "warnings"


class PolicyDrafts:
    """Checks policies."""

    def __init__(self, cases: CaseRunner, version: Callable[[], str]) -> None:
        """`version` returns Orthanc's version. The methods raise what it raises."""
        self._cases = cases
        self._version = version

    def checked(
        self, data: object, destinations: Sequence[Destination], current: Policy | None = None
    ) -> PolicyDraft:
        """Return the document as it would be saved: valid, destinations by id, actions with ids.

        The cases of an enabled policy must pass. `current` is the policy that the document would replace.

        Raises Invalid with every problem found.
        """
        draft = self.valid(data, destinations, current)
        if draft.enabled:
            failed = [
                (f"cases[{index}].{case.path}" if case.path else f"cases[{index}]", failure(case))
                for index, case in enumerate(self.run_cases(draft))
                if not case.ok
            ]
            if failed:
                raise Invalid(failed)
        return draft

    def valid(
        self, data: object, destinations: Sequence[Destination], current: Policy | None = None
    ) -> PolicyDraft:
        """Check the document as `checked` does, but without its cases. Raises Invalid with every problem
        found."""
        if isinstance(data, Mapping):
            data = {
                name: value for name, value in data.items() if name not in SERVER_FIELDS and name != _WARNINGS
            }
        draft = validated(PolicyDraft, data)
        problems: list[tuple[str, str]] = []
        try:
            compile_rule(draft.rule, draft.trigger.level)
        except RuleError as error:
            problems += [(_below("rule", problem), problem.message) for problem in error.problems]
        actions: list[Action] = []
        by_id = {destination.id: destination for destination in destinations}
        by_name = {destination.name.casefold(): destination for destination in destinations}
        for index, action in enumerate(draft.actions):
            wrong = list(faults(action, self._version))
            given: dict[str, str] = {}
            if isinstance(action, DestinationAction):
                wanted = action.destination
                found = by_id.get(wanted) or by_name.get(wanted.casefold())
                if found is None:
                    wrong.append(("destination", f"There is no destination {wanted!r}."))
                else:
                    wrong += misfits(action, found.kind)
                    given["destination"] = found.id
            problems += [(f"actions[{index}].{path}", message) for path, message in wrong]
            actions.append(action.model_copy(update=given))
        actions = with_ids(actions, current.actions if current else [])
        if len({action.id for action in actions}) < len(actions):
            problems.append(("actions", "Two actions have the same id."))
        if problems:
            raise Invalid(problems)
        return draft.model_copy(update={"actions": actions})

    def run_cases(self, draft: PolicyDraft) -> list[CaseResult]:
        """Return the results of a valid policy's cases."""
        return self._cases.run(draft)


def _below(path: str, problem: Problem) -> str:
    if not problem.path:
        return path
    return f"{path}{problem.path}" if problem.path.startswith("[") else f"{path}.{problem.path}"


def with_ids(actions: Sequence[Action], known: Sequence[Action]) -> list[Action]:
    """Return the actions, each with an id.

    An action without an id gets the id of the matching known action: an identical one, or else one of the
    same type and destination.
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
