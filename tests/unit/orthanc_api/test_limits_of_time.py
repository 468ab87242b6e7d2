# SPDX-License-Identifier: GPL-3.0-or-later
"""No question to Orthanc's database is waited for without end; what has a limit in Orthanc is."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from router.orthanc_api import OrthancApi
from router.orthanc_api.connections import Answer

ANSWER = b'{"Changes": [], "Last": 0, "Done": true, "ID": "x", "Version": "1", "Series": []}'


class Asked:
    """In place of the connections: how long the last answer would have been waited for."""

    seconds: float | None = None

    def ask(
        self, _method: str, path: str, _body: bytes | None, _headers: Mapping[str, str], seconds: float | None
    ) -> Answer:
        self.seconds = seconds
        is_list = path in {"/studies", "/tools/find", "/tools/bulk-content", "/tools/lookup"}
        return Answer(200, b"[]" if is_list or path.endswith("/instances") else ANSWER)


Call = Callable[[OrthancApi], Any]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def api(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> OrthancApi:
    api = OrthancApi(0, "token")
    monkeypatch.setattr(api, "_connections", asked)
    return api


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda api: api.changes(0, 10), id="changes"),
        pytest.param(lambda api: api.last_change(), id="last change"),
        pytest.param(lambda api: api.bulk_content(["x"]), id="bulk content"),
        pytest.param(lambda api: api.studies(), id="studies"),
        pytest.param(lambda api: api.find_studies({}), id="find"),
        pytest.param(lambda api: api.resource("study", "x"), id="resource"),
        pytest.param(lambda api: api.instances_of("study", "x"), id="instances"),
        pytest.param(lambda api: api.lookup("1.2"), id="lookup"),
        pytest.param(lambda api: api.digest("x"), id="digest"),
        pytest.param(lambda api: api.jobs(), id="metrics"),
        pytest.param(lambda api: api.modalities(), id="modalities"),
        pytest.param(lambda api: api.delete_instances(["x"]), id="deletion"),
        pytest.param(lambda api: api.system(), id="system"),
    ],
)
def test_the_database(api: OrthancApi, asked: Asked, call: Call) -> None:
    call(api)
    assert asked.seconds is not None


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda api: api.store("NODE", ["x"], {}), id="C-STORE"),
        pytest.param(lambda api: api.peer_store("peer", ["x"]), id="peer"),
        pytest.param(lambda api: api.request_commitment("NODE", [], 60), id="storage commitment"),
    ],
)
def test_what_goes_out(api: OrthancApi, asked: Asked, call: Call) -> None:
    call(api)
    assert asked.seconds is None
