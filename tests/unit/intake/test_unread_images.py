# SPDX-License-Identifier: GPL-3.0-or-later
"""A study does not fire with an image in it that the intake has not read yet: it would go out twice.

The moment between two calls cannot be had from a real Orthanc, so that Orthanc is one in memory here.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from router.catalog import Catalog
from router.documents.policy import Policy
from router.intake.quiet import QuietPlanner
from router.intake.stored_instances import StoredInstances
from router.orthanc_api import Change
from router.store import Cursor, Growing, open_store
from servers.orthanc_in_memory import OneImage

NOON = datetime(2024, 5, 31, 12, tzinfo=UTC)
POLICY = {
    "id": "p",
    "revision": 1,
    "created_at": NOON,
    "updated_at": NOON,
    "updated_by": "",
    "name": "All",
    "trigger": {"level": "study", "quiet_seconds": 60},
    "rule": {"all": []},
    "actions": [{"id": "a", "type": "forward", "destination": "gone"}],
}


@pytest.mark.parametrize(("read_up_to", "fires"), [(0, False), (1, True)])
def test_only_what_has_been_read_fires(tmp_path: Path, read_up_to: int, fires: bool) -> None:
    store = open_store(None, "", tmp_path)
    try:
        store.policies.create(Policy.model_validate(POLICY))
        orthanc = OneImage()
        orthanc.entries = [Change(1, "NewInstance", "image", "20240531T120000")]
        stored = StoredInstances(orthanc)
        planner = QuietPlanner(store.intake, store.lineages, 8, orthanc, stored)
        growing = Growing("study", "study", read_up_to, NOON, NOON + timedelta(seconds=60))
        plan = planner.plan(
            Cursor(read_up_to, 1), growing, Catalog(store, 60).current(), NOON + timedelta(seconds=61)
        )
    finally:
        store.close()
    assert (plan is not None and len(plan.deliveries) == 1) is fires
