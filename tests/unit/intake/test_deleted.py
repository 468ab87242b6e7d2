# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Orthanc overwrites, what it has deleted is new when it comes in again, whatever its content."""

from datetime import UTC, datetime

from router.catalog import Catalog
from router.documents.document import new_id
from router.documents.policy import Policy
from router.intake import Intake
from router.store import Store
from servers.orthanc_in_memory import OneImage
from servers.waiting import wait_until
from unit.intake.alone import scope, signals

NOW = datetime(2024, 5, 31, 12, tzinfo=UTC)


def test_it_is_routed_again_once_it_was_gone_but_not_where_it_was_overwritten(store: Store) -> None:
    orthanc = OneImage()
    planned: list[str] = []
    policy = Policy(
        id=new_id(),
        revision=1,
        created_at=NOW,
        updated_at=NOW,
        updated_by="",
        name="All",
        rule={"all": []},
        actions=[{"id": "a", "type": "forward", "destination": "node"}],
    )
    store.policies.create(policy)
    intake = Intake(
        store, Catalog(store, 60), orthanc, lambda: NOW, scope(compare_digests=True), signals(planned)
    )
    intake.start()

    def arrive(sequence: int) -> None:
        orthanc.arrive(sequence)
        intake.wake()
        wait_until(lambda: intake.status.cursor == sequence, 10, "it is not read")

    try:
        wait_until(lambda: intake.status.cursor == 0, 10, "the intake has not begun")
        arrive(1)
        intake.deleted("image")
        arrive(2)
        assert planned == ["node"]
        orthanc.contents = {}
        intake.deleted("image")
        wait_until(lambda: store.intake.arrivals(["image"])["image"].digest == "", 10, "it is not forgotten")
        arrive(3)
        assert planned == ["node", "node"]
    finally:
        intake.stop()
        assert intake.has_ended
