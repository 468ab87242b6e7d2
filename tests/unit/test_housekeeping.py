# SPDX-License-Identifier: GPL-3.0-or-later
"""What is forgotten, and what is not."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from router import housekeeping
from router.housekeeping import Housekeeping
from router.nodes import Duty
from router.store import open_store
from servers.orthanc_in_memory import OrthancInMemory
from servers.waiting import wait_until
from unit.store.stored_samples import after
from unit.store.test_lineages import lineage


def test_the_lineage_of_what_is_stored_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In rounds of two, one after the other."""
    monkeypatch.setattr(housekeeping, "_RESULTS_AT_ONCE", 2)
    monkeypatch.setattr(housekeeping, "_EVERY_SECONDS", 0.01)
    with closing(open_store(None, "", tmp_path)) as store:
        made = {"gone 1": 0, "stored 1": 1, "stored 2": 2, "gone 2": 3, "gone 3": 4, "new": 10}
        store.lineages.record([lineage(name, "source", at=at) for name, at in made.items()])
        keeper = Housekeeping(
            store,
            OrthancInMemory(contents={"stored 1": {}, "stored 2": {}}),
            lambda: after(15),
            timedelta(seconds=10),
            *(Duty(store, name, "node", lambda: after(15), timedelta(hours=1)) for name in "ab"),
        )
        keeper.start()
        kept = {"stored 1", "stored 2", "new"}
        try:
            wait_until(
                lambda: store.lineages.of_results(list(made)).keys() == kept, 10, lambda: "not forgotten"
            )
        finally:
            keeper.stop()
        assert store.lineages.of_results(list(made)).keys() == kept
