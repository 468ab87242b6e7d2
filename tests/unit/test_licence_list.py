# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of licences names all that the router runs with, and each source file says its own."""

import subprocess
from pathlib import Path

from licence_list import PLACE, page_packages, python_packages


def test_it_names_each_package() -> None:
    listed = PLACE.read_text("utf-8")
    names = [*python_packages(), *page_packages()]
    assert len(names) > 100
    assert [name for name in names if f"| {name} |" not in listed] == []


def test_each_has_a_licence() -> None:
    rows = [line for line in PLACE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert [row for row in rows if "not said" in row or "not installed" in row] == []


def test_each_source_file_says_its_licence() -> None:
    home = PLACE.parents[1]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=home, capture_output=True, text=True, check=True)
    kinds = {".py", ".pyi", ".ts", ".tsx", ".css", ".sh", ".js"}
    # What is generated has no header of its own.
    files = [
        name
        for name in map(Path, listed.stdout.rstrip("\0").split("\0"))
        if name.suffix in kinds and name != Path("webapp/src/api/schema.ts") and (home / name).exists()
    ]
    assert len(files) > 500
    said = "SPDX-License-Identifier: GPL-3.0-or-later"
    assert [str(name) for name in files if said not in (home / name).read_text("utf-8")[:200]] == []
