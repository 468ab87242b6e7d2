"""The policy that a run is about, and what surrounds it."""

from datetime import datetime
from typing import Any

from router.catalog import Catalog, Snapshot
from router.documents.policy import Policy, PolicyDraft
from router.documents.run import Run
from router.runs.evaluation import Evaluation
from router.runs.failures import RunFailed
from router.runs.reading import StudyReader
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


class Evaluations:
    """Makes the evaluations of runs."""

    def __init__(self, store: Store, catalog: Catalog, hop_limit: int) -> None:
        self._store = store
        self._catalog = catalog
        self._hop_limit = hop_limit

    def of(self, policy: Policy, snapshot: Snapshot, reader: StudyReader) -> Evaluation:
        """Of one policy among those of the snapshot. Raises RunFailed."""
        trigger = self._catalog.trigger_of(policy)
        return Evaluation(policy, trigger, snapshot, self._store.lineages, self._hop_limit, reader)

    def quiet_seconds(self, policy: Policy) -> int:
        """How long a series or study is quiet before the policy fires; 0 where it fires for each image."""
        return self._catalog.trigger_of(policy).quiet_seconds

    def snapshot(self) -> Snapshot:
        """The policies and destinations in force now."""
        return self._catalog.current()
