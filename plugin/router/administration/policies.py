# SPDX-License-Identifier: GPL-3.0-or-later
"""Saving policies, and what is to be said of one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from router.administration.documents import DocumentAdministration
from router.administration.policy_drafts import PolicyDrafts
from router.administration.policy_warnings import LeadsHere, PolicyWarnings
from router.audit import Audit
from router.catalog import Catalog
from router.clock import Clock
from router.documents.differences import Difference, differences
from router.documents.invalid import Invalid
from router.documents.policy import Policy, PolicyDraft
from router.documents.revision import SERVER_FIELDS
from router.review import CaseResult, PolicyWarning
from router.store import Store


@dataclass(frozen=True, slots=True)
class Check:
    """What would come of saving a policy enabled, and what its own cases say."""

    ok: bool
    #: As (path, message).
    problems: Sequence[tuple[str, str]] = ()
    warnings: Sequence[PolicyWarning] = ()
    cases: Sequence[CaseResult] = ()


class PolicyAdministration(DocumentAdministration[Policy, PolicyDraft]):
    """Creates, changes and deletes policies. Every method may raise StoreUnavailable, and
    OrthancError or OrthancUnreachable where what is saved depends on what this Orthanc can do."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        drafts: PolicyDrafts,
        audit: Audit,
        clock: Clock,
        leads_here: LeadsHere,
    ) -> None:
        super().__init__("policy", Policy, store.policies, audit, clock)
        self._store = store
        self._catalog = catalog
        self._drafts = drafts
        self._leads_here = leads_here

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
        return PolicyWarnings(self._catalog, self._catalog.current(), self._leads_here).of(draft, identifier)

    def _switched(self, current: Policy, enabled: bool, comment: str) -> PolicyDraft:
        changed = {**_draft_of(current), "enabled": enabled, "comment": comment}
        # Switching off must work for a policy that would not be accepted today.
        return self.checked(changed) if enabled else PolicyDraft.model_validate(changed)

    def _restored(self, earlier: Policy, comment: str) -> PolicyDraft:
        return self.checked({**_draft_of(earlier), "comment": comment})

    def _differences(self, before: Policy, after: Policy) -> list[Difference]:
        return differences(_draft_of(before), _draft_of(after))


def _draft_of(policy: Policy) -> dict[str, Any]:
    return policy.model_dump(mode="json", exclude={*SERVER_FIELDS, "comment"})
