"""The policy that a run is about."""

from datetime import datetime
from typing import Any

from router.documents.policy import Policy, PolicyDraft
from router.documents.run import Run
from router.runs.failures import RunFailed
from router.store import NotFound, Store

#: The id of a policy that is not saved: no other has it.
_UNSAVED = "draft"


def policy_of(run: Run, store: Store) -> Policy:
    """The draft as if it were saved, or the revision in the store. Raises RunFailed."""
    assert run.policy is not None
    draft: dict[str, Any] | None = run.request.get("draft")
    if draft is not None:
        return _as_saved(PolicyDraft.model_validate(draft), run.policy.id, run.created_by, run.created_at)
    assert run.policy.id is not None
    assert run.policy.revision is not None
    try:
        return store.policies.revision(run.policy.id, run.policy.revision)
    except NotFound:
        raise RunFailed("The revision of the policy is not in the store any more.") from None


def _as_saved(draft: PolicyDraft, identifier: str | None, user: str, at: datetime) -> Policy:
    return Policy(
        **dict(draft), id=identifier or _UNSAVED, revision=1, created_at=at, updated_at=at, updated_by=user
    )
