"""Routes that tell how the router is: health, and who is asking."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from router.administration.nodes import waiting_for
from router.api.health_answer import Health, HealthAtStart
from router.api.http import Request, Response, Route, about_no_patient
from router.api.lane_health import LaneHealth, Problem, lane_health
from router.audit import Reporter
from router.catalog import Catalog
from router.clock import Clock
from router.dispatch import Dispatcher
from router.documents.node import NodeState
from router.intake import Intake
from router.probes import LONGEST_SILENCE_SECONDS, OrthancProbe, StoreProbe
from router.repetitions import Repetitions
from router.settings import Settings
from router.store import RunFilter, Store, StoreUnavailable
from router.version import VERSION


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
    """Answers `/health`, from what the parts know already: it writes nothing, and asks Orthanc nothing."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        catalog: Catalog,
        store_probe: StoreProbe,
        orthanc_probe: OrthancProbe,
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
        self._store_probe = store_probe
        self._orthanc_probe = orthanc_probe
        self._intake = intake
        self._repetitions = repetitions
        self._dispatcher = dispatcher
        self._reporter = reporter
        self._failures = failures
        self._clock = clock

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "GET",
                "/health",
                self._health,
                "Whether it works, and what is wrong",
                about=about_no_patient,
                answer=Health,
                other_answers={503: HealthAtStart},
            )
        ]

    def _health(self, request: Request) -> Response:
        problems: list[Problem] = []
        store = self._store_state(problems)
        intake = self._intake_state(problems)
        lanes = self._lanes(problems) if store["ok"] else LaneHealth()
        if self._reporter is not None and self._reporter.problem:
            problems.append(Problem("audit", self._reporter.problem))
        problems += [Problem("router", failure) for failure in self._failures()]
        nodes = self._nodes(problems) if store["ok"] else []
        orthanc = self._orthanc_state(problems)
        return Response.of(
            {
                "status": "degraded" if problems else "warning" if lanes.absences else "ok",
                "name": self._settings.name,
                "version": VERSION,
                "problems": problems,
                "warnings": lanes.absences,
                "altered": lanes.altered,
                "intake": intake,
                "store": store,
                "orthanc": orthanc,
                "deliveries": lanes.deliveries,
                "succeeded_counted_at": lanes.succeeded_counted_at,
                "lanes": lanes.lanes,
                "nodes": nodes,
                "user": user(request),
            }
        )

    def _store_state(self, problems: list[Problem]) -> dict[str, Any]:
        answer = self._store_probe.answer
        silent = self._store_probe.silent_for()
        problem = answer.problem
        if not problem and silent > LONGEST_SILENCE_SECONDS:
            problem = f"it has not answered for {silent:.0f} seconds"
        if problem:
            problems.append(Problem("store", f"The store is not available: {problem}"))
        elif damage := self._store.damage():
            problems.append(Problem("store", f"The store cannot be trusted: {damage}"))
        return {"description": self._store.describe(), "ok": not problem, "checked_at": answer.at}

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
        elif not self._settings.overwrites:
            state["repeated"] = None
            state["repeated_not_counted"] = (
                "OverwriteInstances is off: Orthanc drops images that it has already, corrected ones too, and"
                ' this version tells nobody. "IfChanged" takes corrections in.'
            )
        orthanc = self._orthanc_probe.answer
        if orthanc.lag is not None:
            state |= {
                "lag_changes": orthanc.lag.changes,
                "lag_seconds": orthanc.lag.seconds,
                "lag_measured_at": orthanc.at,
            }
        return state

    def _replayed_since(self, moment: datetime) -> bool:
        """Whether somebody has begun a replay since then."""
        try:
            newest, _ = self._store.runs.find(RunFilter(kinds=frozenset({"replay"})), 1)
        except StoreUnavailable:
            return False
        return any(run.created_at >= moment for run in newest)

    def _orthanc_state(self, problems: list[Problem]) -> dict[str, Any]:
        state: dict[str, Any] = {"aet": self._settings.aet, "dicom_port": self._settings.dicom_port}
        answer = self._orthanc_probe.answer
        silent = self._orthanc_probe.silent_for()
        problem = answer.problem
        if not problem and silent > LONGEST_SILENCE_SECONDS:
            problem = f"it has kept the router waiting for {silent:.0f} seconds"
        if problem:
            problems.append(Problem("orthanc", f"Orthanc's REST API does not answer: {problem}"))
        state |= {
            "version": answer.version,
            "plugin_version": answer.plugin_version,
            "study_page": answer.study_page or "",
            "asked_at": answer.at,
        }
        slots = self._settings.concurrent_jobs
        if answer.jobs is not None and answer.jobs[1] > 0 and answer.jobs[0] >= slots:
            problems.append(
                Problem(
                    "jobs",
                    f"All {slots} job slots of Orthanc are taken, and {answer.jobs[1]} jobs wait for one:"
                    " deliveries may wait for what others have begun. /jobs tells what runs;"
                    " ConcurrentJobs in Orthanc's configuration gives more slots.",
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

    def _lanes(self, problems: list[Problem]) -> LaneHealth:
        try:
            health, wrong = lane_health(self._store, self._catalog, self._dispatcher)
        except StoreUnavailable as error:
            problems.append(Problem("store", f"The store is not available: {error}"))
            return LaneHealth()
        problems += wrong
        return health
