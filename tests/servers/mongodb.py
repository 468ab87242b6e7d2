# SPDX-License-Identifier: GPL-3.0-or-later
"""The MongoDB server of the tests: SecantusDB in an environment of its own, or a real one.

Where `MONGO_URI` is set the tests use that server instead; they make databases of their own in it, and
skip what needs a server that may be stopped.
"""

import os
import secrets
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from servers.process import ServerProcess, free_port
from servers.waiting import wait_until

_PROGRAM = Path(__file__).resolve().parents[2] / ".venv/mongodb/bin/secantusd-py"
_USER = "router"


class MongoServer:
    """A MongoDB server that asks for a password, on a free port, with its data in `folder`.

    `standalone` makes it present itself as a server outside any replica set. It keeps its port and
    data when it is stopped or killed and started again.
    """

    def __init__(self, folder: Path, *, standalone: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self._given_uri = os.environ.get("MONGO_URI", "")
        self._password = secrets.token_urlsafe(12)
        empty = folder / "empty.toml"
        empty.touch()
        command: list[str | int | Path] = [_PROGRAM, "--config", empty]
        command += ["--host", "127.0.0.1", "--port", self.port, "--storage-path", folder / "data"]
        command += ["--cache-size", "256M", "--sync-on-commit"]
        if standalone:
            command.append("--standalone")
        log = folder / "mongodb.log"
        self._open_process = ServerProcess(command, log)
        self.process = ServerProcess([*command, "--auth"], log)

    @classmethod
    def to_be_killed(cls, folder: Path) -> "MongoServer":
        """One that the test may kill, in a new folder. Skips the test where the server is not ours."""
        folder.mkdir()
        server = cls(folder)
        server.skip_if_given()
        return server

    @property
    def is_given(self) -> bool:
        """Whether this is the server that `MONGO_URI` names, which is not ours to stop."""
        return bool(self._given_uri)

    @property
    def uri(self) -> str:
        """Where it is, with the user's name and password."""
        if self.is_given:
            return self._given_uri
        return f"mongodb://{_USER}:{self._password}@127.0.0.1:{self.port}/?authSource=admin"

    def start(self) -> "MongoServer":
        """Start it and wait until it answers; the first time its user is made."""
        if self.is_given:
            return self
        if not (self.folder / "data").exists():
            self._make_user()
        self.process.start()
        wait_until(lambda: self._answers(self.uri), 15, self.process.log_text)
        return self

    def stop(self) -> None:
        """End it with SIGTERM."""
        if not self.is_given:
            self.process.stop()

    def kill(self) -> None:
        """End it with SIGKILL. Skips the test where the server is not ours."""
        self.skip_if_given()
        self.process.kill()

    def skip_if_given(self) -> None:
        """Skip the test where the server is not ours."""
        if self.is_given:
            pytest.skip("needs a MongoDB server that may be killed")

    def _make_user(self) -> None:
        # The server takes a first user only in a run without --auth.
        mask = os.umask(0o077)
        try:
            self._open_process.start()
        finally:
            os.umask(mask)
        uri = f"mongodb://127.0.0.1:{self.port}/"
        wait_until(lambda: self._answers(uri), 15, self._open_process.log_text)
        with MongoClient[dict[str, object]](uri) as client:
            client["admin"].command("createUser", _USER, pwd=self._password, roles=["root"])
        self._open_process.stop()

    @staticmethod
    def _answers(uri: str) -> bool:
        try:
            with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=200) as client:
                client["admin"].command("listDatabases")
        except PyMongoError:
            return False
        return True

    def __enter__(self) -> "MongoServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if not self.is_given:
            self.process.kill()
