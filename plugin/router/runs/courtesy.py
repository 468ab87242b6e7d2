"""Lets what comes in go first."""

import threading
from collections.abc import Callable

from router.runs.failures import Ending

#: While images come in without a pause a run goes on all the same, but only a step in this time.
_LONGEST_WAIT_SECONDS = 2.0


class Courtesy:
    """Called before each step of a run: what takes long is made of steps of some hundredths of a second."""

    def __init__(self, wait_until_idle: Callable[[float], bool], ending: threading.Event) -> None:
        """`wait_until_idle` waits at most so many seconds until the intake has nothing to do."""
        self._wait_until_idle = wait_until_idle
        self._ending = ending

    def __call__(self) -> None:
        """Wait for the intake. Raises Ending."""
        self._wait_until_idle(_LONGEST_WAIT_SECONDS)
        if self._ending.is_set():
            raise Ending
