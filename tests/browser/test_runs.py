# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews and what follows from them in the browser: from the editor, on their own page, in the list."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import window
from browser.forms import choose_tag, fill_value
from browser.screenshots import screenshot
from samples import file_bytes, make_image, make_series, unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, tag
from servers.sender import send
from servers.storescp import StoreScp
from servers.waiting import wait_until


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreScp]:
    with StoreScp(Path(tmp_path_factory.mktemp("archive")), "ARCHIVE") as node:
        yield node


@pytest.fixture(scope="module")
def destination(orthanc: OrthancServer, router: RouterClient, archive: StoreScp) -> Json:
    """A destination that has got nothing yet of what is stored: two CT studies and one MR."""
    made = router.destination("Archive", archive)
    send(
        orthanc.dicom_port,
        make_series(3, PatientID="P1", PatientName="Doe^Jane", StudyDescription="CT CHEST"),
    )
    send(
        orthanc.dicom_port, make_series(2, PatientID="P2", PatientName="Roe^Max", StudyDescription="CT HEAD")
    )
    send(orthanc.dicom_port, [make_image("MR", PatientID="P3", PatientName="Lang^Rosa")])
    router.wait_until_caught_up()
    return made


@pytest.fixture
def policy(router: RouterClient, destination: Json) -> Json:
    """Sends CT on with another patient's name; made after all of it had come in."""
    action = {
        "type": "forward",
        "destination": destination["id"],
        "transform": {"replace": {"PatientName": "Trial^One"}},
    }
    rule = {"all": [tag("Modality", "equals", "CT")]}
    return router.post("/policies", {"name": unique("CT "), "rule": rule, "actions": [action]})


def preview(page: Page) -> None:
    """Preview the policy that is being edited, and wait for the result."""
    panel = page.get_by_role("region", name="What would it do?")
    panel.scroll_into_view_if_needed()
    panel.get_by_role("button", name="Preview", exact=True).click()
    expect(panel.get_by_text("Studies matched")).to_be_visible(timeout=20_000)


def test_a_draft_is_previewed_before_it_is_saved(page: Page, policy: Json) -> None:
    page.goto(f"policies/{policy['id']}")
    condition = page.get_by_role("group", name="Condition").first
    choose_tag(condition, "study desc", "StudyDescription")
    fill_value(condition, "CT HEAD")
    preview(page)
    panel = page.get_by_role("region", name="What would it do?")
    expect(panel.get_by_role("definition")).to_have_text(
        [re.compile(text) for text in ("^1$", "^2$", "^0$", "^1$", "^2$", "kB$")]
    )
    expect(panel.get_by_role("link", name="Roe, Max")).to_be_visible()
    panel.get_by_text("Lost (1)").click()
    expect(panel.get_by_role("link", name="Doe, Jane")).to_be_visible()
    expect(panel.get_by_text("Save the policy to replay it.")).to_be_visible()
    expect(panel.get_by_role("row").filter(has_text="Trial^One")).to_contain_text("Roe^Max")
    screenshot(page, "preview-of-a-draft")


def test_a_preview_is_narrowed_to_studies(page: Page, policy: Json) -> None:
    page.goto(f"policies/{policy['id']}")
    panel = page.get_by_role("region", name="What would it do?")
    panel.get_by_text("All that is stored").click()
    panel.get_by_role("button", name="Only certain studies").click()
    panel.get_by_label("Patient ID").fill("P1")
    preview(page)
    expect(panel.get_by_role("definition").first).to_have_text("1")
    panel.get_by_role("link", name="On a page of its own").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Preview: {policy['name']}")
    expect(page.get_by_text("PatientID P1")).to_be_visible()


