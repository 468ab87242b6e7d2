# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the router that work in rounds, each in its own thread, and their unexpected errors."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence

from router.health import Health, Problem

_log = logging.getLogger(__name__)

#: How long to rest after a round with an unexpected error.
_PAUSE_SECONDS = 5.0
#: How long stopping waits for the round under way.
_STOP_SECONDS = 2.0


class Unforeseen:
    """An unexpected error, described for health; the log shows its place once."""

    def __init__(self, who: str, log: logging.Logger) -> None:
        self._who = who
        self._log = log
        #: Empty where nothing has.
        self.problem = ""

    def caught(self, error: Exception) -> None:
        """Tell of it; to be called while it is handled."""
        problem = f"{self._who} has failed ({type(error).__name__}); Orthanc's log says more"
        if problem != self.problem:
            self._log.exception("%s", problem)
        self.problem = problem

    def passed(self) -> None:
        """All is well again."""
        self.problem = ""


class Rounds(ABC):
    """Owns a thread that carries out one round after the other, and rests between them.

    An unexpected error is logged and reported (`failures`); the next round comes all the same. A heartbeat,
    for example, must neither end nor fail unseen because of one unreadable document.
    """

    def __init__(self, name: str, stop_seconds: float = _STOP_SECONDS) -> None:
        """`name` is that of the thread; `stop_seconds` is how long stopping waits for the round under way."""
        self._name = name
        self._stop_seconds = stop_seconds
        self._unforeseen = Unforeseen(name, _log)
        self._ending = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    @abstractmethod
    def _round(self) -> float:
        """Carry out one round; how many seconds to rest after it."""

    def start(self) -> None:
        """Begin with the first round."""
        self._thread.start()

    def wake(self) -> None:
        """End the rest, or make none after the round under way."""
        self._woken.set()

    def stop(self) -> None:
        """Begin no other round, and wait a little for the one under way."""
        self._ending.set()
        self._woken.set()
        self._thread.join(self._stop_seconds)
        if not self.has_ended:
            _log.warning("%s is still busy", self._name)

    def failures(self) -> list[str]:
        """Return unexpected errors, until a round succeeds."""
        return [self._unforeseen.problem] if self._unforeseen.problem else []

    def health(self, *, store_answers: bool) -> Health:  # noqa: ARG002 - for those that ask the store
        """How it is, beside what nobody foresaw; see `HasHealth`. For parts that can be in trouble."""
        return Health()

    @property
    def has_ended(self) -> bool:
        """Whether no round is under way, and none will be."""
        return not self._thread.is_alive()

    def _work(self) -> None:
        while True:
            self._woken.clear()
            if self._ending.is_set():
                return
            self._woken.wait(self._carried_out())

    def _carried_out(self) -> float:
        try:
            rest = self._round()
        except Exception as error:  # noqa: BLE001 - must neither end the thread nor pass unseen
            self._unforeseen.caught(error)
            return _PAUSE_SECONDS
        self._unforeseen.passed()
        return rest


class Failures:
    """The unexpected errors of several parts."""

    def __init__(self, parts: Sequence[Rounds]) -> None:
        self._parts = parts

    def health(self, *, store_answers: bool) -> Health:  # noqa: ARG002 - all of it is known here
        """See `HasHealth`."""
        return Health([Problem("router", failure) for part in self._parts for failure in part.failures()])
