# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of one node let each other know while they work."""

import threading
import time
from collections.abc import Callable, Iterable


class Signals:
    """Made before the parts, so that none needs another one to be there. May be used from any thread.

    The heartbeat raises `draining` and claims the intake. The check of the index raises `index_*`. What plans
    deliveries tells of their lanes.
    """

    def __init__(self, orthanc_is_ending: Callable[[], bool] = lambda: False) -> None:
        """`orthanc_is_ending`: whether Orthanc has been told to end."""
        self._orthanc_is_ending = orthanc_is_ending
        #: Whether the process before this one ended in order.
        self.ended_in_order = False
        #: Whether this node is to take up no more work.
        self.draining = False
        #: Whether the node may work on what belongs to its index.
        self.index_is_settled = False
        #: Why this is not the database that its name stands for; empty where nothing is known to be wrong.
        self.index_problem = ""
        #: Whether there is nothing in the database to tell it by.
        self.index_is_empty = False
        self._claimed = threading.Event()
        #: By time.monotonic.
        self._claimed_until = 0.0
        self._listeners: list[Callable[[Iterable[str]], None]] = []

    @property
    def takes_work(self) -> bool:
        """Whether this node may begin with deliveries."""
        return self.index_is_settled and not self.draining and not self._orthanc_is_ending()

    @property
    def stands_aside(self) -> bool:
        """Whether another node has to do the intake of the index, if there is one."""
        return bool(self.index_problem) or self.index_is_empty

    def claim_intake(self, until: float) -> None:
        """This node does the intake of its index until then, by time.monotonic."""
        self._claimed_until = until
        self._claimed.set()

    def leave_intake(self) -> None:
        """Another node does the intake of the index."""
        self._claimed.clear()

    def reads_changes(self, wait_seconds: float = 0.0) -> bool:
        """Whether this node is the one that does the intake of its index, or is within `wait_seconds`."""
        if not self._claimed.wait(wait_seconds):
            return False
        if time.monotonic() < self._claimed_until:
            return True
        self._claimed.clear()
        return False

    def new_deliveries(self, lanes: Iterable[str]) -> None:
        """There are new deliveries in these lanes, or may be."""
        for listener in self._listeners:
            listener(lanes)

    def on_new_deliveries(self, listener: Callable[[Iterable[str]], None]) -> None:
        """Call `listener` with the lanes; to be said before the parts begin."""
        self._listeners.append(listener)
