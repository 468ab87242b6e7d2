# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes of a group share of their lanes."""

from collections.abc import Mapping
from typing import Protocol

from router.documents.lane import LaneState


class Lanes(Protocol):
    """The state of each lane, changed by compare-and-set. Only a store that nodes may share has it."""

    def all(self) -> Mapping[str, LaneState]:
        """The states of all lanes; cheap enough to ask every second."""
        ...

    def get(self, lane: str) -> tuple[LaneState, int]:
        """The state of a lane and its version; a new state and 0 where there is none yet."""
        ...

    def put(self, lane: str, state: LaneState, version: int) -> bool:
        """Replace the state that has this version. False, and nothing written, where it has another one."""
        ...
