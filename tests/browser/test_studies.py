# SPDX-License-Identifier: GPL-3.0-or-later
"""A study's page as a person uses it: why it was routed, and having it routed by hand."""

import re

from playwright.sync_api import Page, expect
from pydicom import FileDataset

from browser.forms import choose
from browser.screenshots import screenshot
from samples import make_series, uids, unique
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.sender import send
from servers.storescp import StoreScp


def test_a_study_that_no_policy_matched_is_sent_by_hand(
    page: Page, orthanc: OrthancServer, router: RouterClient, storescp: StoreScp
) -> None:
    destination = router.destination(unique("Asked for "), storescp)
    router.policy(unique("Others "), patient(unique("NOBODY")), destination)
    images, study = stored(orthanc, unique("PAT"))
    page.goto(f"studies/{study}")
    expect(page.get_by_text("Does not match").first).to_be_visible()
    expect(page.get_by_text("Nothing of it has been sent anywhere.")).to_be_visible()
    page.get_by_role("button", name="Route now").click()
    dialog = page.get_by_role("dialog")
    choose(page, dialog.get_by_role("combobox", name="Destination"), destination["name"])
    screenshot(page, "route-now")
    dialog.get_by_role("button", name="Route now").click()
    expect(dialog.get_by_text(re.compile("made"))).to_be_visible()
    storescp.wait_for(uids(images))
    expect(dialog.get_by_text("Delivered")).to_be_visible()
    screenshot(page, "route-now-done")
    dialog.get_by_role("link", name="Its deliveries").click()
    row = page.get_by_role("row").filter(has_text=destination["name"])
    expect(row).to_have_count(1)
    expect(row).to_contain_text("By hand")
    page.goto(f"studies/{study}")
    expect(page.get_by_role("row").filter(has_text=destination["name"])).to_contain_text("Delivered")


def test_chosen_studies_go_through_a_policy_together(
    page: Page, orthanc: OrthancServer, router: RouterClient, storescp: StoreScp
) -> None:
    """Where the button of Explorer 2 for several studies leads."""
    policy = router.policy(
        unique("By hand "), patient(unique("NOBODY")), router.destination(unique("Node "), storescp)
    )
    (first, one), (second, other) = (stored(orthanc, unique("PAT")) for _ in range(2))
    page.goto(f"studies?ids={one},{other}")
    expect(page.get_by_text("Not routed")).to_have_count(2)
    page.get_by_role("button", name="Route now").click()
    dialog = page.get_by_role("dialog", name="Route 2 studies now")
    dialog.get_by_text("Through a policy").click()
    choose(page, dialog.get_by_role("combobox", name="Policy"), policy["name"])
    dialog.get_by_role("button", name="Route now").click()
    storescp.wait_for(uids([*first, *second]))
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_text("Delivered")).to_have_count(2)


def stored(orthanc: OrthancServer, patient_id: str) -> tuple[list[FileDataset], str]:
    """Images of a new study that Orthanc has, and the study's identifier there."""
    images = make_series(2, PatientID=patient_id)
    send(orthanc.dicom_port, images)
    (study,) = orthanc.rest.post("/tools/find", {"Level": "Study", "Query": {"PatientID": patient_id}})
    return images, study
