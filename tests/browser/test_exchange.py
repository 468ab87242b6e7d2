# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies and destinations taken from one router and brought into another, in the browser."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from browser.screenshots import screenshot
from samples import unique
from servers.router import RouterClient, tag


def test_an_export_is_changed_looked_at_and_brought_in(
    page: Page, router: RouterClient, tmp_path: Path
) -> None:
    settings = {"aet": "ARCHIVE", "host": "127.0.0.1", "port": 104}
    destination = router.post("/destinations", {"name": "Archive", "kind": "dicom", "settings": settings})
    name = unique("CT ")
    policy = router.policy(name, {"all": [tag("Modality", "equals", "CT")]}, destination)
    page.goto("policies")
    page.get_by_role("button", name="Export and import").click()
    with page.expect_download() as downloading:
        page.get_by_role("menuitem", name="Export as YAML").click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    written = file.read_text("utf-8")
    assert name in written
    file.write_text(written.replace("value: CT", "value: MR"), "utf-8")

    page.get_by_role("button", name="Export and import").click()
    page.get_by_role("menuitem", name="Import …").click()
    page.locator("input[type=file]").set_input_files(file)
    change = page.get_by_role("group", name=name)
    expect(change).to_contain_text("Changed")
    expect(change.get_by_role("cell")).to_have_text(["CT", "MR"])
    expect(page.get_by_text("1 more is the same as here.")).to_be_visible()
    screenshot(page, "import")
    assert router.get(f"/policies/{policy['id']}")["revision"] == 1
    page.get_by_label(re.compile("^Why")).fill("As on the test machine")
    page.get_by_role("button", name="Import 1 change").click()
    expect(page.get_by_role("heading", name="What was changed")).to_be_visible()
    saved = router.get(f"/policies/{policy['id']}")
    assert (saved["rule"]["all"][0]["value"], saved["comment"]) == ("MR", "As on the test machine")


def test_what_cannot_be_read_says_so(page: Page) -> None:
    page.goto("import")
    page.get_by_label("Policies and destinations").fill('{"version": 1, "policies": [{"name": "Half"}]}')
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("alert")).to_contain_text("policies › 1 › rule")
