# SPDX-License-Identifier: GPL-3.0-or-later
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
from servers.router import RouterClient, patient

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
    """The one that Debian ships."""

    def test_its_first_page_shows_the_router_in_a_frame(self, page: Page, orthanc: OrthancServer) -> None:
        page.goto(f"{orthanc.url}/app/explorer.html")
        page.get_by_role("link", name="Routing").click()
        routing = page.frame_locator("iframe[title=Routing]")
        expect(routing.get_by_role("heading", name="Overview")).to_be_visible()
        expect(routing.get_by_role("banner")).to_be_hidden()
        screenshot(page, "classic-explorer-routing")
        page.reload()
        expect(routing.get_by_role("heading", name="Overview")).to_be_visible()
        page.get_by_role("link", name="Lookup").locator("visible=true").click()
        expect(page.get_by_label("Patient ID:")).to_be_visible()

    def test_a_study_leads_to_its_routing(self, page: Page, orthanc: OrthancServer) -> None:
        name = unique("SEEN")
        image = orthanc.rest.upload(file_bytes(make_image(PatientName=f"{name}^In Explorer")))
        study = orthanc.rest.get(f"/instances/{image}/study")["ID"]
        page.goto(f"{orthanc.url}/app/explorer.html#study?uuid={study}")
        button = page.get_by_role("link", name="Routing of this study")
        expect(button).to_be_visible()
        screenshot(page, "classic-explorer-study")
        button.click()
        routing = page.frame_locator("iframe[title=Routing]")
        expect(routing.get_by_role("heading", level=1)).to_contain_text(f"{name}, In Explorer")
        routing.get_by_role("link", name="Open in Orthanc").click()
        expect(page.get_by_role("link", name="Routing of this study")).to_be_visible()


#: What Orthanc Explorer 2 has that the script needs (seen in 1.14.1), and nothing else of it. Its menu is
#: drawn after the page has been loaded.
_EXPLORER_2 = """<!doctype html>
<html data-bs-theme="dark"><head><title>Explorer 2</title></head><body>
<script>
  setTimeout(() => {
    document.body.innerHTML = `
      <div class="nav-side-layout" style="position: fixed; width: 260px; height: 100%">
        <ul id="menu-content">
          <li class="entry"><a href="#/" class="router-link-active"><i></i>Local Studies</a></li>
          <li>Upload</li>
        </ul>
      </div>
      <div class="content" style="margin-left: 260px">
        <div style="position: sticky; top: 0; height: 100px; z-index: 1000">Columns of the list</div>
        <a id="button" href="../../router/app/policies" target="undefined">Button of a study</a>
      </div>`;
  }, 50);
</script></body></html>"""

#: Another page that loads the script.
_OTHER = """<!doctype html><script type="module" src="../../router/app/explorer2.js"></script>
<a href="../../router/app/policies">Policies</a>"""


