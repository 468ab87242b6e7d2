# SPDX-License-Identifier: GPL-3.0-or-later
"""What all kinds of runs have in common: context, steps and report."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from router.administration.sending_back import SendingBack
from router.catalog import Catalog, Snapshot
from router.clock import Clock
from router.destinations import Opening
from router.documents.policy import Policy, PolicyDraft
from router.documents.run import Run, RunStudy
from router.intake.stored_instances import StoredInstance
from router.orthanc_api import OrthancApi
from router.runs.evaluation import Evaluation
from router.runs.reading import RunFailed, StudyReader
from router.store import DoneStudy, Finding, NotFound, Runs, Store
from router.transforms import Transforms


@dataclass(frozen=True, slots=True)
class RunContext:
    """The context of every run. Runs do not change it."""

    store: Store
    orthanc: OrthancApi
    catalog: Catalog
    transforms: Transforms
    opening: Opening
    #: How many policies may follow one another upon what the first has made.
    hop_limit: int
    clock: Clock

    def sending_back(self, snapshot: Snapshot) -> SendingBack:
        """Return a counter of images that would not be sent back to the destinations of the snapshot."""
        return SendingBack(self.orthanc, self.store, self.opening, snapshot)

    def evaluation(self, policy: Policy, snapshot: Snapshot, reader: StudyReader) -> Evaluation:
        """Return the evaluation of one policy among those of the snapshot. Raises RunFailed."""
        trigger = self.catalog.trigger_of(policy)
        return Evaluation(policy, trigger, snapshot, self.store.lineages, self.hop_limit, reader)


class Task(Protocol):
    """A run in progress. Each method may raise OrthancError, OrthancUnreachable, StoreUnavailable and
    RunFailed."""

    def select(self) -> Iterator[RunStudy]:
        """Yield the studies of the run."""
        ...

    def carry_out(self, study: RunStudy, stored: Sequence[StoredInstance]) -> DoneStudy:
        """Process one study, of which Orthanc has these images, and return the result."""
        ...

    def report(self) -> dict[str, Any]:
        """Return the report on all finished studies."""
        ...


#: Begins or continues a run. Raises RunFailed.
OpenTask = Callable[[Run, StudyReader, RunContext], Task]


#: The id of an unsaved policy; no other policy has it.
_UNSAVED = "draft"


def policy_of(run: Run, store: Store) -> Policy:
    """Return the run's draft as if it were saved, or its revision in the store. Raises RunFailed."""
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


_PAGE = 500
#: The most studies that a report lists.
_NAMED = 100


def all_studies(runs: Runs, run: str, finding: Finding | None = None) -> Iterator[RunStudy]:
    """Yield the finished studies in order."""
    after = None
    while page := runs.studies_after(run, finding, after, _PAGE):
        yield from page
        after = page[-1]


def planned_in_all(runs: Runs, run: str) -> dict[str, Any]:
    """Return the report of a run that makes deliveries. `failed_to_plan`: the first studies without
    deliveries, because Orthanc no longer has them or cannot read them."""
    report = {"planned": 0, "skipped_already_delivered": 0, "instances": 0, "bytes": 0, "not_sent_back": 0}
    failed: list[dict[str, str]] = []
    for study in all_studies(runs, run):
        report["skipped_already_delivered"] += study.skipped
        for amount in study.amounts:
            report["planned"] += amount.deliveries
            report["instances"] += amount.instances
            report["bytes"] += amount.bytes
            report["not_sent_back"] += amount.not_sent_back
        if (study.resource is None or study.verdict is None) and len(failed) < _NAMED:
            failed.append({"study": study.study, "reason": study.reason})
    return {**report, "failed_to_plan": failed}
