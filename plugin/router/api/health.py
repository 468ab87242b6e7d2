"""Routes that tell how the router is: health, and who is asking."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from router.administration.nodes import waiting_for
from router.api.http import Request, Response, Route, about_no_patient
from router.audit import Reporter
from router.catalog import Catalog
from router.clock import Clock
from router.dispatch import BreakerState, Dispatcher, LaneStatus
from router.documents.delivery import FINISHED, DestinationReference, State
from router.documents.destination import Destination
from router.documents.node import NodeState
from router.intake import Intake
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.repetitions import Repetitions
from router.settings import Settings
from router.store import RunFilter, Store, StoreUnavailable
from router.version import VERSION

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should look at."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A destination that cannot be reached while deliveries wait for it.

    This is no fault of the router, which tries again by itself.
    """

    code: str
    message: str
    destination: DestinationReference
    #: None where only another node has tried it.
    since: datetime | None
    #: Deliveries that wait for it.
    waiting: int


#: Open pages ask for health every few seconds; what costs a write, or all of Orthanc's metrics, is asked for
#: no more often than this, for all of them.
_ASKED_AGAIN_SECONDS = 10.0


class Recent(Generic[Told]):
    """What was told a short time ago. May be used from any thread."""

    def __init__(self, seconds: float, steady: Callable[[], float] = time.monotonic) -> None:
        """It is told again for so long, and a failure for a part of that; `steady`: seconds that only ever
        pass."""
        self._seconds = seconds
        self._steady = steady
        self._lock = threading.Lock()
        self._until = -math.inf
        self._told: Callable[[], Told] | None = None

    def get(self, ask: Callable[[], Told]) -> Told:
        """What was told lately, or is told now; raises what `ask` raises, or has raised lately."""
        with self._lock:
            if self._told is None or self._steady() >= self._until:
                self._told, lasts = self._asked(ask)
                self._until = self._steady() + lasts
            told = self._told
        return told()

    def _asked(self, ask: Callable[[], Told]) -> tuple[Callable[[], Told], float]:
        try:
            answer = ask()
        except (StoreUnavailable, OrthancError, OrthancUnreachable) as error:
            failure = error

            def fail() -> Told:
                raise failure

            # Whoever waits for a store that is away must not wait for it one after the other.
            return fail, self._seconds / 5
        return lambda: answer, self._seconds


def user(request: Request) -> dict[str, Any]:
    """Who is asking, and what that person may do: `labels` are those of the studies that may be seen, where
    not all may."""
    told: dict[str, Any] = {"name": request.user, "roles": sorted(request.roles)}
    if request.user_id:
        told["id"] = request.user_id
    if request.labels is not None:
        told["labels"] = sorted(request.labels)
    return told


