# SPDX-License-Identifier: GPL-3.0-or-later
"""What Orthanc's own web interfaces get added."""

import json
import re
from collections.abc import Callable

import pytest

from router.explorer import explorer_2_script, extend_explorers, with_script
from router.settings import Settings


class Host:
    def __init__(self) -> None:
        self.script = ""
        self.extended: dict[str, str] = {}

    def lead_to(self, page: str, explorer_script: str) -> None:
        assert page == "/router/app"
        self.script = explorer_script

    def extend_page(self, pattern: str, page: str, extend: Callable[[bytes], bytes]) -> None:
        assert extend(b"<head></head>") != b"<head></head>"
        self.extended[pattern] = page


@pytest.mark.parametrize(
    ("path", "is_extended"),
    [
        ("/ui/app", True),
        ("/ui/app/filtered-studies", True),
        ("/ui/app/index.html", False),
        ("/ui/app/inbox.html", False),
        ("/ui/app/favicon.ico", False),
        ("/ui/app/assets/main-x1.js", False),
        ("/ui/app/customizable/custom.css", False),
        ("/ui/api/configuration", False),
        ("/ui/apple", False),
    ],
)
def test_the_places_of_explorer_2_get_a_script_and_its_files_do_not(path: str, is_extended: bool) -> None:
    host = Host()
    extend_explorers(host, "/ui/", embedded=True)
    (pattern,) = host.extended
    assert (re.fullmatch(pattern, path) is not None) is is_extended
    assert host.extended[pattern] == "/ui/app/index.html"


@pytest.mark.parametrize(
    ("configuration", "is_extended"),
    [
        ({}, True),
        ({"OrthancExplorer2": {"Enable": False}}, False),
        ({"OrthancExplorer2": {"Root": "no/"}}, False),
        ({"Router": {"EmbedInExplorer": False}}, False),
    ],
)
def test_it_can_be_switched_off(configuration: dict[str, object], is_extended: bool) -> None:
    settings = Settings.of_configuration(json.dumps(configuration))
    host = Host()
    extend_explorers(host, settings.explorer_2, embedded=settings.router.embed_in_explorer)
    assert bool(host.extended) is is_extended
    assert f"embedded = {'true' if settings.router.embed_in_explorer else 'false'};" in host.script


@pytest.mark.parametrize(
    ("root", "address"),
    [
        ("/ui/", "../../router/app/explorer2.js"),
        ("/a/b/", "../../../router/app/explorer2.js"),
    ],
)
def test_the_address_of_the_script_holds_behind_a_prefix(root: str, address: str) -> None:
    assert explorer_2_script(root) == address


def test_a_page_without_a_head_stays_as_it_is() -> None:
    assert with_script(b"<p>Other</p>", "x.js") == b"<p>Other</p>"
    extended = with_script(b"<head></head><pre></head></pre>", "x.js")
    assert extended == b'<head><script type="module" src="x.js"></script></head><pre></head></pre>'
