# SPDX-License-Identifier: GPL-3.0-or-later
"""An Orthanc that sends and one that receives.

The Orthanc that sends is a plain one; the kinds are opened here as the router opens them.
"""

import base64
from collections.abc import Iterator

import pytest

from router.orthanc_api import OrthancApi
from servers.orthanc import PASSWORD, USERNAME, OrthancServer


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """The Orthanc that sends."""
    with OrthancServer(tmp_path_factory.mktemp("here"), plugin=False, aet="HERE") as server:
        yield server


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """The Orthanc that receives."""
    with OrthancServer(tmp_path_factory.mktemp("there"), plugin=False, aet="THERE") as server:
        yield server


@pytest.fixture(scope="module")
def api(here: OrthancServer) -> Iterator[OrthancApi]:
    token = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    api = OrthancApi(here.http_port, f"Basic {token}")
    yield api
    api.close()
