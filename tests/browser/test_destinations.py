# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations in the browser: what they are, who uses them, whether they answer, what they were before."""

import re

from playwright.sync_api import Page, expect

from browser.screenshots import screenshot
from samples import unique
from servers.router import RouterClient, patient
from servers.storescp import StoreScp
from servers.waiting import wait_until

#: Whether an element is in sight, and no other lies over it.
IS_ON_TOP = """element => {
  const { left, top } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(left + 2, top + 2));
}"""


def test_one_outside_the_hospital_is_marked_and_warned_of(
    page: Page, router: RouterClient, storescp: StoreScp
) -> None:
    made = router.destination(unique("Trial "), storescp)
    policy = router.policy(unique("To it "), patient("NOBODY"), made)
    page.goto(f"destinations/{made['id']}")
    expect(
        page.get_by_role("region", name="Used by").get_by_role("link", name=policy["name"])
    ).to_be_visible()
    page.get_by_role("switch", name=re.compile("Outside the hospital")).click(force=True)
    page.get_by_label("Why? (kept with this save)").fill("Moved to the university")
    page.set_viewport_size({"width": 1280, "height": 600})
    test = page.get_by_role("button", name="Test", exact=True)
    # The result comes below it, where the bar with "Save" is.
    test.evaluate("button => button.scrollIntoView({ block: 'end' })")
    test.click()
    expect(page.get_by_text(re.compile("Answered in"))).to_be_visible()
    detail = page.get_by_text("The node has answered the C-ECHO.")
    wait_until(lambda: detail.evaluate(IS_ON_TOP), 5, "something lies over the result")
    expect(page.get_by_role("region", name="State").get_by_text("Last delivered")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"Destination “{made['name']}” saved")).to_be_visible()
    screenshot(page, "destination-external")
    page.goto("destinations")
    expect(page.get_by_role("row").filter(has_text=made["name"])).to_contain_text("outside")
    page.goto(f"policies/{policy['id']}")
    expect(page.get_by_text("Is this meant?")).to_be_visible()
    page.goto("policies")
    row = page.get_by_role("row").filter(has_text=policy["name"])
    expect(row).to_contain_text("outside, not de-identified")
    switch = row.get_by_role("switch")
    switch.click(force=True)
    expect(switch).not_to_be_checked()
    for answer, is_on in (("Leave it off", False), ("Switch it on", True)):
        switch.click(force=True)
        page.get_by_role("button", name=answer).click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(switch).to_be_checked(checked=is_on)
    assert router.get(f"/policies/{policy['id']}")["enabled"] is True


def test_its_history_shows_no_secrets_and_leads_back(page: Page, router: RouterClient) -> None:
    settings = {"url": "http://127.0.0.1:1/in", "username": "router", "password": "geheim-1"}
    draft = {"name": unique("Service "), "kind": "http", "settings": settings}
    made = router.post("/destinations", draft)
    changed = {"url": "http://127.0.0.1:2/in", "username": "router", "password": "geheim-2"}
    router.put(f"/destinations/{made['id']}", {**draft, "settings": changed, "comment": "Another port"})
    page.goto(f"destinations/{made['id']}")
    expect(page.get_by_role("textbox", name="Password")).to_have_value("")
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("Another port")).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("http://127.0.0.1:2/in")
    assert "geheim" not in page.content()
    screenshot(page, "destination-history")
    page.get_by_role("button", name="Restore revision 1").click()
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_text("As in revision 1")).to_be_visible()
    assert router.get(f"/destinations/{made['id']}")["settings"]["url"] == "http://127.0.0.1:1/in"


def test_it_is_paused_and_resumed(page: Page, router: RouterClient, storescp: StoreScp) -> None:
    made = router.destination(unique("Paused "), storescp)
    page.goto("destinations")
    switch = page.get_by_role("switch", name=f"Destination {made['name']} is on")
    switch.click(force=True)
    expect(switch).not_to_be_checked()
    expect(page.get_by_role("row").filter(has_text=made["name"])).to_contain_text("Paused")
    switch.click(force=True)
    expect(switch).to_be_checked()
    assert router.get(f"/destinations/{made['id']}")["enabled"] is True
