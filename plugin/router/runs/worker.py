# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread that carries out runs: in small steps, in turn, while no images come in."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from router.documents.run import Progress, Run, RunKind, RunState, RunStudy
from router.intake.stored_instances import StoredInstance
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.rounds import Rounds
from router.runs.reading import Courtesy, Ending, RunFailed, StudyReader
from router.runs.task import OpenTask, RunContext, Task
from router.store import DeliveryFilter, DoneStudy, NotFound, RunFilter, StoreUnavailable

_log = logging.getLogger(__name__)

#: Runs that take turns.
_RUNS_AT_ONCE = 100
#: How many studies are read together, and the time after which a step ends in any case.
_STUDIES_AT_ONCE = 20
_STEP_SECONDS = 0.5
#: Studies that are added to a run at a time.
_SELECTED_AT_ONCE = 500
#: How often the thread looks for runs without being woken.
_LOOK_SECONDS = 5.0
#: How long to wait where Orthanc or the store is away.
_PAUSE_SECONDS = 1.0
#: How long stopping waits: longer than a step takes.
_STOP_SECONDS = 5.0

_ACTIVE = frozenset({RunState.WAITING, RunState.RUNNING})


class RunWorker(Rounds):
    """Carries out runs. Each step is saved before the next one begins, so a run continues after a crash."""

    def __init__(
        self,
        context: RunContext,
        node: str,
        kinds: Mapping[RunKind, OpenTask],
        wait_until_idle: Callable[[float], bool],
        planned: Callable[[Iterable[str]], None],
    ) -> None:
        """`node`: this router's name in its stored runs. `wait_until_idle`: waits for the intake, at most the
        given seconds. `planned`: called with the lanes that have new deliveries."""
        super().__init__("router-runs", _STOP_SECONDS)
        self._context = context
        self._store = context.store
        self._orthanc = context.orthanc
        self._node = node
        self._clock = context.clock
        self._kinds = kinds
        self._planned = planned
        self._courtesy = Courtesy(wait_until_idle, self._ending)
        self._reader: StudyReader | None = None
        self._tasks: dict[str, Task] = {}
        self._cancelled: deque[str] = deque()

    def conclude(self, run: str) -> None:
        """Have the report of a cancelled run written."""
        self._cancelled.append(run)
        self.wake()

    def _round(self) -> float:
        try:
            return 0.0 if self._turn() else _LOOK_SECONDS
        except Ending:
            return 0.0
        except (StoreUnavailable, OrthancUnreachable) as error:
            _log.warning("Runs wait: %s", error)
            return _PAUSE_SECONDS

    def _turn(self) -> bool:
        """Do one step of each run; return whether there was a run."""
        while self._cancelled:
            self._conclude(self._cancelled[0])
            self._cancelled.popleft()
        wanted = RunFilter(states=_ACTIVE, node=self._node)
        _, count = self._store.runs.find(wanted, 0)
        # The oldest runs, which are listed last. The others follow when these end.
        active, _ = self._store.runs.find(wanted, _RUNS_AT_ONCE, max(0, count - _RUNS_AT_ONCE))
        self._tasks = {run.id: self._tasks[run.id] for run in active if run.id in self._tasks}
        for run in reversed(active):
            self._advance(run)
        return bool(active)

    def _advance(self, run: Run) -> None:
        """Do the next step of a run; record a failure in the run."""
        try:
            self._step(run)
        except (Ending, StoreUnavailable, OrthancUnreachable):
            raise
        except RunFailed as error:
            self._fail(run, str(error))
        except OrthancError as error:
            self._fail(run, f"Orthanc says: {error}")
        except Exception as error:  # noqa: BLE001 - must neither end the thread nor pass unseen
            _log.exception("A run has failed in a way nobody foresaw")
            self._fail(
                run, f"The router has failed at this ({type(error).__name__}); Orthanc's log says more"
            )

    def _step(self, run: Run) -> None:
        if run.state == RunState.WAITING:
            started_at = run.started_at or self._clock()
            run = run.model_copy(update={"state": RunState.RUNNING, "started_at": started_at})
            if not self._store.runs.save(run, RunState.WAITING):
                return
        task = self._tasks.get(run.id)
        if task is None:
            task = self._tasks[run.id] = self._open(run)
            if run.progress.studies_total is not None:
                # What was saved of it may be older than what was done.
                run = run.model_copy(update={"progress": self._store.runs.progress(run.id)})
        if run.progress.studies_total is None:
            self._select(run, task)
            run = run.model_copy(update={"progress": self._store.runs.progress(run.id)})
            if not self._saved(run):
                return
        studies = self._store.runs.next_studies(run.id, _STUDIES_AT_ONCE)
        if not studies:
            self._finish(run, task)
            return
        done = self._carry_out(task, studies)
        self._store.runs.record(run.id, done)
        lanes = {new.delivery.lane for each in done for new in each.deliveries}
        if lanes:
            self._planned(lanes)
        before = run.progress
        progress = Progress(
            studies_done=before.studies_done + len(done),
            studies_total=before.studies_total,
            instances=before.instances + sum(each.study.looked_at for each in done),
        )
        self._saved(run.model_copy(update={"progress": progress}))

    def _open(self, run: Run) -> Task:
        if self._reader is None:
            self._reader = StudyReader(self._orthanc, self._courtesy)
        return self._kinds[run.kind](run, self._reader, self._context)

    def _select(self, run: Run, task: Task) -> None:
        studies: list[RunStudy] = []
        for study in task.select():
            studies.append(study)
            if len(studies) == _SELECTED_AT_ONCE:
                self._store.runs.add_studies(run.id, studies)
                studies = []
        self._store.runs.add_studies(run.id, studies)

    def _carry_out(self, task: Task, studies: list[RunStudy]) -> list[DoneStudy]:
        assert self._reader is not None
        done = []
        until = time.monotonic() + _STEP_SECONDS
        for study, stored in self._reader.studies(studies):
            done.append(_carried_out(task, study, stored))
            if time.monotonic() > until:
                break
        return done

    def _saved(self, run: Run) -> bool:
        """Save a run's progress; return False where it was paused or cancelled meanwhile."""
        if self._store.runs.save(run, RunState.RUNNING):
            return True
        current = self._store.runs.get(run.id)
        if current.state == RunState.PAUSED:
            self._store.runs.save(current.model_copy(update={"progress": run.progress}), RunState.PAUSED)
        return False

    def _finish(self, run: Run, task: Task) -> None:
        ended = {"state": RunState.FINISHED, "finished_at": self._clock(), "report": task.report()}
        self._saved(run.model_copy(update=ended))

    def _fail(self, run: Run, error: str) -> None:
        ended = {"state": RunState.FAILED, "finished_at": self._clock(), "error": error}
        current = self._store.runs.get(run.id)
        if current.state in _ACTIVE:
            self._store.runs.save(current.model_copy(update=ended), current.state)

    def _conclude(self, identifier: str) -> None:
        """Write the report of a cancelled run. Deliveries planned since are cancelled where that was
        requested."""
        try:
            run = self._store.runs.get(identifier)
        except NotFound:
            return
        if run.cancels_deliveries:
            self._store.deliveries.cancel(DeliveryFilter(run=run.id), self._clock())
        if run.progress.studies_total is None:
            return
        try:
            report = (self._tasks.get(run.id) or self._open(run)).report()
        except (RunFailed, OrthancError) as error:
            _log.warning("There is no report of a cancelled run: %s", error)
            return
        told = {"report": report, "progress": self._store.runs.progress(run.id)}
        self._store.runs.save(run.model_copy(update=told), RunState.CANCELLED)


def _carried_out(task: Task, study: RunStudy, stored: list[StoredInstance]) -> DoneStudy:
    try:
        return task.carry_out(study, stored)
    except OrthancError as error:
        reason = f"Orthanc cannot read it: {error}"
        resource = stored[0].resource("study") if stored else None
        return DoneStudy(study.model_copy(update={"done": True, "resource": resource, "reason": reason}))
