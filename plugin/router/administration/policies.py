"""Saving policies: what is checked before, and what every save leaves behind."""

from collections.abc import Mapping
from typing import Any

from router.administration.fitness import faults, misfits
from router.clock import Clock
from router.documents.action import DestinationAction
from router.documents.document import new_id
from router.documents.invalid import Invalid, validated
from router.documents.policy import Case, Policy, PolicyDraft
from router.orthanc_api import OrthancApi
from router.rules import Moment, Problem, Reading, RuleError, compile_rule
from router.store import NotFound, RevisionConflict, Store

#: What the server gives; a client that sends back what it got is not refused for it.
SERVER_FIELDS = frozenset({"id", "revision", "created_at", "updated_at", "updated_by"})


class PolicyAdministration:
    """Creates, changes and deletes policies. Every method may raise StoreUnavailable, and
    OrthancError or OrthancUnreachable where what is saved depends on what this Orthanc can do."""

    def __init__(self, store: Store, orthanc: OrthancApi, clock: Clock) -> None:
        self._store = store
        self._orthanc = orthanc
        self._clock = clock

    def create(self, data: object, user: str) -> Policy:
        """A new policy. Raises Invalid, NameTaken."""
        draft = self.checked(data)
        now = self._clock()
        policy = Policy(
            **dict(draft), id=new_id(), revision=1, created_at=now, updated_at=now, updated_by=user
        )
        self._store.policies.create(policy)
        return policy

    def replace(self, identifier: str, data: object, revision: int | None, user: str) -> Policy:
        """Save a policy anew; `revision` is the one the writer has seen, None where that does not matter.

        Raises Invalid, NotFound, NameTaken, RevisionConflict.
        """
        current = self._store.policies.get(identifier)
        if revision is not None and revision != current.revision:
            raise RevisionConflict(current.revision)
        return self._save(current, self.checked(data), user)

    def set_enabled(self, identifier: str, enabled: bool, user: str) -> Policy:
        """Switch on or off; nothing is saved where it is so already. Raises Invalid, NotFound."""
        current = self._store.policies.get(identifier)
        if current.enabled == enabled:
            return current
        changed = {**_draft_of(current), "enabled": enabled}
        # Switching off must work for a policy that would not be accepted today.
        draft = self.checked(changed) if enabled else PolicyDraft.model_validate(changed)
        return self._save(current, draft, user)

    def restore(self, identifier: str, revision: int, user: str) -> Policy:
        """Make an earlier revision the current one, as a new revision. A deleted policy comes back.

        Raises Invalid, NotFound, NameTaken.
        """
        earlier = self._store.policies.revision(identifier, revision)
        draft = self.checked(_draft_of(earlier))
        try:
            current = self._store.policies.get(identifier)
        except NotFound:
            return self.create(draft.model_dump(mode="json"), user)
        return self._save(current, draft, user)

    def delete(self, identifier: str, revision: int | None) -> None:
        """Take a policy away; deliveries under way go on. Raises NotFound, RevisionConflict."""
        self._store.policies.delete(identifier, revision)

    def checked(self, data: object) -> PolicyDraft:
        """A document as it would be saved: destinations by id, actions with ids, all of it valid.

        Raises Invalid with every problem found.
        """
        if isinstance(data, Mapping):
            data = {name: value for name, value in data.items() if name not in SERVER_FIELDS}
        draft = validated(PolicyDraft, data)
        problems: list[tuple[str, str]] = []
        try:
            compile_rule(draft.rule, draft.trigger.level)
        except RuleError as error:
            problems += [(_below("rule", problem), problem.message) for problem in error.problems]
        actions = []
        destinations = self._store.destinations.all()
        by_id = {destination.id: destination for destination in destinations}
        by_name = {destination.name.casefold(): destination for destination in destinations}
        for index, action in enumerate(draft.actions):
            wrong = list(faults(action, self._orthanc))
            given: dict[str, str] = {"id": action.id or new_id()}
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
        if len({action.id for action in actions}) < len(actions):
            problems.append(("actions", "Two actions have the same id."))
        if not problems and draft.enabled:
            problems += self._failing_cases(draft)
        if problems:
            raise Invalid(problems)
        return draft.model_copy(update={"actions": actions})

    def _failing_cases(self, draft: PolicyDraft) -> list[tuple[str, str]]:
        rule = compile_rule(draft.rule, draft.trigger.level)
        moment = Moment(self._clock().astimezone())
        problems = []
        for index, case in enumerate(draft.cases):
            try:
                matches = rule.evaluate(Reading.of_document(case.tags), moment)
            except RuleError as error:
                problems += [
                    (f"cases[{index}].{problem.path}", problem.message) for problem in error.problems
                ]
                continue
            if matches != case.matches:
                problems.append((f"cases[{index}]", _failed(case)))
        return problems

    def _save(self, current: Policy, draft: PolicyDraft, user: str) -> Policy:
        policy = Policy(
            **dict(draft),
            id=current.id,
            revision=current.revision + 1,
            created_at=current.created_at,
            updated_at=self._clock(),
            updated_by=user,
        )
        self._store.policies.replace(policy)
        return policy


def _draft_of(policy: Policy) -> dict[str, Any]:
    return policy.model_dump(mode="json", exclude=set(SERVER_FIELDS))


def _below(path: str, problem: Problem) -> str:
    if not problem.path:
        return path
    return f"{path}{problem.path}" if problem.path.startswith("[") else f"{path}.{problem.path}"


def _failed(case: Case) -> str:
    meant = "match" if case.matches else "not match"
    return f"The case {case.name!r} should {meant}, but does{' not' if case.matches else ''}."
