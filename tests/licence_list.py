# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/licences.md: what the router is made of, and under which licences.

`.venv/plugin/bin/python tests/licence_list.py`, where the packages are installed.
"""

import json
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final

HOME: Final = Path(__file__).parents[1]
PLACE: Final = HOME / "docs" / "licences.md"

HEAD: Final = """# Licences

Orthanc Router: GPL-3.0-or-later, as Orthanc. Copyright its authors.

What it runs with, as the packages say of themselves. Made by `tests/licence_list.py`; a test fails where a
package is missing. Versions are in `plugin/requirements.lock` and `webapp/package-lock.json`. Nothing of it
is in this repository.
"""

#: What the longer names of some packages mean.
_SHORT: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def python_packages() -> list[str]:
    """The names in the plugin's lock."""
    lock = (HOME / "plugin" / "requirements.lock").read_text("utf-8")
    return sorted(set(re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)), key=str.lower)


def page_packages() -> dict[str, str]:
    """What gets into the page, each with its licence, by the page's lock."""
    packages = json.loads((HOME / "webapp" / "package-lock.json").read_text("utf-8"))["packages"]
    found = {
        place.rpartition("node_modules/")[2]: str(one.get("license", "not said"))
        for place, one in packages.items()
        if place and not one.get("dev") and not one.get("devOptional")
    }
    return dict(sorted(found.items()))


def licence_list() -> str:
    """The whole document."""
    head = "| Package | Licence |\n|---|---|"
    python = "\n".join(f"| {name} | {_licence(name)} |" for name in python_packages())
    page = "\n".join(f"| {name} | {licence} |" for name, licence in page_packages().items())
    return f"{HEAD}\n## The plugin\n\n{head}\n{python}\n\n## The page\n\n{head}\n{page}\n"


def _licence(name: str) -> str:
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return "not installed here"
    said = {field: told.get_all(field) or [] for field in ("License-Expression", "Classifier", "License")}
    if said["License-Expression"]:
        return str(said["License-Expression"][0])
    classifiers = [str(one).rpartition(" :: ")[2] for one in said["Classifier"] if "License" in str(one)]
    if classifiers:
        return ", ".join(_SHORT.get(one, one) for one in classifiers)
    return str(said["License"][0]).splitlines()[0] if said["License"] else "not said"


if __name__ == "__main__":
    PLACE.write_text(licence_list(), "utf-8")
