# SPDX-License-Identifier: GPL-3.0-or-later
"""The additions that docs/extending.md shows: a kind of destination, an action, a filter of templates."""

import re
import shutil
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[1]
GUIDE = REPOSITORY / "docs/extending.md"


class Examples(NamedTuple):
    """The source of each example."""

    kind: str
    action: str
    template_filter: str


def examples() -> Examples:
    """The examples as the guide has them, each in a section of its own."""
    guide = GUIDE.read_text("utf-8")
    return Examples(
        *(
            re.findall(rf"^## {section}\n.*?```python\n(.*?)```", guide, re.DOTALL | re.MULTILINE)[0]
            for section in ("A kind of destination", "An action", "A filter of templates")
        )
    )


def extended_repository(folder: Path) -> Path:
    """A copy of the router below a folder, with all examples in it: each is one file, or one function of one.
    Built pages and packages are those of this repository."""
    skip = shutil.ignore_patterns("__pycache__")
    for part in ("plugin", "orthanc"):
        shutil.copytree(REPOSITORY / part, folder / part, ignore=skip)
    (folder / "webapp").mkdir()
    (folder / "webapp/dist").symlink_to(REPOSITORY / "webapp/dist")
    router = folder / "plugin/router"
    kind, action, template_filter = examples()
    (router / "destinations/null.py").write_text(kind, "utf-8")
    (router / "actions/annotate.py").write_text(action, "utf-8")
    with (router / "templates/filters.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{template_filter}")
    return folder
