# SPDX-License-Identifier: GPL-3.0-or-later
"""The additions that docs/extending.md shows, in the page: it knows none of them by hand."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from browser.accessibility import faults
from browser.forms import choose, choose_tag
from browser.screenshots import screenshot
from extensions import extended_repository
from samples import make_image, unique
from servers.orthanc import OrthancServer
from servers.router import RouterClient
from servers.sender import send


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc with a router that has the additions."""
    folder = tmp_path_factory.mktemp("extended")
    with OrthancServer(folder / "orthanc", repository=extended_repository(folder / "repository")) as server:
        yield server


def test_their_forms_are_made_from_what_the_server_says(
    page: Page, orthanc: OrthancServer, router: RouterClient
) -> None:
    destination = unique("Nowhere ")
    page.goto("destinations/new")
    choose(page, page.get_by_role("combobox", name="Kind"), "Nowhere")
    page.get_by_role("textbox", name="Name", exact=True).fill(destination)
    page.get_by_role("textbox", name="Note").fill("for a test")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"Destination “{destination}” saved")).to_be_visible()

    policy = unique("All ")
    page.goto("policies/new")
    page.get_by_role("textbox", name="Name", exact=True).fill(policy)
    choose_tag(page.get_by_role("group", name="Condition").first, "modality", "Modality")
    page.get_by_role("group", name="Condition").first.get_by_label("Value", exact=True).fill("CT")
    forward = page.get_by_role("group", name="Send on")
    choose(page, forward.get_by_role("combobox", name="Destination"), destination)
    forward.get_by_role("switch", name=re.compile("Change the images")).click(force=True)
    replaced = forward.get_by_role("group", name="Set", exact=True)
    replaced.get_by_role("button", name="Tag", exact=True).click()
    replaced.get_by_label("Tag", exact=True).fill("patient's name")
    page.get_by_role("option", name=re.compile("PatientName")).first.click()
    value = replaced.get_by_role("textbox", name="Value of PatientName")
    value.fill("{{ PatientName }}")
    replaced.get_by_role("button", name="Insert a tag: Value of PatientName").click()
    page.get_by_role("button", name=re.compile("^initials: The first letter")).click()
    expect(value).to_have_value("{{ PatientName | initials }}")

    page.get_by_role("button", name="Add action").click()
    page.get_by_role("menuitem", name="Annotate Write a note").click()
    annotate = page.get_by_role("group", name="Annotate")
    note = annotate.get_by_role("textbox", name="Note")
    note.fill(" ")
    assert faults(page) == []
    screenshot(page, "extending-form")
    page.get_by_role("button", name="Save").click()
    expect(annotate.get_by_text("A note needs a text")).to_be_visible()
    note.fill("seen")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"Policy “{policy}” is in effect")).to_be_visible()
    page.goto("policies")
    expect(page.get_by_role("row").filter(has_text=policy)).to_contain_text("annotates")

    send(orthanc.dicom_port, [make_image(Modality="CT", PatientName="Doe^Jane")])
    router.wait_until_delivered(2)
    [instance] = orthanc.instances()
    assert orthanc.rest.text(f"/instances/{instance}/metadata/1100") == "seen"
