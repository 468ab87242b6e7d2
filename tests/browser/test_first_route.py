# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator does on the first day, in the browser, with real images and a real receiver."""

import re

from playwright.sync_api import Page, expect

from browser.forms import choose, choose_operator, choose_tag, fill_value
from browser.screenshots import screenshot
from samples import make_image, make_series, uids, unique
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.router import RouterClient, patient
from servers.sender import send
from servers.storescp import StoreScp


def test_from_nothing_to_an_image_at_the_other_node(
    page: Page, orthanc: OrthancServer, storescp: StoreScp
) -> None:
    """A destination is made and tested, a policy is built, a CT is sent and seen to arrive."""
    name = unique("Archive ")
    page.goto("./")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    screenshot(page, "overview-empty")
    page.get_by_role("link", name="Destinations").first.click()
    make_destination(page, name, storescp.aet, storescp.port)
    screenshot(page, "destination")

    page.get_by_role("link", name="Policies").first.click()
    page.get_by_role("link", name=re.compile("Add policy|Make the first policy")).first.click()
    page.get_by_role("textbox", name="Name", exact=True).fill("CT chest")
    choose_tag(page.get_by_role("group", name="Condition").first, "modality", "Modality")
    fill_value(page.get_by_role("group", name="Condition").first, "CT")
    page.get_by_role("button", name="Add a group within this group").first.click()
    inner = page.get_by_role("group", name="Group of conditions").last
    choose_tag(inner.get_by_role("group", name="Condition").first, "study desc", "StudyDescription")
    choose_operator(page, inner.get_by_role("group", name="Condition").first, "contains")
    fill_value(inner.get_by_role("group", name="Condition").first, "chest")
    choose(page, page.get_by_role("group", name="Send on").locator("input").first, name)
    screenshot(page, "policy-editor")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Policy “CT chest” is in effect")).to_be_visible()

    chest = make_image(StudyDescription="CT CHEST", PatientID="P1", PatientName="Doe^Jane")
    head = make_image(StudyDescription="CT HEAD", PatientID="P2")
    send(orthanc.dicom_port, [chest, head])
    storescp.wait_for(uids([chest]))
    page.get_by_role("link", name="Deliveries").first.click()
    row = page.get_by_role("row").filter(has_text="P1")
    expect(row).to_contain_text("Delivered")
    expect(row).to_contain_text(name)
    expect(page.get_by_role("row").filter(has_text="P2")).to_have_count(0)
    screenshot(page, "deliveries")
    assert storescp.arrivals() == uids([chest])


def make_destination(page: Page, name: str, aet: str, port: int) -> None:
    """Fill in the form of a DICOM node, test it, save it."""
    page.get_by_role("link", name=re.compile("Add destination|Add the first destination")).first.click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_label("AE title", exact=True).fill(aet)
    page.get_by_label("Host", exact=True).fill("127.0.0.1")
    page.get_by_label("Port", exact=True).fill(str(port))
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text(re.compile("Answered in"))).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"Destination “{name}” saved")).to_be_visible()


def test_a_policy_is_edited_switched_off_and_deleted(
    page: Page, router: RouterClient, storescp: StoreScp
) -> None:
    name = unique("Policy ")
    policy = router.policy(name, patient("EDITED"), router.destination(unique("Node "), storescp))
    page.goto("policies")
    page.get_by_role("link", name=name).click()
    page.get_by_label("Description", exact=True).fill("For the trial")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"Policy “{name}” saved")).to_be_visible()
    assert router.get(f"/policies/{policy['id']}")["description"] == "For the trial"
    page.get_by_role("link", name="Policies").first.click()
    page.get_by_role("switch", name=f"Policy {name} is on").click(force=True)
    expect(page.get_by_role("switch", name=f"Policy {name} is on")).not_to_be_checked()
    assert router.get(f"/policies/{policy['id']}")["enabled"] is False
    page.get_by_role("button", name=f"More for {name}").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_text(f"Policy “{name}” deleted")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_have_count(0)


def test_a_save_that_is_refused_shows_the_reason_at_the_field(page: Page, router: RouterClient) -> None:
    taken = unique("Taken ")
    settings = {"aet": "A", "host": "127.0.0.1", "port": 104}
    router.post("/destinations", {"name": taken, "kind": "dicom", "settings": settings})
    page.goto("destinations")
    page.get_by_role("link", name=re.compile("Add destination|Add the first destination")).first.click()
    page.get_by_role("textbox", name="Name", exact=True).fill(taken)
    page.get_by_label("AE title", exact=True).fill("A")
    page.get_by_label("Host", exact=True).fill("127.0.0.1")
    page.get_by_label("Port", exact=True).fill("104")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_attribute("aria-invalid", "true")


def test_a_destination_that_does_not_answer_says_so(page: Page, router: RouterClient) -> None:
    name = unique("Nobody ")
    settings = {"aet": "A", "host": "127.0.0.1", "port": free_port()}
    made = router.post("/destinations", {"name": name, "kind": "dicom", "settings": settings})
    page.goto(f"destinations/{made['id']}")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("Did not work")).to_be_visible()


def test_a_failed_delivery_is_looked_at_and_retried(
    page: Page, orthanc: OrthancServer, router: RouterClient, storescp: StoreScp
) -> None:
    someone = unique("PAT")
    storescp.stop()
    once = {"attempts": 1, "initial_seconds": 1, "max_seconds": 1}
    destination = router.destination(unique("Down "), storescp, retry=once)
    policy = router.policy(unique("To it "), patient(someone), destination)
    images = make_series(3, PatientID=someone)
    send(orthanc.dicom_port, images)
    router.wait_for_deliveries(
        lambda found: sum(one["instances"] for one in found if one["state"] == "failed") == len(images),
        policy=policy["id"],
    )
    page.goto(f"deliveries?state=failed&search={someone}")
    row = page.get_by_role("row").filter(has_text=someone).first
    expect(row).to_contain_text("Failed")
    row.get_by_role("link").first.click()
    expect(page.get_by_text("Attempt 1").first).to_be_visible()
    screenshot(page, "delivery-failed")
    storescp.start()
    page.go_back()
    page.get_by_role("button", name=re.compile("Retry all .* found")).click()
    page.get_by_role("button", name="Retry deliveries").click()
    storescp.wait_for(uids(images))


def test_a_reload_keeps_the_place(page: Page) -> None:
    page.goto("deliveries?state=failed")
    expect(page.get_by_role("heading", name="Deliveries")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Deliveries")).to_be_visible()
    assert page.url.endswith("deliveries?state=failed")
    page.goto("policies")
    page.reload()
    expect(page.get_by_role("heading", name="Policies")).to_be_visible()
