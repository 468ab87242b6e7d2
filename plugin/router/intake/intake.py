# SPDX-License-Identifier: GPL-3.0-or-later
"""The intake's thread: reads Orthanc's change log from the saved cursor, plans, commits, wakes dispatch."""

import logging
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from router.catalog import Catalog
from router.clock import Clock
from router.health import Health
from router.intake.arrivals import ArrivalPlanner
from router.intake.change_log import ChangeLog
from router.intake.clock_watch import ClockWatch
from router.intake.database_check import DatabaseCheck, anchor_of
from router.intake.index_check import IndexCheck, others_of_index
from router.intake.pacing import Pacing
from router.intake.quiet import QuietPlanner
from router.intake.status import IntakeStatus, Lag, PassedOver
from router.intake.stored_instances import StoredInstances
from router.orthanc_api import Changes, OrthancApi, OrthancError, OrthancUnreachable
from router.settings import Index
from router.signals import Signals
from router.store import Cursor, Plan, PlanConflict, RunFilter, Store, StoreUnavailable

_log = logging.getLogger(__name__)

#: How many entries of the change log are planned together: few enough for a quick reading and a small plan.
_BATCH = 1000
#: How many quiet series and studies are looked at between two readings of the change log.
_QUIET_AT_ONCE = 20
#: How long series and studies are looked at before the change log is read again: new images wait for this
#: meanwhile.
_QUIET_SECONDS = 0.25
#: Later than any due time.
_ANY_TIME = datetime(9000, 1, 1, tzinfo=UTC)
#: Far more series and studies than ever are growing at once.
_GROWING_AT_ONCE = 100_000
#: How long until the change log is read again without a wake-up. This is often where other Orthancs write to
#: the same log, because they wake no intake here.
_LOOK_SECONDS = 5.0
_LOOK_SECONDS_ON_SERVER = 0.5
#: How often a standby node looks for deliveries that the intake of another node has planned.
_STAND_BY_SECONDS = 0.5
#: How long to wait where Orthanc or the store is away.
_PAUSE_SECONDS = 1.0
#: How long stopping waits for the plan under way.
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class IntakeScope:
    """The scope of the intake: whose images it plans, and how."""

    #: The identifier of this node.
    node: str
    index: Index
    #: Whether an image that comes again with other content counts as new: Orthanc overwrites.
    compare_digests: bool
    #: How many times in a row policies may act on results of each other.
    hop_limit: int


