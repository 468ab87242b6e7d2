# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser in front of the page that a real Orthanc serves."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from browser.screenshots import screenshot
from samples import unique
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.router import RouterClient
from servers.storescp import StoreScp

#: Milliseconds: a machine that does other things besides draws a page slowly.
_PATIENCE = 20_000
expect.set_options(timeout=_PATIENCE)

_CHROMIUM = "/usr/bin/chromium"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc with the router and the built page."""
    with OrthancServer(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


@pytest.fixture(scope="module")
def router(orthanc: OrthancServer) -> RouterClient:
    return RouterClient(orthanc.rest)


@pytest.fixture
def storescp(tmp_path: Path) -> Iterator[StoreScp]:
    """The other node."""
    with StoreScp(tmp_path / "storescp", unique("SCP")) as receiver:
        yield receiver


def window(browser: Browser, orthanc: OrthancServer, **options: Any) -> AbstractContextManager[Page]:
    """A window of the person whom the tests' Orthanc knows; see `logged_in`."""
    return logged_in(browser, orthanc.url, USERNAME, PASSWORD, **options)


@contextmanager
def logged_in(browser: Browser, url: str, username: str, password: str, **options: Any) -> Iterator[Page]:
    """A window of a person who is logged in. Nothing may go wrong in it unseen, nor be asked elsewhere.

    `url` is that of Orthanc; `options` are those of Playwright's `Browser.new_context`.
    """
    context = browser.new_context(
        base_url=f"{url}/router/app/",
        **{
            "http_credentials": {"username": username, "password": password},
            "viewport": {"width": 1280, "height": 860},
            **options,
        },
    )
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    errors: list[str] = []
    elsewhere: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((url, "data:", "blob:")) else elsewhere.append(asked.url),
    )
    try:
        yield page
    finally:
        context.close()
    assert elsewhere == []
    # Chromium also reports answers that the page expects, such as a refused save.
    assert [error for error in errors if "Failed to load resource" not in error] == []


@pytest.fixture
def page(browser: Browser, orthanc: OrthancServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window whose last sight is kept."""
    with window(browser, orthanc) as opened:
        yield opened
        screenshot(opened, re.sub(r"\W+", "-", request.node.name).strip("-") + "-end")
