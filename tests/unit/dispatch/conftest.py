# SPDX-License-Identifier: GPL-3.0-or-later
"""Lanes on a store of their own."""

import time
from collections.abc import Callable, Iterator
from typing import cast

import pytest

from router.clock import Clock
from router.dispatch.gate import Gate
from router.dispatch.lane import Lane, LaneContext
from router.dispatch.performer import Performer
from router.dispatch.suspects import Suspects
from router.store import Store
from unit.store.stored_samples import destination


@pytest.fixture
def start_lane(store: Store) -> Iterator[Callable[..., Lane]]:
    """Starts the lane `pacs` with what stands in for its performer; `changes` are its destination's."""
    lanes = []

    def start(
        performer: object, gate: Gate, clock: Clock, suspects: Suspects | None = None, **changes: object
    ) -> Lane:
        context = LaneContext(
            store,
            "node-1",
            clock,
            lambda _token, _held: None,
            lambda _delivery, _outcome: None,
            suspects or Suspects(),
        )
        changed = destination().model_copy(update={"id": "pacs", **changes})
        lane = Lane(changed, cast(Performer, performer), gate, context)
        lanes.append(lane)
        lane.start()
        return lane

    yield start
    for lane in lanes:
        lane.stop()
        assert lane.join(time.monotonic() + 10)
