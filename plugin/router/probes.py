"""Asks Orthanc and the store, every few seconds, whether they work; health tells the last answers.

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
from router.intake import Intake, Lag
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.rounds import Rounds
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

    @abstractmethod
    def _ask(self) -> None:
        """Ask, and keep the answer."""


class OrthancProbe(Probe):
    """Keeps Orthanc's last answer. `answer` may be read from any thread."""

    def __init__(
        self, orthanc: OrthancApi, intake: Intake, clock: Clock, steady: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__("router-orthanc-probe", clock, steady)
        self._orthanc = orthanc
        self._intake = intake
        self._jobs_due_at = steady()
        self.answer = OrthancAnswer()

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
