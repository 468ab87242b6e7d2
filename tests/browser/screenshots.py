# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person would see, kept for looking at after the tests."""

from playwright.sync_api import Page

from servers.orthanc import REPOSITORY

_FOLDER = REPOSITORY / "tests" / "output" / "screenshots"


def screenshot(window: Page, name: str) -> None:
    """Keep what is seen now below tests/output/screenshots."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    window.screenshot(path=_FOLDER / f"{name}.png", full_page=True, animations="disabled")
