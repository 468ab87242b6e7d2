"""Every page in light and dark, on a laptop and a phone: it fits and anybody can use it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.accessibility import faults
from browser.conftest import window
from browser.hospital import Hospital, furnish
from browser.screenshots import screenshot
from servers.orthanc import OrthancServer
from servers.storescp import StoreScp

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
    "audit": "audit",
    "nodes": "nodes",
    "nowhere": "no/such/page",
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


def settle(page: Page) -> None:
    """Wait until the page shows what it has to show."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def too_wide(page: Page) -> list[str]:
    """That one would have to scroll sideways."""
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{wider} pixels wider than the window"] if wider > 0 else []
