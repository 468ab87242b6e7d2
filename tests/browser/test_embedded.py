"""How people come to the page: from Orthanc's own web interface, by a login or a token; and how it bears that
Orthanc goes away."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from browser.conftest import window
from browser.screenshots import screenshot
from samples import file_bytes, make_image, unique
from servers.orthanc import REPOSITORY, OrthancServer

_TOKEN = "a token of an evening"
#: As the authorization plugin tells it of somebody who may see all studies.
_PROFILE = {
    "name": "Petra Token",
    "user-id": "petra",
    "permissions": [],
    "groups": [],
    "authorized-labels": ["*"],
}


class TestClassicExplorer:
    """The one that Debian ships; Explorer 2 is told by configuration (tests/unit/deployment)."""

    def test_its_first_page_leads_to_the_router(self, page: Page, orthanc: OrthancServer) -> None:
        page.goto(f"{orthanc.url}/app/explorer.html")
        page.get_by_role("link", name="Routing").click()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()

    def test_a_study_leads_to_its_routing(self, page: Page, orthanc: OrthancServer) -> None:
        name = unique("SEEN")
        image = orthanc.rest.upload(file_bytes(make_image(PatientName=f"{name}^In Explorer")))
        study = orthanc.rest.get(f"/instances/{image}/study")["ID"]
        page.goto(f"{orthanc.url}/app/explorer.html#study?uuid={study}")
        button = page.get_by_role("link", name="Routing of this study")
        expect(button).to_be_visible()
        screenshot(page, "classic-explorer-study")
        button.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"{name}, In Explorer")
        page.get_by_role("link", name="Open in Orthanc").click()
        expect(page.get_by_role("link", name="Routing of this study")).to_be_visible()


class TestToken:
    """Where not the browser's own login but a token says who is asking."""

    @pytest.fixture(scope="class")
    def gated(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
        server = OrthancServer(
            tmp_path_factory.mktemp("gated"),
            router={"Roles": {"Editors": ["*"]}},
            options={
                "AuthenticationEnabled": False,
                "PythonScript": str(REPOSITORY / "tests" / "servers" / "token_gate.py"),
            },
            environment={
                "TEST_PROFILES": json.dumps({_TOKEN: _PROFILE}),
                "ROUTER_PLUGIN": str(REPOSITORY / "plugin"),
            },
        )
        with server:
            yield server

    @pytest.fixture
    def anybody(self, browser: Browser, gated: OrthancServer) -> Iterator[Page]:
        with window(browser, gated, http_credentials=None) as page:
            yield page

    def test_of_the_address_opens_the_page_and_leaves_the_address(self, anybody: Page) -> None:
        anybody.goto(f"deliveries?state=failed&token={_TOKEN}")
        expect(anybody.get_by_role("link", name="Working")).to_be_visible()
        expect(anybody.get_by_text("Logged in as Petra Token")).to_be_visible()
        assert anybody.url.endswith("/router/app/deliveries?state=failed")
        anybody.reload()
        expect(anybody.get_by_role("link", name="Working")).to_be_visible()
        assert anybody.context.cookies() == []

    def test_that_explorer_2_keeps_opens_the_page(self, anybody: Page) -> None:
        anybody.add_init_script(f"localStorage.setItem('vue-token', {_TOKEN!r})")
        anybody.goto("policies")
        expect(anybody.get_by_role("link", name="Working")).to_be_visible()

    def test_that_is_missing_or_has_run_out_is_told_in_words(self, anybody: Page) -> None:
        anybody.goto("./")
        expect(anybody.get_by_role("alert")).to_contain_text("You may not do this")
        expect(anybody.get_by_role("link", name="No access")).to_be_visible()
        anybody.goto("./?token=of+yesterday")
        expect(anybody.get_by_role("alert")).to_contain_text("Your login has run out")
        screenshot(anybody, "token-refused")


class TestRoles:
    """Several people, each with rights of their own."""

    @pytest.fixture(scope="class")
    def shared(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
        server = OrthancServer(
            tmp_path_factory.mktemp("shared"),
            router={"Roles": {"Editors": ["tester"], "Readers": ["rita"]}},
        )
        server.configuration["RegisteredUsers"] |= {"rita": "r", "stranger": "s"}
        with server:
            yield server

    def test_who_may_only_look_is_told_so_and_offered_nothing_else(
        self, browser: Browser, shared: OrthancServer
    ) -> None:
        with window(browser, shared, http_credentials={"username": "rita", "password": "r"}) as page:
            page.goto("policies")
            expect(page.get_by_text("Logged in as rita")).to_be_visible()
            expect(page.get_by_text("May look at everything, and change nothing")).to_be_visible()
            expect(page.get_by_text("No policies yet")).to_be_visible()
            expect(page.get_by_role("link", name="Make the first policy")).to_have_count(0)

    def test_who_may_nothing_is_told_whom_to_ask(self, browser: Browser, shared: OrthancServer) -> None:
        with window(browser, shared, http_credentials={"username": "stranger", "password": "s"}) as page:
            page.goto("deliveries")
            expect(page.get_by_role("alert")).to_contain_text("the user stranger is none")
            expect(page.get_by_role("link", name="No access")).to_be_visible()
            screenshot(page, "role-refused")

    def test_a_deep_link_leads_to_its_place_after_the_login(
        self, browser: Browser, shared: OrthancServer
    ) -> None:
        place = "deliveries?state=failed"
        with (
            window(browser, shared, http_credentials=None) as page,
            pytest.raises(Error, match="INVALID_AUTH_CREDENTIALS"),
        ):
            page.goto(place)
        with window(browser, shared) as page:
            page.goto(place)
            expect(page.get_by_text("May look at and change everything")).to_be_visible()
            assert page.url.endswith(place)


def test_orthanc_goes_away_and_comes_back(browser: Browser, tmp_path: Path) -> None:
    with OrthancServer(tmp_path / "own") as own, window(browser, own) as page:
        page.goto("./")
        expect(page.get_by_text("The router is working")).to_be_visible()
        expect(page.get_by_text("Last deliveries")).to_be_visible()
        own.stop()
        lost = page.get_by_role("alert").filter(has_text="Orthanc cannot be reached")
        expect(lost).to_be_visible(timeout=20_000)
        expect(page.get_by_role("link", name="No connection")).to_be_visible()
        expect(page.get_by_text("The router is working")).to_have_count(0)
        screenshot(page, "connection-lost")
        # What has been loaded already can still be looked at, and the rest comes by itself.
        page.get_by_role("link", name="Overview").click()
        expect(page.get_by_text("Last deliveries")).to_be_visible()
        own.start()
        expect(lost).to_have_count(0, timeout=20_000)
        expect(page.get_by_role("link", name=re.compile("Working"))).to_be_visible()
