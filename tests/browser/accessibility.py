# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps people with a disability from using a page, as axe-core finds it (WCAG 2.1, levels A and AA)."""

from functools import cache

from playwright.sync_api import Page

from servers.orthanc import REPOSITORY

_AXE = REPOSITORY / "webapp" / "node_modules" / "axe-core" / "axe.min.js"
#: Below these it is advice.
_GRAVE = {"serious", "critical"}


@cache
def _program() -> str:
    return _AXE.read_text("utf-8")


def faults(window: Page) -> list[str]:
    """Each serious or critical fault of what is seen now, with the elements that have it."""
    window.evaluate(_program())
    found = window.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: "
        + "; ".join(f"{node['html'][:200]} ({node['failureSummary']})" for node in fault["nodes"][:5])
        for fault in found["violations"]
        if fault["impact"] in _GRAVE
    ]
