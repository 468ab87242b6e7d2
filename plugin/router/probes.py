# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks Orthanc and the store every few seconds whether they work. Health tells the last answers.

Open pages, monitors and load balancers ask for health as often as they like: that costs neither a write nor a
request to Orthanc.
"""

import time
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from router.clock import Clock
from router.health import Health, Problem
from router.intake import Intake, Lag
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.rounds import Rounds
from router.settings import Settings
from router.store import Store, StoreUnavailable

_ORTHANC_SECONDS: Final = 2.0
#: Orthanc tells of its jobs among all of its metrics, and proving the store takes a write: both less often.
_COSTLY_SECONDS: Final = 10.0
#: After a failure people wait for the all-clear.
_STORE_AWAY_SECONDS: Final = 2.0
#: An answer that is older is a fault of its own: the question must be hanging.
LONGEST_SILENCE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class OrthancAnswer:
    """What Orthanc has said of itself. Empty texts and None stand for what is not known yet."""

    #: When it was last asked, and has answered or failed to.
    at: datetime | None = None
    #: Why it does not answer, in words; empty where it does.
    problem: str = ""
    version: str = ""
    plugin_version: str = ""
    #: See `OrthancApi.explorer_2_study`; None as long as it is not known.
    study_page: str | None = None
    #: How far the intake was behind then.
    lag: Lag | None = None
    #: Jobs that are carried out, and that wait for it.
    jobs: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    """Whether the store could be written to."""

    #: When that was last tried; None where it has not been.
    at: datetime | None = None
    #: Why not, in words; empty where it could.
    problem: str = ""


class Probe(Rounds):
    """Asks in rounds, and knows how old the last answer is."""

    def __init__(self, name: str, clock: Clock, steady: Callable[[], float]) -> None:
        """`steady`: seconds that only ever pass."""
        super().__init__(name)
        self._clock = clock
        self._steady = steady
        self._answered_at = steady()

    def start(self) -> None:
        """Ask once, so that there is an answer, and begin with the rounds."""
        self.look()
        super().start()

    def look(self) -> None:
        """Ask once."""
        self._ask()
        self._answered_at = self._steady()

    def silent_for(self) -> float:
        """Seconds since the last answer, which may have been that it does not work."""
        return self._steady() - self._answered_at

    def _problem(self, answered: str, silence: str) -> str:
        """What is wrong: as it was answered, or else that it keeps silent."""
        silent = self.silent_for()
        if answered or silent <= LONGEST_SILENCE_SECONDS:
            return answered
        return f"it {silence} {silent:.0f} seconds"

    @abstractmethod
    def _ask(self) -> None:
        """Ask, and keep the answer."""


class OrthancProbe(Probe):
    """Keeps Orthanc's last answer. `answer` may be read from any thread."""

    def __init__(
        self,
        settings: Settings,
        orthanc: OrthancApi,
        intake: Intake,
        clock: Clock,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("router-orthanc-probe", clock, steady)
        self._settings = settings
        self._orthanc = orthanc
        self._intake = intake
        self._jobs_due_at = steady()
        self.answer = OrthancAnswer()

    def health(self, *, store_answers: bool) -> Health:  # noqa: ARG002 - it is known here
        """What Orthanc has said, and whether deliveries may wait for its jobs."""
        answer = self.answer
        problems = []
        if problem := self._problem(answer.problem, "has kept the router waiting for"):
            problems.append(Problem("orthanc", f"Orthanc's REST API does not answer: {problem}"))
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
        told: dict[str, dict[str, object]] = {
            "orthanc": {
                "aet": self._settings.aet,
                "dicom_port": self._settings.dicom_port,
                "version": answer.version,
                "plugin_version": answer.plugin_version,
                "study_page": answer.study_page or "",
                "asked_at": answer.at,
            }
        }
        if answer.lag is not None:
            told["intake"] = {
                "lag_changes": answer.lag.changes,
                "lag_seconds": answer.lag.seconds,
                "lag_measured_at": answer.at,
            }
        return Health(problems, answer=told)

    def _round(self) -> float:
        self.look()
        return _ORTHANC_SECONDS

    def _ask(self) -> None:
        try:
            self.answer = self._answered()
        except (OrthancError, OrthancUnreachable) as error:
            self.answer = replace(self.answer, at=self._clock(), problem=str(error), lag=None)

    def _answered(self) -> OrthancAnswer:
        known = self.answer
        version = str(self._orthanc.system()["Version"])
        # Plugins stay as they are while Orthanc runs.
        plugin_version = known.plugin_version or self._orthanc.plugin_version()
        study_page = self._orthanc.explorer_2_study() if known.study_page is None else known.study_page
        jobs = known.jobs
        if self._steady() >= self._jobs_due_at:
            jobs = self._orthanc.jobs()
            self._jobs_due_at = self._steady() + _COSTLY_SECONDS
        return OrthancAnswer(self._clock(), "", version, plugin_version, study_page, self._intake.lag(), jobs)


class StoreProbe(Probe):
    """Keeps whether the store could be written to. `answer` may be read from any thread."""

    def __init__(self, store: Store, clock: Clock, steady: Callable[[], float] = time.monotonic) -> None:
        super().__init__("router-store-probe", clock, steady)
        self._store = store
        self.answer = StoreAnswer()

    def problem(self) -> str:
        """Why the store does not answer, in words; empty where it does."""
        return self._problem(self.answer.problem, "has not answered for")

    def health(self, *, store_answers: bool) -> Health:  # noqa: ARG002 - it is this that tells
        """Whether it can be written to, and trusted."""
        problem = self.problem()
        problems = []
        if problem:
            problems.append(Problem("store", f"The store is not available: {problem}"))
        elif damage := self._store.damage():
            problems.append(Problem("store", f"The store cannot be trusted: {damage}"))
        told = {
            "description": self._store.describe(),
            "ok": not problem,
            "checked_at": self.answer.at,
        }
        return Health(problems, answer={"store": told})

    def _round(self) -> float:
        self.look()
        return _STORE_AWAY_SECONDS if self.answer.problem else _COSTLY_SECONDS

    def _ask(self) -> None:
        try:
            self._store.check()
            problem = ""
        except StoreUnavailable as error:
            problem = str(error)
        self.answer = StoreAnswer(self._clock(), problem)
