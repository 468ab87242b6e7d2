# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page in light and dark, on a laptop and a phone: it fits and anybody can use it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.accessibility import faults
from browser.conftest import window
from browser.hospital import Hospital, furnish
from browser.screenshots import screenshot
from samples import unique
from servers.orthanc import OrthancServer
from servers.router import RouterClient
from servers.storescp import StoreScp
from servers.waiting import wait_until

#: Each page by its name: its address, in which the hospital's identifiers are filled in.
PAGES = {
    "overview": "./",
    "policies": "policies",
    "policy": "policies/{policy}",
    "policy-new": "policies/new",
    "policy-history": "policies/{policy}/history",
    "destinations": "destinations",
    "destination": "destinations/{destination}",
    "destination-new": "destinations/new",
    "deliveries": "deliveries",
    "delivery": "deliveries/{delivery}",
    "delivery-failed": "deliveries/{failed_delivery}",
    "study": "studies/{study}",
    "study-made": "studies/{changed_study}",
    "study-gone": "studies/none",
    "series": "series/{series}",
    "instance": "instances/{instance}",
    "chosen": "studies?ids={study},{changed_study}&series={series}",
    "chosen-none": "studies",
    "destination-history": "destinations/{destination}/history",
    "import": "import",
    "runs": "runs",
    "run-preview": "runs/{preview}",
    "run-replay": "runs/{replay}",
    "run-simulation": "runs/{simulation}",
    "audit": "audit",
    "nodes": "nodes",
    "nowhere": "no/such/page",
}


def _conflict(page: Page, orthanc: OrthancServer) -> None:
    """Somebody else saves while one writes; a policy of its own, as others are looked at afterwards."""
    router = RouterClient(orthanc.rest)
    stored = router.policy(unique("Both write "), {"all": []}, "Archive", enabled=False)
    page.goto(f"policies/{stored['id']}")
    page.get_by_label("Description", exact=True).fill(unique("Mine "))
    router.put(f"/policies/{stored['id']}", {**stored, "description": unique("Theirs ")})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody else has saved this meanwhile")).to_be_visible()


def _imported(page: Page, orthanc: OrthancServer) -> None:
    """A document whose policies differ from what is here."""
    document = RouterClient(orthanc.rest).get("/export")
    for policy in document["policies"]:
        policy["description"] = "As on the test machine"
    page.get_by_label("Policies and destinations").fill(json.dumps(document))
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("group", name="MR to teaching")).to_contain_text("Changed")


def _press(*names: str) -> Callable[[Page, OrthancServer], None]:
    """Press these buttons one after the other."""

    def press(page: Page, _orthanc: OrthancServer) -> None:
        for name in names:
            page.get_by_role("button", name=re.compile(f"^{name}")).first.click()

    return press


def _leave(page: Page, _orthanc: OrthancServer) -> None:
    page.get_by_label("Description", exact=True).fill(unique("Half done "))
    page.get_by_role("link", name="All policies").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _find_tag(page: Page, _orthanc: OrthancServer) -> None:
    page.get_by_label("Tag", exact=True).first.fill("body part")
    expect(page.get_by_role("option").first).to_be_visible()


def _delete_what_is_used(page: Page, _orthanc: OrthancServer) -> None:
    page.get_by_role("button", name="More for Archive").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _by_hours(page: Page, _orthanc: OrthancServer) -> None:
    panel = page.get_by_role("region", name="What would it do?")
    panel.get_by_text("Between …").click()
    panel.get_by_role("button", name="Only certain studies").click()
    expect(panel.get_by_label("Accession number")).to_be_visible()


#: What opens on a page: its address, and what a person does there.
STATES: dict[str, tuple[str, Callable[[Page, OrthancServer], None]]] = {
    "conflict": ("policies", _conflict),
    "leaving": ("policies/{policy}", _leave),
    "tag-search": ("policies/{policy}", _find_tag),
    "preview-by-hours": ("policies/{policy}", _by_hours),
    "import-changes": ("import", _imported),
    "delete-what-is-used": ("destinations", _delete_what_is_used),
    "route-now-dialog": ("studies/{study}", _press("Route now")),
    "replay-dialog": ("runs/{preview}", _press("Replay")),
    "audit-entry": ("audit", _press("All of entry")),
    "audit-verified": ("audit", _press("Verify")),
    "audit-export": ("audit", _press("Export")),
    "policy-menu": ("policies", _press("More for CT chest")),
}

LOOKS = {
    "laptop-light": ("light", 1280, 860),
    "laptop-dark": ("dark", 1280, 860),
    "phone-light": ("light", 390, 844),
    "phone-dark": ("dark", 390, 844),
}
#: Both schemes and both widths are in these.
LOOKED_AT_BY_AXE = {"laptop-light", "phone-dark"}


@pytest.fixture(scope="module")
def hospital(orthanc: OrthancServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    with StoreScp(Path(tmp_path_factory.mktemp("archive")), "ARCHIVE") as archive:
        yield furnish(orthanc, archive)


@pytest.mark.parametrize("look", LOOKS)
def test_every_page(browser: Browser, orthanc: OrthancServer, hospital: Hospital, look: str) -> None:
    scheme, width, height = LOOKS[look]
    found = {}
    with window(browser, orthanc, color_scheme=scheme, viewport={"width": width, "height": height}) as page:
        for name, address in PAGES.items():
            page.goto(address.format(**hospital.as_identifiers()))
            settle(page)
            screenshot(page, f"{look}-{name}")
            found[name] = [*too_wide(page), *(faults(page) if look in LOOKED_AT_BY_AXE else [])]
    assert {name: these for name, these in found.items() if these} == {}


@pytest.mark.parametrize("look", sorted(LOOKED_AT_BY_AXE))
def test_what_opens_on_them(browser: Browser, orthanc: OrthancServer, hospital: Hospital, look: str) -> None:
    scheme, width, height = LOOKS[look]
    found = {}
    for name, (address, open_it) in STATES.items():
        size = {"width": width, "height": height}
        with window(browser, orthanc, color_scheme=scheme, viewport=size) as page:
            page.goto(address.format(**hospital.as_identifiers()))
            settle(page)
            open_it(page, orthanc)
            settle_moves(page)
            screenshot(page, f"{look}-{name}")
            found[name] = [*too_wide(page), *faults(page)]
    assert {name: these for name, these in found.items() if these} == {}


def settle_moves(page: Page) -> None:
    """Wait until nothing fades in or out any more: what is half seen has too little contrast."""
    page.wait_for_load_state("networkidle")
    # Asked from outside: the page's own policy lets nothing be evaluated within it.
    wait_until(lambda: page.evaluate("document.getAnimations().every((one) => one.playState !== 'running')"))


def settle(page: Page) -> None:
    """Wait until the page shows what it has to show."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def too_wide(page: Page) -> list[str]:
    """That one would have to scroll sideways."""
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{wider} pixels wider than the window"] if wider > 0 else []
