"""Saving policies: what is checked before, and what every save leaves behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from router.administration.cases import CaseRunner
from router.administration.fitness import faults, misfits
from router.audit import Audit
from router.catalog import Catalog
from router.checks import CaseResult, Considered, PolicyWarning, failure, warnings_of
from router.clock import Clock
from router.documents.action import DestinationAction
from router.documents.audit import Actor
from router.documents.differences import Difference, differences
from router.documents.document import new_id
from router.documents.invalid import Invalid, validated
from router.documents.policy import Policy, PolicyDraft
from router.orthanc_api import OrthancApi
from router.rules import Problem, RuleError, compile_rule
from router.store import NotFound, RevisionConflict, Store

#: What the server gives; a client that sends back what it got is not refused for it.
SERVER_FIELDS = frozenset({"id", "revision", "created_at", "updated_at", "updated_by"})

#: What a save answers beside the policy.
_WARNINGS = "warnings"

_RESTORED = "policy.restored"


@dataclass(frozen=True, slots=True)
class Check:
    """What would come of saving a policy enabled, and what its own cases say."""

    ok: bool
    #: As (path, message).
    problems: Sequence[tuple[str, str]] = ()
    warnings: Sequence[PolicyWarning] = ()
    cases: Sequence[CaseResult] = ()


class PolicyAdministration:
    """Creates, changes and deletes policies. Every method may raise StoreUnavailable, and
    OrthancError or OrthancUnreachable where what is saved depends on what this Orthanc can do."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        orthanc: OrthancApi,
        cases: CaseRunner,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._orthanc = orthanc
        self._cases = cases
        self._audit = audit
        self._clock = clock

    def create(self, data: object, actor: Actor) -> Policy:
        """A new policy. Raises Invalid, NameTaken."""
        draft = self.checked(data)
        now = self._clock()
        policy = Policy(
            **dict(draft), id=new_id(), revision=1, created_at=now, updated_at=now, updated_by=actor.name
        )
        self._store.policies.create(policy, self._audit.act("policy.created", actor, policy.comment))
        return policy

    def replace(self, identifier: str, data: object, revision: int | None, actor: Actor) -> Policy:
        """Save a policy anew; `revision` is the one the writer has seen, None where that does not matter.

        Raises Invalid, NotFound, NameTaken, RevisionConflict.
        """
        current = self._store.policies.get(identifier)
        if revision is not None and revision != current.revision:
            raise RevisionConflict(current.revision)
        return self._save(current, self.checked(data), actor, "policy.changed")

    def set_enabled(self, identifier: str, enabled: bool, actor: Actor, comment: str = "") -> Policy:
        """Switch on or off; nothing is saved where it is so already. Raises Invalid, NotFound."""
        current = self._store.policies.get(identifier)
        if current.enabled == enabled:
            return current
        changed = {**_draft_of(current), "enabled": enabled, "comment": comment}
        # Switching off must work for a policy that would not be accepted today.
        draft = self.checked(changed) if enabled else PolicyDraft.model_validate(changed)
        event = "policy.enabled" if enabled else "policy.disabled"
        return self._save(current, draft, actor, event)

    def restore(self, identifier: str, revision: int, actor: Actor, comment: str = "") -> Policy:
        """Make an earlier revision the current one, as a new revision. A deleted policy comes back.

        Raises Invalid, NotFound, NameTaken.
        """
        earlier = self._store.policies.revision(identifier, revision)
        draft = self.checked({**_draft_of(earlier), "comment": comment})
        [last, *_] = self._store.policies.revisions(identifier)
        try:
            return self._save(self._store.policies.get(identifier), draft, actor, _RESTORED)
        except NotFound:
            policy = self._following(last, draft, actor)
            self._store.policies.revive(policy, self._audit.act(_RESTORED, actor, policy.comment))
            return policy

    def differences(self, identifier: str, before: int, after: int) -> list[Difference]:
        """What leads from one revision to another, also of a deleted policy. Raises NotFound."""
        revision = self._store.policies.revision
        return differences(_draft_of(revision(identifier, before)), _draft_of(revision(identifier, after)))

    def delete(self, identifier: str, revision: int | None, actor: Actor) -> None:
        """Take a policy away; deliveries under way go on. Raises NotFound, RevisionConflict."""
        self._store.policies.delete(identifier, revision, self._audit.act("policy.deleted", actor))

    def checked(self, data: object) -> PolicyDraft:
        """A document as it would be saved: destinations by id, actions with ids, all of it valid, and its
        cases right where it is enabled.

        Raises Invalid with every problem found.
        """
        draft = self._valid(data)
        if draft.enabled:
            failed = [
                (f"cases[{index}].{case.path}" if case.path else f"cases[{index}]", failure(case))
                for index, case in enumerate(self._cases.run(draft))
                if not case.ok
            ]
            if failed:
                raise Invalid(failed)
        return draft

    def check(self, data: object, identifier: str = "") -> Check:
        """What is to be said of a document, which is meant to replace this policy; nothing is saved."""
        try:
            draft = self._valid(data)
        except Invalid as invalid:
            return Check(False, problems=invalid.problems)
        cases = self._cases.run(draft)
        return Check(all(case.ok for case in cases), (), self.warnings(draft, identifier), cases)

    def warnings(self, draft: PolicyDraft, identifier: str = "") -> list[PolicyWarning]:
        """What is most likely not meant in a policy that could be saved, in the place of this one."""
        snapshot = self._catalog.current()
        others = [
            Considered(one.id, snapshot.policies[one.id], one.rule, trigger)
            for trigger, policies in snapshot.triggers.items()
            for one in policies.policies
            if one.id != identifier
        ]
        considered = Considered(
            identifier,
            draft,
            compile_rule(draft.rule, draft.trigger.level),
            self._catalog.trigger_of(draft),
        )
        return warnings_of(considered, others, snapshot.destinations)

    def _valid(self, data: object) -> PolicyDraft:
        """The document but for its cases. Raises Invalid with every problem found."""
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
        if problems:
            raise Invalid(problems)
        return draft.model_copy(update={"actions": actions})

    def _save(self, current: Policy, draft: PolicyDraft, actor: Actor, event: str) -> Policy:
        policy = self._following(current, draft, actor)
        self._store.policies.replace(policy, self._audit.act(event, actor, policy.comment))
        return policy

    def _following(self, current: Policy, draft: PolicyDraft, actor: Actor) -> Policy:
        """The next revision."""
        return Policy(
            **dict(draft),
            id=current.id,
            revision=current.revision + 1,
            created_at=current.created_at,
            updated_at=self._clock(),
            updated_by=actor.name,
        )


def _draft_of(policy: Policy) -> dict[str, Any]:
    return policy.model_dump(mode="json", exclude={*SERVER_FIELDS, "comment"})


def _below(path: str, problem: Problem) -> str:
    if not problem.path:
        return path
    return f"{path}{problem.path}" if problem.path.startswith("[") else f"{path}.{problem.path}"
