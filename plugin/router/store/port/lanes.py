# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes of a group share of their lanes."""

from collections.abc import Mapping
from typing import Protocol

from router.documents.lane import LaneState


class Lanes(Protocol):
    """The state of each lane, changed by compare-and-set. Only a store that nodes can share has it."""

    def all(self) -> Mapping[str, LaneState]:
        """Return the states of all lanes; cheap enough to call every second."""
        ...

    def get(self, lane: str) -> tuple[LaneState, int]:
        """Return the state of a lane and its version; a new state and 0 where there is none yet."""
        ...

    def put(self, lane: str, state: LaneState, version: int) -> bool:
        """Replace the state of this version. Return False, and write nothing, where the version differs."""
        ...
