# SPDX-License-Identifier: GPL-3.0-or-later
"""The page's files are served, and nothing else that lies there."""

from pathlib import Path

import pytest

from router.api.http import ApiError, Request, Response
from router.api.page import PageRoutes, is_page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / ".git").mkdir(parents=True)
    (folder / "assets").mkdir()
    (folder / "index.html").write_text('<base href="/router/app/">')
    for name in (".complete", ".git/config", "assets/.map", "assets/page.js"):
        (folder / name).write_text("{}")
    return folder


def answer(folder: Path, place: str) -> Response:
    _, route = PageRoutes(folder, "").routes()
    return route.handler(Request("GET", f"/app/{place}"), place=place)


@pytest.mark.parametrize("place", ["", "policies", "policies/1/history", "assets/page.js"])
def test_files_and_places(folder: Path, place: str) -> None:
    assert answer(folder, place).status == 200


@pytest.mark.parametrize(
    "place",
    [
        ".complete",
        ".git/config",
        "assets/.map",
        "../secret.key",
        "a/../.complete",
        "x" * 300,
        "x/" * 5000,
        "a\0b",
    ],
    ids=lambda place: place[:20],
)
def test_what_is_none(folder: Path, place: str) -> None:
    with pytest.raises(ApiError) as refused:
        answer(folder, place)
    assert refused.value.status == 404


def test_what_counts_as_the_page() -> None:
    paths = {"/app": True, "/app/": True, "/app/policies": True, "/apple": False, "/health": False}
    assert {path: is_page(Request("GET", path)) for path in paths} == paths
