"""Saving policies: what is checked before, and what every save leaves behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from router.administration.policy_drafts import SERVER_FIELDS, PolicyDrafts
from router.administration.policy_warnings import policy_warnings
from router.audit import Audit
from router.catalog import Catalog
from router.checks import CaseResult, PolicyWarning
from router.clock import Clock
from router.documents.audit import Actor
from router.documents.differences import Difference, differences
from router.documents.document import new_id
from router.documents.invalid import Invalid
from router.documents.policy import Policy, PolicyDraft
from router.store import NotFound, RevisionConflict, Store

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
        drafts: PolicyDrafts,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._drafts = drafts
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
        return self._save(current, self.checked(data, current), actor, "policy.changed")

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

    def checked(self, data: object, current: Policy | None = None) -> PolicyDraft:
        """A document as it would be saved; `current` is what it would replace.

        Raises Invalid with every problem found.
        """
        return self._drafts.checked(data, self._store.destinations.all(), current)

    def check(self, data: object, identifier: str = "") -> Check:
        """What is to be said of a document, which is meant to replace this policy; nothing is saved."""
        try:
            draft = self._drafts.valid(data, self._store.destinations.all())
        except Invalid as invalid:
            return Check(False, problems=invalid.problems)
        cases = self._drafts.run_cases(draft)
        return Check(all(case.ok for case in cases), (), self.warnings(draft, identifier), cases)

    def warnings(self, draft: PolicyDraft, identifier: str = "") -> list[PolicyWarning]:
        """What is most likely not meant in a policy that could be saved, in the place of this one."""
        return policy_warnings(self._catalog, self._catalog.current(), draft, identifier)

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
