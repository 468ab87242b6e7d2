# SPDX-License-Identifier: GPL-3.0-or-later
"""What nodes share of their lanes, without a store."""

import threading
from collections.abc import Mapping

from router.documents.lane import LaneState


class LanesInMemory:
    """`router.store.Lanes`, and how often it was written to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, tuple[LaneState, int]] = {}
        self.writes = 0

    def all(self) -> Mapping[str, LaneState]:
        return {lane: state for lane, (state, _) in self._states.items()}

    def get(self, lane: str) -> tuple[LaneState, int]:
        return self._states.get(lane, (LaneState(), 0))

    def put(self, lane: str, state: LaneState, version: int) -> bool:
        with self._lock:
            if self.get(lane)[1] != version:
                return False
            self._states[lane] = (state, version + 1)
            self.writes += 1
            return True
