# SPDX-License-Identifier: GPL-3.0-or-later
"""A study that grows while the clock is put back fires all the same.

Nobody can set this machine's clock for a test, so that Orthanc is one in memory here, with a clock of its
own; the store is a real one.
"""

from datetime import UTC, datetime, timedelta

from router.catalog import Catalog
from router.documents.document import new_id
from router.documents.policy import Policy
from router.intake import Intake
from router.store import Store
from servers.orthanc_in_memory import OneImage
from servers.waiting import wait_until
from unit.intake.alone import scope, signals


class Clock:
    """A clock that a test can set."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 31, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_study_is_not_held_up_by_a_clock_that_was_put_back(store: Store) -> None:
    clock = Clock()
    orthanc = OneImage()
    planned: list[str] = []
    policy = Policy(
        id=new_id(),
        revision=1,
        created_at=clock(),
        updated_at=clock(),
        updated_by="",
        name="All",
        trigger={"level": "study", "quiet_seconds": 60},
        rule={"all": []},
        actions=[{"id": "a", "type": "forward", "destination": "gone"}],
    )
    store.policies.create(policy)
    intake = Intake(store, Catalog(store, 60), orthanc, clock, scope(compare_digests=False), signals(planned))
    intake.start()
    try:
        wait_until(lambda: intake.status.cursor == 0, 5, "the intake has not begun")
        orthanc.arrive()
        intake.wake()
        wait_until(lambda: store.intake.next_growing_due() is not None, 5, "the study does not grow")
        clock.now -= timedelta(hours=1)
        intake.wake()
        wait_until(
            lambda: store.intake.next_growing_due() == clock() + timedelta(seconds=60),
            5,
            "it is not due anew",
        )
        clock.now += timedelta(seconds=61)
        intake.wake()
        wait_until(lambda: planned == ["gone"], 5, "the study has not fired")
    finally:
        intake.stop()
        assert intake.has_ended