def test_a_preview_is_replayed_and_its_deliveries_followed(
    page: Page, archive: StoreScp, policy: Json
) -> None:
    page.goto(f"policies/{policy['id']}")
    preview(page)
    panel = page.get_by_role("region", name="What would it do?")
    panel.get_by_role("button", name="Replay", exact=True).click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("2 studies with 5 images")
    expect(question).to_contain_text("5 images to Archive")
    screenshot(page, "replay-question")
    question.get_by_role("button", name="Replay 2 studies").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Replay: {policy['name']}")
    expect(page.get_by_text("Deliveries made")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Delivered", exact=True)).to_be_visible(timeout=20_000)
    screenshot(page, "replay")
    assert len(archive.arrivals()) == 5
    page.get_by_role("link", name="Its deliveries").click()
    expect(page.get_by_role("row").filter(has_text="Doe, Jane").first).to_contain_text("Delivered")
    page.get_by_role("link", name="Runs", exact=True).first.click()
    expect(page.get_by_role("link", name=f"Replay: {policy['name']}")).to_be_visible()
    screenshot(page, "runs")


def test_what_queues_would_do_is_drawn(
    browser: Browser, orthanc: OrthancServer, page: Page, policy: Json
) -> None:
    page.goto(f"policies/{policy['id']}")
    panel = page.get_by_role("region", name="What would it do?")
    panel.get_by_text("Simulate", exact=True).first.click()
    panel.get_by_role("button", name="Simulate").click()
    expect(
        panel.get_by_role("img", name=re.compile("Deliveries in the queue by hour for Archive"))
    ).to_be_visible(timeout=20_000)
    panel.get_by_text("Deliveries an hour").click()
    expect(panel.locator("svg .recharts-bar-rectangle path").first).to_be_visible()
    screenshot(page, "simulation")
    address = panel.get_by_role("link", name="On a page of its own").get_attribute("href") or ""
    with window(browser, orthanc, viewport={"width": 390, "height": 844}, color_scheme="dark") as phone:
        phone.goto(address.rpartition("/app/")[2])
        expect(phone.get_by_role("img", name=re.compile("by hour"))).to_be_visible()
        screenshot(phone, "simulation-phone")


#: Studies of one image each, whose files have to be read: a run over them takes seconds.
_MANY = 400


@pytest.fixture(scope="module")
def long_replay(orthanc: OrthancServer, router: RouterClient, destination: Json) -> Iterator[Json]:
    """A replay over many studies to a destination that is switched off; paused as soon as it has begun."""
    for number in range(_MANY):
        image = make_image("OT", PatientID=f"MANY{number:04}", PatientName="Many^One", ImageComments="long")
        orthanc.rest.upload(file_bytes(image))
    router.wait_until_caught_up(timeout=60)
    settings = {**destination["settings"], "local_aet": "LATER"}
    paused = {"name": unique("Later "), "kind": "dicom", "settings": settings, "enabled": False}
    made = router.post("/destinations", paused)
    rule = {"all": [tag("ImageComments", "equals", "long")]}
    policy = router.policy(unique("Long "), rule, made, enabled=False)
    everything = {"from": "2000-01-01T00:00:00Z"}
    run = router.post(f"/policies/{policy['id']}/replay", everything)
    router.post(f"/runs/{run['id']}/pause")
    yield run
    router.delete(f"/policies/{policy['id']}")


@contextmanager
def busy_intake(orthanc: OrthancServer) -> Iterator[None]:
    """Images come in all the time, which runs let go first."""
    ended = threading.Event()

    def send_on() -> None:
        while not ended.is_set():
            orthanc.rest.upload(file_bytes(make_image("OT", PatientID="BUSY")))

    sender = threading.Thread(target=send_on)
    sender.start()
    try:
        yield
    finally:
        ended.set()
        sender.join()


def test_a_run_is_paused_goes_on_and_is_cancelled_from_its_page(
    page: Page, orthanc: OrthancServer, router: RouterClient, long_replay: Json
) -> None:
    def state() -> str:
        return str(router.get(f"/runs/{long_replay['id']}")["state"])

    def made() -> Json:
        return dict(router.get(f"/runs/{long_replay['id']}")["deliveries"])

    page.goto(f"runs/{long_replay['id']}")
    expect(page.get_by_text(re.compile("Paused: nothing happens until it goes on"))).to_be_visible()
    with busy_intake(orthanc):
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("Paused", exact=True)).to_be_visible()
        assert state() == "paused"
        screenshot(page, "run-paused")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("Paused", exact=True)).to_have_count(0)
        wait_until(lambda: router.deliveries(run=long_replay["id"]), 20, "the run has made no deliveries yet")
        page.get_by_role("button", name="Cancel", exact=True).click()
        question = page.get_by_role("dialog", name="Cancel this run?")
        expect(question.get_by_label("Cancel its open deliveries too")).to_be_checked()
        screenshot(page, "run-cancel-question")
        question.get_by_role("button", name="Cancel the run").click()
        expect(page.get_by_text("Cancelled before it was done.")).to_be_visible()
    assert state() == "cancelled"
    # What was planned while it was being cancelled is cancelled a moment later.
    wait_until(lambda: made().keys() == {"cancelled"}, 20, lambda: f"its deliveries are {made()}")
    assert 0 < made()["cancelled"] < _MANY
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    screenshot(page, "run-cancelled")