class Intake:
    """Owns the thread that plans. `wake` may be called from any thread and returns at once."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        orthanc: OrthancApi,
        clock: Clock,
        scope: IntakeScope,
        signals: Signals,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._orthanc = orthanc
        self._clock = clock
        self._scope = scope
        self._signals = signals
        index = scope.index
        self._look_seconds = _LOOK_SECONDS_ON_SERVER if index.on_server else _LOOK_SECONDS
        self._pacing = Pacing()
        self._status = IntakeStatus(None, None, None, 0)
        self._clock_watch = ClockWatch(clock)
        others = partial(others_of_index, store, index.name or scope.node, scope.node)
        self._index_check = IndexCheck(orthanc, store.intake, index, others, clock, signals)
        self._change_log = ChangeLog(orthanc, index.on_server, clock)
        self._newest: Changes | None = None
        self._begun = False
        self._seen: Cursor | None = None
        self._arrivals: ArrivalPlanner | None = None
        self._quiet: QuietPlanner | None = None
        #: Instances that Orthanc has deleted. The change log does not list them.
        self._deleted: deque[str] = deque()
        self._thread = threading.Thread(target=self._work, name="router-intake", daemon=True)

    @property
    def status(self) -> IntakeStatus:
        """The progress of the intake."""
        return self._status

    def health(self, *, store_answers: bool) -> Health:  # noqa: ARG002 - it asks only after a rare start
        """Return the progress of the intake, and its problems."""
        return self._status.health(self._replayed_since)

    def _replayed_since(self, moment: datetime) -> bool:
        """Whether someone has begun a replay since then."""
        try:
            newest, _ = self._store.runs.find(RunFilter(kinds=frozenset({"replay"})), 1)
        except StoreUnavailable:
            return False
        return any(run.created_at >= moment for run in newest)

    def lag(self) -> Lag | None:
        """Return how far the intake is behind; None before it has begun. Raises OrthancError,
        OrthancUnreachable."""
        status = self._status
        if status.cursor is None:
            return None
        behind = max(0, self._orthanc.last_change().last - status.cursor)
        if not behind or status.caught_up_at is None:
            return Lag(behind, 0.0)
        return Lag(behind, round((self._clock() - status.caught_up_at).total_seconds(), 3))

    def start(self) -> None:
        """Begin to plan. In an archive never read before, begin with images that come in from now on."""
        with suppress(OrthancError, OrthancUnreachable):  # the thread asks again
            self._newest = self._orthanc.last_change()
        self._thread.start()

    def wake(self) -> None:
        """Note that something was stored, or that policies have changed."""
        self._pacing.wake()

    def deleted(self, instance: str) -> None:
        """Note that Orthanc has deleted an instance, maybe to overwrite it. A deleted instance that comes in
        again is new, whatever its content."""
        self._deleted.append(instance)
        self._pacing.wake()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until there is nothing to plan, for work that can wait for the intake. Return False where this
        takes longer than `seconds`."""
        return self._pacing.wait_until_idle(seconds)

    def stop(self) -> None:
        """Stop planning; wait a little for the plan under way."""
        self._pacing.stop()
        self._thread.join(_STOP_SECONDS)
        if not self.has_ended:
            _log.warning("The intake is still busy")

    @property
    def has_ended(self) -> bool:
        """Whether the thread has ended: nothing is being planned, nor will be."""
        return not self._thread.is_alive()

    def _work(self) -> None:
        with self._orthanc.reserved():
            self._take_turns()

    def _take_turns(self) -> None:
        while self._pacing.next_turn():
            try:
                wait = self._turn()
                problem = self._signals.index_problem or None
            except StoreUnavailable as error:
                problem, wait = f"The store is not available: {error}", _PAUSE_SECONDS
            except (OrthancError, OrthancUnreachable) as error:
                problem, wait = f"Orthanc does not answer the intake: {error}", _PAUSE_SECONDS
            except PlanConflict:
                problem, wait = None, 0.0
            except Exception as error:  # noqa: BLE001 - must neither end the intake nor pass unseen
                _log.exception("The intake cannot go on")
                problem = f"The intake cannot go on ({type(error).__name__}); Orthanc's log says more"
                wait = _PAUSE_SECONDS
            if problem and problem != self._status.problem:
                _log.warning("%s", problem)
            self._status = replace(self._status, problem=problem)
            if wait > 0:
                self._pacing.wait(wait)

    def _turn(self) -> float:
        """Plan what there is to plan; return the seconds to wait before the next turn."""
        arrivals, quiet = self._planners()
        if self._newest is None:
            # Before the store is asked: images that come in while the store is away must be routed too.
            self._newest = self._orthanc.last_change()
        if not self._signals.reads_changes(_STAND_BY_SECONDS):
            self._pacing.set_idle(True)
            return self._stand_by()
        self._pacing.set_idle(False)
        cursor = self._store.intake.cursor()
        if cursor is None or not self._begun:
            begin = self._begin(cursor)
            if begin is None:
                return _PAUSE_SECONDS
            cursor = self._due_anew(begin)
            self._begun = True
            self._index_check.begun()
        if self._clock_watch.put_back():
            _log.warning("The machine's clock was put back: what waits for a time of day is due anew")
            cursor = self._due_anew(cursor)
        if self._deleted:
            cursor = self._forget_deleted(cursor)
        changes, held_back = self._change_log.after(cursor.sequence, _BATCH)
        if changes.entries:
            plan = arrivals.plan(cursor, changes, self._catalog.current(), self._clock())
            self._commit(plan)
            cursor = plan.cursor
            self._pacing.planned()
        if not changes.done:
            return 0.0
        if not held_back:
            self._status = replace(self._status, caught_up_at=self._clock())
        self._status = replace(self._status, cursor=cursor.sequence)
        due_at = self._store.intake.next_growing_due()
        if due_at is not None and due_at <= self._clock():
            until = time.monotonic() + _QUIET_SECONDS
            undecided = False
            for growing in self._store.intake.growing_due(self._clock(), _QUIET_AT_ONCE):
                quiet_plan = quiet.plan(cursor, growing, self._catalog.current(), self._clock(), until)
                if quiet_plan is None:
                    undecided = True
                else:
                    self._commit(quiet_plan)
                    cursor = quiet_plan.cursor
                if time.monotonic() > until:
                    return 0.0
            if undecided:
                return self._look_seconds if held_back else 0.0
            due_at = self._store.intake.next_growing_due()
        if due_at is None:
            return self._look_seconds
        return min(self._look_seconds, max(0.0, (due_at - self._clock()).total_seconds()))

    def _stand_by(self) -> float:
        """Leave the intake to another node, and wake the lanes here for what that node plans."""
        self._begun = False
        self._deleted.clear()
        cursor = self._store.intake.peek()
        self._index_check.stand_by(cursor)
        if cursor is not None and cursor != self._seen:
            self._seen = cursor
            self._status = replace(self._status, cursor=cursor.sequence, caught_up_at=self._clock())
            self._signals.new_deliveries(self._catalog.current().destinations)
        return 0.0

    def _due_anew(self, cursor: Cursor) -> Cursor:
        """Treat last arrivals that lie in the future by the clock as if they were now; move due times too."""
        now = self._clock()
        growing = [
            replace(one, last_at=now, due_at=now + (one.due_at - one.last_at))
            for one in self._store.intake.growing_due(_ANY_TIME, _GROWING_AT_ONCE)
            if one.due_at is not None and one.last_at > now
        ]
        if not growing:
            return cursor
        plan = Plan(based_on=cursor, cursor=replace(cursor, version=cursor.version + 1), growing=growing)
        self._commit(plan)
        return plan.cursor

    def _forget_deleted(self, cursor: Cursor) -> Cursor:
        """Clear the digests of deleted instances: a later arrival of one is not a repeat."""
        deleted = list(islice(self._deleted, _BATCH))
        there = {content["ID"] for content in self._orthanc.bulk_content(list(dict.fromkeys(deleted)))}
        known = self._store.intake.arrivals([one for one in dict.fromkeys(deleted) if one not in there])
        if known:
            arrivals = [replace(arrival, digest="") for arrival in known.values()]
            after = replace(cursor, version=cursor.version + 1)
            self._store.intake.commit(Plan(based_on=cursor, cursor=after, arrivals=arrivals))
            cursor = after
        for _ in deleted:
            self._deleted.popleft()
        return cursor

    def _commit(self, plan: Plan) -> None:
        self._store.intake.commit(plan)
        self._status = replace(
            self._status,
            cursor=plan.cursor.sequence,
            instances=self._status.instances + len(plan.arrivals),
        )
        lanes = {new.delivery.lane for new in plan.deliveries}
        if lanes:
            self._signals.new_deliveries(lanes)

    def _begin(self, cursor: Cursor | None) -> Cursor | None:
        """Return where to begin: at the cursor, unless it belongs to another database. None where this
        database must not be read at all. Called once a start."""
        if cursor is None:
            # In an archive that already holds data, at its end: old images are not routed by surprise.
            assert self._newest is not None
            begin = Cursor(self._newest.last, 1, anchor_of(self._newest))
            _log.warning(
                "The intake begins at change %d: what is stored already is not routed", begin.sequence
            )
        else:
            beginning = DatabaseCheck(self._orthanc, self._store.intake).begin(cursor, self._newest)
            begin = beginning.cursor
            if begin == cursor:
                return cursor
            if not beginning.is_same_log and not self._index_check.replaced():
                return None
            _log.warning(
                "Orthanc's change log is not as it was when read last: the intake goes on after change %d",
                begin.sequence,
            )
            if beginning.unread:
                _log.warning("%d images that came in before were not looked at", beginning.unread)
                passed_over = PassedOver(beginning.unread, self._clock())
                self._status = replace(self._status, passed_over=passed_over)
            self._planners()[0].read_again(cursor.sequence)
        self._store.intake.begin(begin, cursor)
        return begin

    def _planners(self) -> tuple[ArrivalPlanner, QuietPlanner]:
        if self._arrivals is None or self._quiet is None:
            stored = StoredInstances(self._orthanc)
            ledger = self._store.intake
            lineages, scope = self._store.lineages, self._scope
            self._arrivals = ArrivalPlanner(
                ledger, lineages, scope.hop_limit, self._orthanc, stored, scope.compare_digests
            )
            self._quiet = QuietPlanner(ledger, lineages, scope.hop_limit, self._orthanc, stored)
        return self._arrivals, self._quiet
