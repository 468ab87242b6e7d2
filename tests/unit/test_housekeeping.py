"""What is forgotten, and what is not."""

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router import housekeeping
from router.housekeeping import Housekeeping
from router.nodes import Duty
from router.orthanc_api import OrthancApi
from router.store import open_store
from servers.waiting import wait_until
from unit.store.stored_samples import after
from unit.store.test_lineages import lineage


class Archive(OrthancApi):
    """Has these instances."""

    def __init__(self, instances: set[str]) -> None:
        self._instances = instances

    def bulk_content(self, identifiers: Sequence[str]) -> list[dict[str, Any]]:
        return [{"ID": identifier} for identifier in identifiers if identifier in self._instances]


def test_the_lineage_of_what_is_stored_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In rounds of two, one after the other."""
    monkeypatch.setattr(housekeeping, "_RESULTS_AT_ONCE", 2)
    monkeypatch.setattr(housekeeping, "_EVERY_SECONDS", 0.01)
    with closing(open_store(None, "", tmp_path)) as store:
        made = {"gone 1": 0, "stored 1": 1, "stored 2": 2, "gone 2": 3, "gone 3": 4, "new": 10}
        store.lineages.record([lineage(name, "source", at=at) for name, at in made.items()])
        keeper = Housekeeping(
            store,
            Archive({"stored 1", "stored 2"}),
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
