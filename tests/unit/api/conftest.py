# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's whole table of routes, as Orthanc serves it, with nothing running behind it."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from router.api.http import Route
from router.api.page import PageRoutes
from router.orthanc_api import OrthancApi
from router.settings import Settings
from router.store import open_store


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Route]]:
    """All routes of a router whose store is open."""
    folder = tmp_path_factory.mktemp("router")
    settings = Settings.of_configuration(json.dumps({"StorageDirectory": str(folder)}))
    with pytest.MonkeyPatch.context() as patch:
        # Only inside Orthanc there is such a module.
        patch.setitem(sys.modules, "orthanc", ModuleType("orthanc"))
        from router.running import Running

    with (
        closing(open_store(None, "orthanc_router", folder)) as store,
        closing(OrthancApi(1, "none")) as orthanc,
    ):
        running = Running(settings, store, orthanc, "node", lambda _name, _value: None)
        yield [*PageRoutes(Path("/none"), "").routes(), *running.routes()]
