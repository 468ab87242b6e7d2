# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords as Docker secrets: docker-compose.secrets.yml, and the script that makes what it names."""

import json
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from launcher import dotenv
from unit.deployment.container_files import COMPOSE_TEXT, EXAMPLE_TEXT, HOME, SECRETS_TEXT, compose

MOVED = [
    "ORTHANC_PASSWORD",
    "MONGO_INITDB_ROOT_PASSWORD",
    "MONGO_API_PASSWORD",
    "ME_CONFIG_BASICAUTH_PASSWORD",
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the script needs: itself, and an `.env` with a password in each place."""
    (tmp_path / "orthanc").mkdir()
    shutil.copy(HOME / "orthanc/use-secrets", tmp_path / "orthanc")
    (tmp_path / ".env").write_text(re.sub(r"(?m)^(\w+)_PASSWORD=$", r"\1_PASSWORD=first\1", EXAMPLE_TEXT))
    return tmp_path


def use_secrets(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run the script; Docker Compose is played by what it would tell."""
    services = compose(dotenv.read(checkout / ".env"))["services"]
    told = "".join(
        f"    {name}: {value}\n"
        for service in services.values()
        for name, value in service.get("environment", {}).items()
    )
    (checkout / "told").write_text(told)
    (checkout / "compose").write_text(f"#!/bin/sh\ncat {checkout}/told\n")
    (checkout / "compose").chmod(0o755)
    return subprocess.run(
        [checkout / "orthanc/use-secrets"],
        env={"PATH": "/usr/bin:/bin", "COMPOSE": str(checkout / "compose")},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_passwords_move_and_stay_the_same(checkout: Path) -> None:
    before = dotenv.read(checkout / ".env")
    done = use_secrets(checkout)
    assert done.returncode == 0, done.stderr
    secrets = checkout / "secrets"
    uri = f"mongodb://router:{before['MONGO_API_PASSWORD']}@mongodb:27017/"
    configuration = json.loads((secrets / "orthanc.json").read_text())
    assert configuration["RegisteredUsers"] == {"admin": before["ORTHANC_PASSWORD"]}
    assert configuration["Router"]["MongoUri"].startswith(uri)
    assert (secrets / "mongo_root_password").read_text().strip() == before["MONGO_INITDB_ROOT_PASSWORD"]
    assert (secrets / "mongo_api_password").read_text().strip() == before["MONGO_API_PASSWORD"]
    assert (secrets / "mongo_express_password").read_text().strip() == before["ME_CONFIG_BASICAUTH_PASSWORD"]
    # The folder keeps others out; in the containers other users read the files.
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets.iterdir()} == {0o644}
    after = dotenv.read(checkout / ".env")
    assert after.pop("COMPOSE_FILE") == "docker-compose.yml:docker-compose.secrets.yml"
    assert sorted(name for name in before if before[name] != after[name]) == sorted(MOVED)
    assert all(len(after[name]) == 24 for name in MOVED)


def test_it_does_nothing_twice_and_nothing_without_passwords(checkout: Path) -> None:
    assert use_secrets(checkout).returncode == 0
    text = (checkout / ".env").read_text()
    assert "already" in use_secrets(checkout).stderr
    assert (checkout / ".env").read_text() == text


def test_each_secret_is_a_file_that_the_script_makes(checkout: Path) -> None:
    assert use_secrets(checkout).returncode == 0
    named = re.findall(r"file: \./secrets/([\w.]+)", SECRETS_TEXT)
    assert sorted(file.name for file in (checkout / "secrets").iterdir()) == sorted(named)
    mounted = re.findall(r"secrets: \[(.*)\]", SECRETS_TEXT)
    assert {name for names in mounted for name in names.split(", ")} == set(named)
    # A variable is taken away only where there is one.
    for variable in re.findall(r"(\w+): !reset", SECRETS_TEXT):
        assert re.search(rf"\b{variable}: ", COMPOSE_TEXT)
