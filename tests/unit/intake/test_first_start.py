# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the intake begins in an archive that was never read: at its start, not when its thread comes to it.

The moment between the two cannot be had from a real Orthanc, so that Orthanc is one in memory here.
"""

from contextlib import closing
from pathlib import Path

from router.catalog import Catalog
from router.documents.policy import Policy
from router.intake import Intake
from router.orthanc_api import Changes
from router.store import open_store
from servers.orthanc_in_memory import OneImage
from servers.waiting import wait_until
from unit.intake.alone import scope, signals
from unit.intake.test_clock_jumps import Clock
from unit.intake.test_unread_images import POLICY


class Eager(OneImage):
    """An image comes in while the intake's thread prepares itself."""

    def last_change(self) -> Changes:
        newest = super().last_change()
        self.arrive()
        return newest


def test_what_comes_in_after_the_start_is_routed(tmp_path: Path) -> None:
    planned: list[str] = []
    policy = Policy.model_validate(POLICY | {"trigger": {"level": "instance"}})
    with closing(open_store(None, "", tmp_path)) as store:
        store.policies.create(policy)
        intake = Intake(
            store, Catalog(store, 60), Eager(), Clock(), scope(compare_digests=False), signals(planned)
        )
        intake.start()
        try:
            wait_until(lambda: intake.status.cursor == 1, 5, "the intake does not get on")
            assert planned == ["gone"]
        finally:
            intake.stop()
            assert intake.has_ended
