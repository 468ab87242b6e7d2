# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves policies, and checks them before."""

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
    """The result of checking a policy as if it were saved enabled, and the results of its cases."""

    ok: bool
    #: As (path, message).
    problems: Sequence[tuple[str, str]] = ()
    warnings: Sequence[PolicyWarning] = ()
    cases: Sequence[CaseResult] = ()


class PolicyAdministration(DocumentAdministration[Policy, PolicyDraft]):
    """Creates, changes and deletes policies. Every method may raise StoreUnavailable, and
    OrthancError or OrthancUnreachable where a check depends on what this Orthanc can do."""

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
        """Return the document as it would be saved; `current` is the policy that it would replace.

        Raises Invalid with every problem found.
        """
        return self._drafts.checked(data, self._store.destinations.all(), current)

    def check(self, data: object, identifier: str = "") -> Check:
        """Check a document that is to replace the policy `identifier`; saves nothing."""
        try:
            draft = self._drafts.valid(data, self._store.destinations.all())
        except Invalid as invalid:
            return Check(False, problems=invalid.problems)
        cases = self._drafts.run_cases(draft)
        return Check(all(case.ok for case in cases), (), self.warnings(draft, identifier), cases)

    def warnings(self, draft: PolicyDraft, identifier: str = "") -> list[PolicyWarning]:
        """Return warnings about likely mistakes in a valid policy that is to replace the policy
        `identifier`."""
        return PolicyWarnings(self._catalog, self._catalog.current(), self._leads_here).of(draft, identifier)

    def _switched(self, current: Policy, enabled: bool, comment: str) -> PolicyDraft:
        changed = {**_draft_of(current), "enabled": enabled, "comment": comment}
        # Disabling must work even for a policy that would no longer be accepted.
        return self.checked(changed) if enabled else PolicyDraft.model_validate(changed)

    def _restored(self, earlier: Policy, comment: str) -> PolicyDraft:
        return self.checked({**_draft_of(earlier), "comment": comment})

    def _differences(self, before: Policy, after: Policy) -> list[Difference]:
        return differences(_draft_of(before), _draft_of(after))


def _draft_of(policy: Policy) -> dict[str, Any]:
    return policy.model_dump(mode="json", exclude={*SERVER_FIELDS, "comment"})