class TestExplorer2:
    """Debian has no package of it: a stand-in gives its page, which the router extends like the real one."""

    @pytest.fixture(scope="class")
    def explored(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
        folder = tmp_path_factory.mktemp("explored")
        plugin = REPOSITORY / "plugin"
        script = folder / "script.py"
        script.write_text(
            "import orthanc, runpy, sys\n"
            f"sys.path.insert(0, {str(plugin)!r})\n"
            f"main = runpy.run_path({str(plugin / 'main.py')!r})\n"
            "def page(output, uri, **request):\n"
            f"    output.AnswerBuffer({_EXPLORER_2!r}, 'text/html')\n"
            # After the router, as the real one.
            "orthanc.RegisterRestCallback('/ui/app/(.*)', page)\n"
        )
        with OrthancServer(folder / "orthanc", options={"PythonScript": str(script)}) as server:
            yield server

    def test_an_entry_shows_the_page_in_a_frame_beside_the_menu(
        self, browser: Browser, explored: OrthancServer
    ) -> None:
        with window(browser, explored) as page:
            page.goto(f"{explored.url}/ui/app/filtered-studies")
            entry = page.get_by_role("link", name="Routing")
            entry.click()
            routing = page.frame_locator("iframe[title=Routing]")
            expect(routing.get_by_role("heading", name="Overview")).to_be_visible()
            expect(routing.get_by_role("banner")).to_be_hidden()
            expect(routing.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
            screenshot(page, "explorer-2-routing")
            # What is in the frame stays while something else is looked at.
            routing.get_by_role("link", name="Overview", exact=True).click()
            routing.get_by_role("link", name="Destinations", exact=True).click()
            expect(routing.get_by_role("heading", name="Destinations", exact=True)).to_be_visible()
            page.get_by_role("link", name="Local Studies").click()
            expect(page.locator("iframe")).to_be_hidden()
            expect(page.get_by_text("Columns of the list")).to_be_visible()
            entry.click()
            expect(page.get_by_text("Columns of the list")).to_be_hidden()
            expect(routing.get_by_role("heading", name="Destinations", exact=True)).to_be_visible()
            page.get_by_role("link", name="Local Studies").click()
            # Buttons that lead to the page do so in the frame as well.
            page.locator("#button").click()
            expect(routing.get_by_role("heading", name="Policies", exact=True)).to_be_visible()
            assert len(page.context.pages) == 1

    def test_nothing_happens_where_it_looks_otherwise(
        self, browser: Browser, explored: OrthancServer
    ) -> None:
        with window(browser, explored) as page:
            page.route("**/ui/app/other", lambda route: route.fulfill(body=_OTHER, content_type="text/html"))
            page.goto(f"{explored.url}/ui/app/other")
            page.get_by_role("link", name="Policies").click()
            expect(page.get_by_role("heading", name="Policies", exact=True)).to_be_visible()
            assert page.url.endswith("/router/app/policies")


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
        expect(anybody.get_by_role("alert")).to_contain_text("You are not logged in, or may not do this")
        expect(anybody.get_by_role("link", name="No access")).to_be_visible()
        anybody.goto("./?token=of+yesterday")
        expect(anybody.get_by_role("alert")).to_contain_text("Your login has run out")
        screenshot(anybody, "token-refused")

    def test_an_address_opened_before_the_login_is_shown_after_it(self, anybody: Page) -> None:
        anybody.goto("deliveries?state=failed")
        # Orthanc's own login leaves a token, and then there is its menu.
        script = '<script type="module" src="router/app/explorer2.js"></script>'
        login = _EXPLORER_2.replace(
            "</head>", f"<script>localStorage['vue-token'] = {_TOKEN!r}</script>{script}</head>"
        )
        root = anybody.url.split("router/")[0]
        anybody.route(root, lambda route: route.fulfill(body=login, content_type="text/html"))
        anybody.get_by_role("button", name="Log in at Orthanc").first.click()
        routing = anybody.frame_locator("iframe[title=Routing]")
        expect(routing.get_by_role("heading", name="Deliveries", exact=True)).to_be_visible()
        expect(routing.get_by_text("Logged in as Petra Token")).to_be_visible()
        assert anybody.frames[-1].url.endswith("deliveries?state=failed")


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
            expect(page.get_by_text("Can view everything, but change nothing")).to_be_visible()
            expect(page.get_by_text("No policies yet")).to_be_visible()
            expect(page.get_by_role("link", name="Make the first policy")).to_have_count(0)

    def test_who_may_only_look_cannot_fill_in_what_will_not_be_saved(
        self, browser: Browser, shared: OrthancServer
    ) -> None:
        router = RouterClient(shared.rest)
        draft = {"kind": "dicom", "settings": {"aet": "PACS", "host": "127.0.0.1", "port": 9}}
        destination = router.post("/destinations", {"name": "PACS", **draft})
        policy = router.policy("To it", patient("NOBODY"), destination, enabled=False)
        with window(browser, shared, http_credentials={"username": "rita", "password": "r"}) as page:
            page.goto(f"destinations/{destination['id']}")
            expect(page.get_by_text("You can view this, but not change it.")).to_be_visible()
            for label in ("Name", "Host", "Attempts in all"):
                expect(page.get_by_role("textbox", name=label)).to_be_disabled()
            page.get_by_role("button", name="More settings").click()
            expect(page.get_by_role("textbox", name="Local AE title")).to_be_disabled()
            page.goto(f"policies/{policy['id']}")
            expect(page.get_by_role("textbox", name="Name")).to_be_disabled()
            expect(page.get_by_role("switch", name=re.compile("^(On|Off)")).first).to_be_disabled()
            page.goto("destinations")
            page.get_by_role("button", name="More for PACS").click()
            expect(page.get_by_role("menuitem", name="View")).to_be_visible()

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
            expect(page.get_by_text("Can view and change everything")).to_be_visible()
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
