# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes in the browser: one is made to finish, works again, and is removed when it stays offline."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.screenshots import screenshot
from samples import make_series, unique
from servers.mongodb import MongoServer
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.router import RouterClient, patient
from servers.sender import send


@pytest.fixture(scope="module")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    with MongoServer(tmp_path_factory.mktemp("mongodb")) as server:
        yield server


@pytest.fixture(scope="module")
def orthanc(mongodb: MongoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """The one whose page is looked at."""
    with OrthancServer(tmp_path_factory.mktemp("one"), aet="ONE", mongo_uri=mongodb.uri) as server:
        yield server


@pytest.fixture(scope="module")
def other(
    orthanc: OrthancServer, mongodb: MongoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OrthancServer]:
    """The second node, which a test may take down."""
    assert orthanc.process.running
    server = OrthancServer(tmp_path_factory.mktemp("two"), aet="TWO", mongo_uri=mongodb.uri)
    yield server.start()
    server.kill()


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def test_one_is_made_to_finish_and_to_work_again(page: Page, other: OrthancServer) -> None:
    page.goto("nodes")
    two = box(page, "Test TWO")
    expect(two).to_contain_text("Working")
    expect(box(page, "Test ONE")).to_contain_text("This one")
    two.get_by_role("button", name="Finish and take nothing new").click()
    expect(two.get_by_text("Finished", exact=True)).to_be_visible()
    expect(two).to_contain_text("It has finished all deliveries and can be stopped.")
    [told] = [node for node in RouterClient(other.rest).get("/nodes")["items"] if node["this"]]
    assert told["state"] == "drained"
    screenshot(page, "nodes-drained")
    two.get_by_role("button", name="Work again").click()
    expect(two.get_by_text("Working", exact=True)).to_be_visible()
    page.goto("audit?event=node.")
    expect(page.get_by_role("row").filter(has_text="Node told to finish")).to_contain_text("tester")
    expect(page.get_by_role("row").filter(has_text="Node told to work again")).to_contain_text("Test TWO")


def test_the_overview_says_whose_images_it_counts(page: Page, other: OrthancServer) -> None:
    assert other.process.running
    page.goto("./")
    expect(page.get_by_role("region", name="Images per minute at Test ONE")).to_be_visible()
    expect(page.get_by_role("region", name="Nodes")).to_contain_text("Test TWO")


def test_one_that_is_gone_is_forgotten_with_what_only_it_had(
    page: Page, router: RouterClient, other: OrthancServer
) -> None:
    name = unique("PAT")
    settings = {"aet": "NOBODY", "host": "127.0.0.1", "port": free_port()}
    nobody = router.post("/destinations", {"name": unique("Nobody "), "kind": "dicom", "settings": settings})
    policy = router.policy(unique("To nobody "), patient(name), nobody)
    send(other.dicom_port, make_series(2, PatientID=name))
    router.wait_for_deliveries(lambda found: sum(one["instances"] for one in found) == 2, policy=policy["id"])
    waiting = len(router.deliveries(policy=policy["id"]))
    other.kill()
    page.goto("nodes")
    two = box(page, "Test TWO")
    expect(two.get_by_text("Offline", exact=True)).to_be_visible(timeout=30_000)
    two.get_by_role("button", name="Remove node").click()
    question = page.get_by_role("dialog", name="Remove Test TWO?")
    expect(question).to_contain_text("1 delivery that" if waiting == 1 else f"{waiting} deliveries that")
    screenshot(page, "node-forget-question")
    question.get_by_role("button", name="Remove node").click()
    expect(two).to_have_count(0)
    expect(page.get_by_text("Test TWO is removed")).to_contain_text("failed")
    assert {one["state"] for one in router.deliveries(policy=policy["id"])} == {"failed"}
