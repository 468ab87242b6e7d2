# SPDX-License-Identifier: GPL-3.0-or-later
"""When the container of Orthanc counts as well."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from unit.deployment.container_files import HOME

FINE = {"status": "ok", "problems": [], "store": {"ok": True}}
TARGET_DOWN = FINE | {"status": "degraded", "problems": [{"message": "PACS does not answer"}]}
STORE_AWAY = {"status": "degraded", "problems": [{"message": "No MongoDB"}], "store": {"ok": False}}
STARTING = {"status": "degraded", "problems": [{"message": "The router is starting."}]}


@contextmanager
def answering(status: int, document: dict[str, Any]) -> Iterator[int]:
    """A server that answers so to the right login, and 401 to any other; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["Authorization"] == "Basic YWRtaW46c2VjcmV0"
            self.send_response(status if known and self.path == "/router/health" else 401)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="health")
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def check(
    port: int, password: str = "secret", configuration: Path = Path("/nowhere")
) -> subprocess.CompletedProcess[str]:
    environment = {"ORTHANC_USERNAME": "admin", "ORTHANC_LOGIN_PASSWORD": password, "ORTHANC_PORT": str(port)}
    return subprocess.run(
        [sys.executable, HOME / "orthanc/image/healthcheck.py", configuration],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize(
    ("status", "document", "well", "told"),
    [
        (200, FINE, True, ""),
        (200, TARGET_DOWN, True, "PACS does not answer"),
        (200, STORE_AWAY, False, "No MongoDB"),
        (503, STARTING, False, "The router is starting."),
        (503, {}, False, "does not answer"),
        (502, {}, False, "502"),
    ],
)
def test_it_is_well_where_the_router_has_its_store(
    status: int, document: dict[str, Any], well: bool, told: str
) -> None:
    with answering(status, document) as port:
        result = check(port)
    assert (result.returncode == 0) == well
    assert told in result.stdout
    assert result.stderr == ""


def test_the_password_is_that_of_the_configuration(tmp_path: Path) -> None:
    configuration = tmp_path / "orthanc.json"
    configuration.write_text(json.dumps({"RegisteredUsers": {"admin": "secret"}}))
    with answering(200, FINE) as port:
        assert check(port, "that of the variable", configuration).returncode == 0
        configuration.write_text("{}")
        assert check(port, "secret", configuration).returncode == 0


def test_nor_without_the_login_or_an_answer() -> None:
    with answering(200, FINE) as port:
        assert check(port, "wrong").returncode == 1
    result = check(port)
    assert result.returncode == 1
    assert "does not answer" in result.stdout
