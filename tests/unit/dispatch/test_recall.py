# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lane knows of its destination from before it began."""

from collections.abc import Callable, Sequence
from datetime import datetime

from router.actions import SendResult
from router.dispatch.gate import OwnGate
from router.dispatch.lane import Lane
from router.documents.delivery import State
from router.documents.destination import Retry
from router.store import LeasedDelivery, Store
from servers.waiting import wait_until
from unit.dispatch.performing import Performing
from unit.store.stored_samples import NOON, add, delivery

ONCE = Retry(attempts=10, initial_seconds=86400, max_seconds=86400)


class Refusing(Performing):
    """Takes nothing."""

    def perform(self, leased: Sequence[LeasedDelivery], _now: datetime) -> SendResult:
        return SendResult(refused={instance: "no room" for one in leased for instance in one.instances})


def test_when_the_last_delivery_arrived_and_why_one_failed(
    store: Store, start_lane: Callable[..., Lane]
) -> None:
    def carried_out(identifier: str, performer: Performing, state: State) -> None:
        """Have a lane carry out one delivery; the lane ends."""
        add(store, delivery(identifier=identifier))
        lane = start_lane(performer, OwnGate(), lambda: NOON, retry=ONCE)
        wait_until(lambda: store.deliveries.get(identifier).state == state)
        lane.stop()

    carried_out("one", Performing(), State.SUCCEEDED)
    carried_out("two", Refusing(), State.RETRYING)
    lane = start_lane(Performing(), OwnGate(), lambda: NOON, retry=ONCE)
    wait_until(lambda: lane.status().last_error is not None)
    assert lane.status().last_success_at == store.deliveries.get("one").finished_at
    assert "no room" in (lane.status().last_error or "")


def test_nothing_where_nothing_was_sent(store: Store, start_lane: Callable[..., Lane]) -> None:
    add(store, delivery(identifier="one"))
    lane = start_lane(Performing(), OwnGate(), lambda: NOON)
    wait_until(lambda: store.deliveries.get("one").state == State.SUCCEEDED)
    assert lane.status().last_error is None
