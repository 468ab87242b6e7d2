# SPDX-License-Identifier: GPL-3.0-or-later
"""How a person fills in the forms of the page."""

import re

from playwright.sync_api import Locator, Page


def choose(page: Page, select: Locator, option: str | re.Pattern[str]) -> None:
    """Choose from a list."""
    select.click()
    page.get_by_role("option", name=option).first.click()


def choose_tag(condition: Locator, search: str, keyword: str) -> None:
    """Search for a tag and take it from what is found."""
    condition.get_by_label("Tag", exact=True).fill(search)
    condition.page.get_by_role("option", name=re.compile(keyword)).first.click()


def choose_operator(page: Page, condition: Locator, operator: str) -> None:
    condition.get_by_label("Comparison").click()
    page.get_by_role("option", name=operator, exact=True).click()


def fill_value(condition: Locator, value: str) -> None:
    condition.get_by_label("Value", exact=True).fill(value)
    condition.get_by_label("Value", exact=True).press("Tab")
