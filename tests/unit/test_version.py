# SPDX-License-Identifier: GPL-3.0-or-later
"""There is one version, wherever it stands."""

import json
from pathlib import Path

from router.version import VERSION

HOME = Path(__file__).parents[2]


def test_the_page_has_it_too() -> None:
    for name in ("package.json", "package-lock.json"):
        assert json.loads((HOME / "webapp" / name).read_text("utf-8"))["version"] == VERSION


def test_the_changes_begin_with_it() -> None:
    changes = (HOME / "CHANGELOG.md").read_text("utf-8")
    assert changes.split("## ")[1].startswith(VERSION)
