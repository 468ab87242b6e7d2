# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail in the browser: what is found in it, taken out of it, and whether it is whole."""

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import window
from browser.forms import choose
from browser.screenshots import screenshot
from samples import make_series, uids, unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.storescp import StoreScp
from servers.waiting import wait_until


@pytest.fixture
def sent(orthanc: OrthancServer, router: RouterClient, storescp: StoreScp) -> tuple[str, Json]:
    """A patient whose images were sent on, once the trail tells so; and the policy that did it."""
    name = unique("PAT")
    policy = router.policy(
        unique("For the trail "), patient(name), router.destination(unique("To "), storescp)
    )
    images = make_series(2, PatientID=name, PatientName="Doe^Jane", AccessionNumber=unique("A"))
    send(orthanc.dicom_port, images)
    storescp.wait_for(uids(images))
    wait_until(
        lambda: router.get("/audit", search=name, event="delivery.succeeded")["total"] > 0,
        15,
        "the trail does not tell of the delivery",
    )
    return name, policy


def rows(page: Page) -> list[str]:
    return page.get_by_role("table").first.locator("tbody tr").all_inner_texts()


def saved(page: Page, format_name: str, folder: Path) -> Path:
    """Have what is found exported; the file."""
    page.get_by_role("button", name=re.compile("^Export")).click()
    with page.expect_download() as downloading:
        page.get_by_role("menuitem", name=format_name).click()
    file = folder / downloading.value.suggested_filename
    downloading.value.save_as(file)
    return file


def test_what_was_done_to_a_patients_data_is_found(page: Page, sent: tuple[str, Json]) -> None:
    name, policy = sent
    page.goto("audit")
    page.get_by_role("textbox", name="Search the audit trail").fill(name)
    row = page.get_by_role("row").filter(has_text="Doe, Jane")
    expect(row.first).to_contain_text("Delivered")
    expect(page).to_have_url(re.compile(f"search={name}"))
    expect(page.get_by_role("row").filter(has_text="Policy made")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^All of entry")).first.click()
    expect(page.get_by_role("rowheader", name="Patient ID")).to_be_visible()
    expect(page.get_by_role("cell", name=name, exact=True)).to_be_visible()
    screenshot(page, "audit-entry")
    row.first.get_by_role("link", name=policy["name"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(policy["name"])
    page.go_back()
    expect(page.get_by_role("textbox", name="Search the audit trail")).to_have_value(name)


@pytest.mark.usefixtures("sent")
def test_the_filters_narrow_it_down_and_stay_in_the_address(page: Page) -> None:
    page.goto("audit")
    choose(page, page.get_by_role("combobox", name="What"), "Policies")
    expect(page.get_by_role("row").filter(has_text="Policy made").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Delivered")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("combobox", name="What")).to_have_value("Policies")
    choose(page, page.get_by_role("combobox", name="Outcome"), "Failure")
    expect(page.get_by_text("No entry fits the filters")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_role("row").filter(has_text="Delivered").first).to_be_visible()
    page.get_by_role("textbox", name="Who").fill("nobody at all")
    expect(page.get_by_text("No entry fits the filters")).to_be_visible()
    page.get_by_role("textbox", name="Who").fill("tester")
    expect(page.get_by_role("row").filter(has_text="tester").first).to_be_visible()
    page.get_by_label("To day").fill("2001-01-31")
    expect(page.get_by_text("No entry fits the filters")).to_be_visible()


def test_what_is_found_is_saved_as_a_table_or_for_programs(
    page: Page, sent: tuple[str, Json], tmp_path: Path
) -> None:
    name, _ = sent
    page.goto(f"audit?search={name}")
    expect(page.get_by_role("row").filter(has_text="Doe, Jane").first).to_be_visible()
    table = list(
        csv.DictReader(saved(page, "As CSV, for a spreadsheet", tmp_path).read_text("utf-8-sig").splitlines())
    )
    entries = json.loads(saved(page, "As JSON, for a program", tmp_path).read_text("utf-8"))
    entries = entries if isinstance(entries, list) else entries["items"]
    assert len(table) == len(entries) > 0
    assert {one["patient"]["patient_id"] for one in entries} == {name}
    assert all(name in row.values() for row in table)
    page.goto("audit")
    expect(page.get_by_role("row").filter(has_text="Audit trail exported").first).to_be_visible()


@pytest.mark.usefixtures("sent")
def test_the_chain_is_verified(page: Page) -> None:
    page.goto("audit")
    page.get_by_role("button", name="Verify").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_contain_text(re.compile("entries"))
    expect(dialog).not_to_contain_text("broken")
    screenshot(page, "audit-verified")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@pytest.mark.usefixtures("sent")
def test_it_can_be_read_on_a_phone(browser: Browser, orthanc: OrthancServer) -> None:
    with window(browser, orthanc, viewport={"width": 390, "height": 844}, color_scheme="dark") as phone:
        phone.goto("audit")
        row = phone.get_by_role("row").filter(has_text="Doe, Jane").first
        expect(row).to_be_visible()
        # Neither column is so narrow that its words are broken.
        widths = [box["width"] for cell in row.get_by_role("cell").all() if (box := cell.bounding_box())]
        assert min(widths[1:]) > 100, widths
        screenshot(phone, "audit-phone")
