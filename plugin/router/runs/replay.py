# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay: applies a policy to stored images."""

from collections.abc import Iterator, Sequence
from typing import Any

from router.clock import MACHINE_ZONE
from router.documents.run import ReplayRequest, Run, RunStudy
from router.intake.stored_instances import StoredInstance
from router.rules import Moment
from router.runs.evaluation import told_of
from router.runs.planning import Planning
from router.runs.reading import RunFailed, StudyReader
from router.runs.selection import meant, selected
from router.runs.task import RunContext, all_studies, planned_in_all, policy_of
from router.store import DoneStudy, NotFound


class Replay:
    """One replay; see Task. Evaluates each study as it is stored now, like a preview."""

    def __init__(self, run: Run, reader: StudyReader, context: RunContext) -> None:
        self._run = run
        self._request = ReplayRequest.model_validate(run.request)
        self._reader = reader
        self._store = context.store
        self._orthanc = context.orthanc
        self._clock = context.clock
        snapshot = context.catalog.current()
        self._policy = policy_of(run, context.store)
        self._evaluation = context.evaluation(self._policy, snapshot, reader)
        current = snapshot.policies.get(self._policy.id)
        self._is_in_force = current is not None and current.enabled
        self._planning = Planning(
            run,
            context.store.deliveries,
            snapshot,
            context.sending_back(snapshot),
            self._request.priority,
            self._request.again,
        )

    def select(self) -> Iterator[RunStudy]:
        if self._request.run is None:
            yield from selected(self._request, self._orthanc, self._reader)
            return
        try:
            self._store.runs.get(self._request.run)
        except NotFound:
            raise RunFailed("The preview that was to be carried out is not in the store any more.") from None
        for found in all_studies(self._store.runs, self._request.run, "matched"):
            yield RunStudy(study=found.study, position=found.position, within=found.within)

    def carry_out(self, study: RunStudy, stored: Sequence[StoredInstance]) -> DoneStudy:
        looked_at = meant(self._request, study, stored)
        now = self._clock()
        judgement = self._evaluation.judge(stored, looked_at, Moment(now.astimezone(MACHINE_ZONE)))
        told = told_of(study, stored, looked_at, judgement)
        if judgement.matches and not self._request.again and self._grows(stored):
            reason = "Images of it still come in: the policy fires for it by itself."
            return DoneStudy(told.model_copy(update={"reason": reason}))
        planned = self._planning.planned(study.study, judgement.matches, now)
        told = told.model_copy(update={"amounts": planned.amounts, "skipped": planned.skipped})
        return DoneStudy(told, planned.deliveries)

    def report(self) -> dict[str, Any]:
        return planned_in_all(self._store.runs, self._run.id)

    def _grows(self, stored: Sequence[StoredInstance]) -> bool:
        """Whether the policy has yet to fire for the study, or for a series of it, by itself."""
        level = self._policy.trigger.level
        if level == "instance" or not self._is_in_force:
            return False
        resources = sorted({one.series if level == "series" else one.study for one in stored})
        return any(
            growing.due_at is not None
            and (
                self._policy.id not in growing.fired
                or growing.fired[self._policy.id].through_sequence < growing.last_sequence
            )
            for growing in self._store.intake.growing(level, resources).values()
        )
