# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of deliveries can be used with 100,000 of them, whatever is looked for."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.screenshots import screenshot
from router.documents.delivery import State
from router.store.sqlite import SqliteStore
from servers.orthanc import OrthancServer
from unit.store.stored_samples import add, delivery, resource

_MANY = 100_000
_BATCH = 1_000


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc whose router has a long past: 2,000 patients, ten policies, two destinations."""
    server = OrthancServer(tmp_path_factory.mktemp("long-past"))
    _fill(server.router_directory)
    with server:
        yield server


def _fill(folder: Path) -> None:
    folder.mkdir(parents=True)
    store = SqliteStore(folder)
    first = datetime.now(UTC) - timedelta(days=7)
    for start in range(0, _MANY, _BATCH):
        add(
            store,
            *(
                delivery(
                    lane="archive" if number % 3 else "research",
                    policy_id=f"policy-{number % 10}",
                    instances=[f"image-{number}"],
                    created_at=first + timedelta(seconds=number),
                    state=State.FAILED if number % 1000 == 0 else State.SUCCEEDED,
                    about=resource(
                        f"study-{number // 50}",
                        patient_id=f"P{number // 50:05}",
                        patient_name=f"Name{number // 50:05}^First",
                        accession_number=f"A{number // 50:05}",
                        study_instance_uid=f"1.2.840.{number // 50:05}",
                        modality="CT",
                        study_description="CT CHEST",
                    ),
                )
                for number in range(start, start + _BATCH)
            ),
        )
    store.close()


def test_each_look_at_them_shows_what_is_meant(page: Page) -> None:
    states = page.get_by_role("group", name="State")
    search = page.get_by_role("textbox", name="Search deliveries")

    def look(what: str, act: Callable[[], object], total: int, patient: str) -> None:
        began = time.perf_counter()
        act()
        expect(page.get_by_text(f"of {total:,}")).to_be_visible()
        expect(page.get_by_role("row").nth(1)).to_contain_text(patient)
        taken[what] = round(time.perf_counter() - began, 2)

    taken: dict[str, float] = {}
    look("all", lambda: page.goto("deliveries"), _MANY, "Name01999")
    look("the last page", lambda: page.get_by_role("button", name="Page 2000").click(), _MANY, "Name00000")
    look("the failed ones", lambda: states.get_by_text("Failed").click(), 100, "Name01980")
    look("all again", lambda: page.get_by_role("button", name="Clear filters").click(), _MANY, "Name01999")
    look("one patient", lambda: search.fill("P01234"), 50, "Name01234")
    assert page.url.endswith("deliveries?search=P01234")
    look("one accession number", lambda: search.fill("A00077"), 50, "Name00077")
    look("one study's UID", lambda: search.fill("1.2.840.00078"), 50, "Name00078")
    look("a part of many names", lambda: search.fill("name0"), _MANY, "Name01999")
    screenshot(page, "deliveries-many")
    print(f"\nseconds until they were shown, of {_MANY:,} deliveries: {taken}")
