# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line on a real installation: backup, restore, a new key."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from integration.conftest import StoreSettings
from samples import make_series, unique
from servers.node import Node
from servers.orthanc import REPOSITORY, OrthancServer, plugin_packages
from servers.router import Json, RouterClient, patient
from servers.scripted_http import Answer, Asked, ScriptedHttp
from servers.sender import send

SECRET = "geheim-7f3a"


def command(
    server: OrthancServer, *arguments: object, folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a command on the installation of this Orthanc."""
    settings = server.configuration["Router"]
    return subprocess.run(
        [sys.executable, "-m", "router", *map(str, arguments)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "plugin"), str(plugin_packages())]),
            "DATA_DIR": str(server.folder),
            "MONGO_URI": settings["MongoUri"],
            "MONGO_INITDB_DATABASE": settings["MongoDatabase"],
        },
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def succeeded(server: OrthancServer, *arguments: object) -> str:
    done = command(server, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def failed(server: OrthancServer, *arguments: object) -> str:
    done = command(server, *arguments)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def with_secret(router: RouterClient, url: str) -> Json:
    settings = {"url": url, "username": "u", "password": SECRET}
    return router.post("/destinations", {"name": unique("Peer "), "kind": "peer", "settings": settings})


def authorization(server: ScriptedHttp, router: RouterClient, destination: Json) -> str:
    """What a destination's password is, as the server sees it."""
    before = len(server.asked)
    assert router.post(f"/destinations/{destination['id']}/test")["ok"]
    return server.asked[before:][-1].headers["Authorization"]


def greets(_asked: Asked) -> Answer:
    return Answer(200, b'{"Name": "There", "Version": "1.0"}')


def test_a_backup_of_a_running_router_is_one_that_can_be_restored(
    own_orthanc: OrthancServer, node: Node, tmp_path: Path
) -> None:
    file = tmp_path / "backup.zip"
    with own_orthanc as server, ScriptedHttp(greets) as peer:
        router = RouterClient(server.rest)
        secret = with_secret(router, peer.url)
        seen = authorization(peer, router, secret)
        someone = unique("PAT")
        policy = router.policy(unique("Policy "), patient(someone), router.destination(unique("Node "), node))
        images = make_series(40, PatientID=someone)
        sending = threading.Thread(target=send, args=(server.dicom_port, images))
        sending.start()
        try:
            said = succeeded(server, "backup", file)
        finally:
            sending.join()
        assert "key of the secrets is not in it" in said
        assert SECRET.encode() not in file.read_bytes()
        router.wait_until_delivered(40, policy=policy["id"])
        # What is changed after the backup is gone after the restore; what came in is routed again.
        router.delete(f"/policies/{policy['id']}")
        assert "stop Orthanc" in failed(server, "restore", file, "--replace")
        assert router.health()["status"] == "ok"
        server.stop()
        assert "--replace takes away" in failed(server, "restore", file)
        assert "is as it was at" in succeeded(server, "restore", file, "--replace")
        server.start()
        assert router.get(f"/policies/{policy['id']}")["name"] == policy["name"]
        assert authorization(peer, router, secret) == seen
        assert router.get("/audit/verify")["ok"]
        assert router.get("/audit", event="store.restored")["total"] == 1
        router.wait_until_delivered(40, policy=policy["id"])


def test_a_store_of_the_other_kind_and_what_is_no_backup_are_refused(
    own_orthanc: OrthancServer, tmp_path: Path
) -> None:
    with own_orthanc as server:
        file = tmp_path / "backup.zip"
        succeeded(server, "backup", file)
        assert "is there already" in failed(server, "backup", file)
        file.write_bytes(file.read_bytes()[:-100])
        assert "no whole backup" in failed(server, "restore", file, "--replace")
        assert "No such file" in failed(server, "restore", tmp_path / "none.zip")


def test_a_new_key_while_the_router_runs(own_orthanc: OrthancServer) -> None:
    with own_orthanc as server, ScriptedHttp(greets) as peer:
        router = RouterClient(server.rest)
        secret = with_secret(router, peer.url)
        seen = authorization(peer, router, secret)
        file = server.router_directory / "secret.key"
        old = file.read_text()
        succeeded(server, "rotate-key")
        new = file.read_text()
        assert new != old
        assert len(new.split()) == 1
        assert authorization(peer, router, secret) == seen
        server.restart()
        assert authorization(peer, router, secret) == seen
        [told] = router.get("/audit", event="key.rotated")["items"]
        assert told["actor"]["type"] == "user"
        assert old.strip() not in server.log() + new


def test_a_wrong_folder_is_not_taken_for_an_empty_store(
    own_orthanc: OrthancServer, store: StoreSettings
) -> None:
    if store.mongo_uri:
        pytest.skip("is about SQLite")
    assert "no store in" in failed(own_orthanc, "backup")
    assert not (own_orthanc.router_directory / "router.sqlite3").exists()
