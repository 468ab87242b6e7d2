# SPDX-License-Identifier: GPL-3.0-or-later
"""A study of many images costs what is new in it, holds nothing else up, and is seen as it is."""

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from router.catalog import Catalog
from router.documents.policy import Policy
from router.intake.arrivals import ArrivalPlanner
from router.intake.quiet import QuietPlanner
from router.intake.stored_instances import StoredInstances
from router.orthanc_api import Change
from router.store import Cursor, Plan, Store, open_store
from samples import file_bytes, make_image
from servers.orthanc_in_memory import OrthancInMemory
from unit.intake.test_unread_images import POLICY

NOON = datetime(2024, 5, 31, 12, tzinfo=UTC)
CHEST = file_bytes(make_image(StudyDescription="CHEST"))
HEAD = file_bytes(make_image(StudyDescription="HEAD"))
RULE = {"tag": "StudyDescription", "operator": "contains", "value": "chest"}


class Archive(OrthancInMemory):
    """One study of one series; counts what it is asked for."""

    def __init__(self) -> None:
        super().__init__(contents={"series": {"ParentStudy": "study"}, "study": {"PatientMainDicomTags": {}}})
        self.listed: list[str] = []

    def receive(self, *images: str, file: bytes) -> None:
        number = self.entries[-1].sequence if self.entries else 0
        for image in images:
            number += 1
            self.entries.append(Change(number, "NewInstance", image, "20240531T120000"))
            metadata = {"RemoteAET": "CT1", "ReceptionDate": "20240531T120000"}
            self.contents[image] = {"ParentSeries": "series", "Metadata": metadata, "FileSize": len(file)}
            self.files[image] = file

    def bulk_content(self, identifiers: Sequence[str]) -> list[dict[str, Any]]:
        self.listed += [one for one in identifiers if one.startswith("image")]
        return super().bulk_content(identifiers)

    def instances_of(self, level: str, identifier: str) -> list[str]:  # noqa: ARG002
        return [one for one in self.contents if one.startswith("image")]


class Intake:
    """The two planners, one turn after the other."""

    def __init__(self, store: Store, archive: Archive) -> None:
        self._store = store
        self._archive = archive
        stored = StoredInstances(archive)
        self._arrivals = ArrivalPlanner(store.intake, store.lineages, 8, archive, stored, False)
        self._quiet = QuietPlanner(store.intake, store.lineages, 8, archive, stored)
        self._catalog = Catalog(store, 60)
        self._cursor = Cursor(0, 1)
        self._now = NOON
        self.turns = 0
        store.intake.begin(self._cursor, None)

    def read(self) -> None:
        """Plan what has come in."""
        changes = self._archive.changes(self._cursor.sequence, 100_000)
        self._commit(self._arrivals.plan(self._cursor, changes, self._catalog.current(), self._now))

    def fire(self, until: float = float("inf")) -> list[tuple[int, bool, int]]:
        """Plan what has gone quiet; of each delivery how many images, whether late, how many unmatched."""
        self._now += timedelta(seconds=61)
        deliveries = []
        self.turns = 0
        while due := self._store.intake.growing_due(self._now, 1):
            self.turns += 1
            plan = self._quiet.plan(self._cursor, due[0], self._catalog.current(), self._now, until)
            if plan is not None:
                self._commit(plan)
                deliveries += [
                    (len(new.instances), new.delivery.late, new.delivery.unmatched) for new in plan.deliveries
                ]
        return deliveries

    def _commit(self, plan: Plan) -> None:
        self._store.intake.commit(plan)
        self._cursor = plan.cursor


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
def intake(tmp_path: Path, archive: Archive) -> Iterator[Intake]:
    store = open_store(None, "", tmp_path)
    store.policies.create(Policy.model_validate(POLICY | {"rule": RULE}))
    yield Intake(store, archive)
    store.close()


def images(first: int, last: int) -> list[str]:
    return [f"image {number}" for number in range(first, last)]


def test_a_late_image_costs_what_it_is(archive: Archive, intake: Intake) -> None:
    archive.receive(*images(0, 1000), file=CHEST)
    intake.read()
    assert intake.fire() == [(1000, False, 0)]
    assert len(archive.read) <= 50
    archive.listed.clear()
    archive.read.clear()
    for number, file in ((1000, CHEST), (1001, HEAD)):
        archive.receive(f"image {number}", file=file)
        intake.read()
        assert intake.fire() == [(1, True, int(file is HEAD))]
    assert archive.listed == ["image 1000"] * 2 + ["image 1001"] * 2
    assert archive.read == ["image 1000", "image 1001"]


def test_a_late_image_may_be_the_one_that_matches(archive: Archive, intake: Intake) -> None:
    archive.receive(*images(0, 300), file=HEAD)
    intake.read()
    assert intake.fire() == []
    archive.receive("image 300", file=CHEST)
    intake.read()
    assert intake.fire() == [(301, False, 0)]
    assert sorted(archive.read) == sorted(images(0, 301))


def test_reading_leaves_time_for_what_comes_in(archive: Archive, intake: Intake) -> None:
    archive.receive(*images(0, 1000), file=HEAD)
    archive.receive("image 1000", file=CHEST)
    intake.read()
    assert intake.fire(until=0) == [(1001, False, 0)]
    assert intake.turns > 10
    assert sorted(archive.read) == sorted(set(archive.read))
    assert sorted(archive.listed) == sorted(images(0, 1001) * 2)


def delete(archive: Archive) -> None:
    del archive.contents["image 0"], archive.files["image 0"]


def overwrite(archive: Archive) -> None:
    archive.receive("image 0", file=HEAD)


@pytest.mark.parametrize("change", [delete, overwrite])
def test_what_is_changed_meanwhile_is_seen(
    archive: Archive, intake: Intake, change: Callable[[Archive], None]
) -> None:
    archive.receive("image 0", file=CHEST)
    archive.receive(*images(1, 300), file=HEAD)
    intake.read()
    assert intake.fire() == [(300, False, 0)]
    change(archive)
    archive.receive("image 300", file=HEAD)
    intake.read()
    assert intake.fire() == []


def test_memory_does_not_grow_with_the_files(archive: Archive, intake: Intake) -> None:
    large = file_bytes(make_image(size=1_000_000, StudyDescription="HEAD"))
    archive.receive(*images(0, 3000), file=large)
    intake.read()
    tracemalloc.start()
    try:
        assert intake.fire() == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(archive.read) == 3000
    assert peak < 12_000_000