class HealthRoutes:
    """Answers `/health`."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        catalog: Catalog,
        orthanc: OrthancApi,
        intake: Intake,
        repetitions: Repetitions | None,
        dispatcher: Dispatcher,
        reporter: Reporter | None,
        failures: Callable[[], list[str]],
        clock: Clock,
    ) -> None:
        """`failures` tells what has gone wrong in the router that nobody foresaw."""
        self._settings = settings
        self._store = store
        self._catalog = catalog
        self._orthanc = orthanc
        self._intake = intake
        self._repetitions = repetitions
        self._dispatcher = dispatcher
        self._reporter = reporter
        self._failures = failures
        self._clock = clock
        self._store_check = Recent[None](_ASKED_AGAIN_SECONDS)
        self._jobs = Recent[tuple[int, int] | None](_ASKED_AGAIN_SECONDS)
        self._explorer_2: str | None = None

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "GET", "/health", self._health, "Whether it works, and what is wrong", about=about_no_patient
            )
        ]

    def _health(self, request: Request) -> Response:
        problems: list[Problem] = []
        store = self._store_state(problems)
        intake = self._intake_state(problems)
        absences: list[Absence] = []
        deliveries, counted_at, lanes = self._lanes(problems, absences) if store["ok"] else ({}, None, [])
        if self._reporter is not None and self._reporter.problem:
            problems.append(Problem("audit", self._reporter.problem))
        problems += [Problem("router", failure) for failure in self._failures()]
        nodes = self._nodes(problems) if store["ok"] else []
        orthanc = self._orthanc_state(problems)
        return Response.of(
            {
                "status": "degraded" if problems else "warning" if absences else "ok",
                "name": self._settings.name,
                "version": VERSION,
                "problems": problems,
                "warnings": absences,
                "intake": intake,
                "store": store,
                "orthanc": orthanc,
                "deliveries": deliveries,
                "succeeded_counted_at": counted_at,
                "lanes": lanes,
                "nodes": nodes,
                "user": user(request),
            }
        )

    def _store_state(self, problems: list[Problem]) -> dict[str, Any]:
        try:
            self._store_check.get(self._store.check)
        except StoreUnavailable as error:
            problems.append(Problem("store", f"The store is not available: {error}"))
            return {"description": self._store.describe(), "ok": False}
        if damage := self._store.damage():
            problems.append(Problem("store", f"The store cannot be trusted: {damage}"))
        return {"description": self._store.describe(), "ok": True}

    def _intake_state(self, problems: list[Problem]) -> dict[str, Any]:
        status = self._intake.status
        if status.problem:
            problems.append(Problem("intake", status.problem))
        passed_over = status.passed_over
        if passed_over is not None and not self._replayed_since(passed_over.at):
            problems.append(
                Problem(
                    "intake",
                    "Orthanc's database is another one than before, and none of its images is known:"
                    f" {passed_over.images} that were stored already were not looked at. To have policies act"
                    " on them, replay each (Policies, Replay) over the time in which they came in. This is"
                    " shown until a replay is begun, or Orthanc is restarted.",
                )
            )
        state: dict[str, Any] = {
            "cursor": status.cursor,
            "caught_up_at": status.caught_up_at,
            "instances": status.instances,
        }
        if self._repetitions is not None:
            state["repeated"] = self._repetitions.told()
        try:
            lag = self._intake.lag()
        except (OrthancError, OrthancUnreachable):
            return state  # `_orthanc_state` tells it
        if lag is not None:
            state |= {"lag_changes": lag.changes, "lag_seconds": lag.seconds}
        return state

    def _replayed_since(self, moment: datetime) -> bool:
        """Whether somebody has begun a replay since then."""
        try:
            newest, _ = self._store.runs.find(RunFilter(kinds=frozenset({"replay"})), 1)
        except StoreUnavailable:
            return False
        return any(run.created_at >= moment for run in newest)

    def _study_page(self) -> str:
        """Where Explorer 2 shows a study; plugins stay as they are while Orthanc runs."""
        if self._explorer_2 is None:
            self._explorer_2 = self._orthanc.explorer_2_study()
        return self._explorer_2

    def _orthanc_state(self, problems: list[Problem]) -> dict[str, Any]:
        state: dict[str, Any] = {"aet": self._settings.aet, "dicom_port": self._settings.dicom_port}
        try:
            state["version"] = self._orthanc.system()["Version"]
            state["plugin_version"] = self._orthanc.plugin_version()
            state["study_page"] = self._study_page()
            jobs = self._jobs.get(self._orthanc.jobs)
        except (OrthancError, OrthancUnreachable) as error:
            problems.append(Problem("orthanc", f"Orthanc's REST API does not answer: {error}"))
            return state
        slots = self._settings.concurrent_jobs
        if jobs is not None and jobs[1] > 0 and jobs[0] >= slots:
            problems.append(
                Problem(
                    "jobs",
                    f"All {slots} job slots of Orthanc are taken, and {jobs[1]} jobs wait for one: deliveries"
                    " may wait for what others have begun. /jobs tells what runs; ConcurrentJobs in"
                    " Orthanc's configuration gives more slots.",
                )
            )
        return state

    def _nodes(self, problems: list[Problem]) -> list[dict[str, Any]]:
        now = self._clock()
        try:
            nodes = self._store.nodes.all()
            waiting = waiting_for(self._store, nodes, now)
        except StoreUnavailable as error:
            problems.append(Problem("store", f"The store is not available: {error}"))
            return []
        for node in nodes:
            if node.state(now) == NodeState.GONE and not node.left:
                since = f"{node.seen_at:%Y-%m-%d %H:%M:%S} UTC"
                left = f"; {waiting[node.id]} deliveries wait for it" if node.id in waiting else ""
                problems.append(
                    Problem("node", f"The node {node.name!r} has not been heard of since {since}{left}")
                )
            elif node.problem:
                problems.append(Problem("index", f"The node {node.name!r}: {node.problem}"))
        return [
            {
                "id": node.id,
                "name": node.name,
                "state": node.state(now),
                "lag_seconds": node.lag_seconds,
                "waiting": waiting.get(node.id, 0),
            }
            for node in nodes
        ]

    def _lanes(
        self, problems: list[Problem], absences: list[Absence]
    ) -> tuple[dict[str, int], datetime | None, list[dict[str, Any]]]:
        """Deliveries by state, as of when those that succeeded are counted (None: now), and each lane."""
        try:
            counts = self._store.deliveries.counts()
            snapshot = self._catalog.current()
        except StoreUnavailable as error:
            problems.append(Problem("store", f"The store is not available: {error}"))
            return {}, None, []
        problems += [
            Problem("policy", f"The policy {snapshot.policies[identifier].name!r} cannot be used: {reason}")
            for identifier, reason in snapshot.unusable.items()
        ]
        for kind, unreadable in (
            ("policy", snapshot.unreadable_policies),
            ("destination", snapshot.unreadable_destinations),
        ):
            problems += [
                Problem(
                    kind,
                    f"The {kind} {one.name!r} ({one.id}) cannot be used: {one.reason}. Have all routers of"
                    " one version, or delete it and restore a revision of it that can be read",
                )
                for one in unreadable
            ]
        totals = dict.fromkeys(State, 0)
        for (_, state), count in counts.items():
            totals[state] += count
        statuses = self._dispatcher.statuses()
        lanes = []
        for destination in snapshot.destinations.values():
            status = statuses.get(destination.id)
            lane: dict[str, Any] = {
                "destination": {"id": destination.id, "name": destination.name, "kind": destination.kind},
                "enabled": destination.enabled,
            }
            lane |= {state.value: counts.get((destination.id, state), 0) for state in State}
            if status is not None:
                lane |= {
                    "breaker": status.breaker,
                    "last_error": status.last_error,
                    "last_success_at": status.last_success_at,
                    "next_probe_at": status.next_probe_at,
                    "away_since": status.away_since,
                    "instances": status.instances,
                }
                if destination.enabled and status.breaker != BreakerState.CLOSED:
                    waiting = sum(
                        counts.get((destination.id, state), 0) for state in frozenset(State) - FINISHED
                    )
                    # Where nothing waits, it is not looked for any more: nobody knows how it is.
                    if waiting:
                        absences.append(_absence(destination, status, waiting))
            lanes.append(lane)
        return {state.value: count for state, count in totals.items()}, counts.succeeded_at, lanes


def _absence(destination: Destination, status: LaneStatus, waiting: int) -> Absence:
    since = f" since {status.away_since:%Y-%m-%d %H:%M:%S} UTC" if status.away_since else ""
    deliveries = "1 delivery waits" if waiting == 1 else f"{waiting} deliveries wait"
    return Absence(
        "destination",
        f"The destination {destination.name!r} cannot be reached{since}; {deliveries} for it."
        f" {status.last_error or ''}".rstrip(),
        DestinationReference(id=destination.id, name=destination.name, kind=destination.kind),
        status.away_since,
        waiting,
    )
