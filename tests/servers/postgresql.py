# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server, which Orthancs may share as their index."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from servers.process import ServerProcess, free_port, port_is_open
from servers.waiting import wait_until

#: PostgreSQL does not run as root; Debian's package makes this user.
_USER = "postgres"


class PostgresqlServer:
    """On a free port of the loopback interface, with its data in a folder of its own; lets everybody in."""

    def __init__(self) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        assert programs, "the package postgresql is not installed"
        self._programs = programs[-1]
        self.port = free_port()
        self._folder = folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
        self._data = folder / "data"
        self._as_user = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
        server: Sequence[str | int | Path] = [
            *self._as_user,
            self._programs / "postgres",
            *("-D", self._data, "-p", self.port, "-k", folder, "-h", "127.0.0.1"),
        ]
        self.process = ServerProcess(server, folder / "postgresql.log")

    def start(self) -> "PostgresqlServer":
        """Make its data, start it and wait until it answers."""
        if os.geteuid() == 0:
            subprocess.run(["chown", _USER, self._folder], check=True)
        subprocess.run(
            [*self._as_user, self._programs / "initdb", "-D", self._data, "-A", "trust", "-U", _USER],
            check=True,
            capture_output=True,
            cwd=self._folder,
        )
        self.process.start()
        wait_until(lambda: port_is_open(self.port), 30, self.process.log_text)
        return self

    def index_options(self) -> dict[str, object]:
        """What goes into the configuration of an Orthanc that keeps its index here, with others."""
        return {
            "PostgreSQL": {
                "EnableIndex": True,
                "EnableStorage": False,
                "Host": "127.0.0.1",
                "Port": self.port,
                "Database": "postgres",
                "Username": _USER,
                "Password": "",
                "Lock": False,
                "IndexConnectionsCount": 10,
                "MaximumConnectionRetries": 20,
                "TransactionMode": "ReadCommitted",
            }
        }

    def __enter__(self) -> "PostgresqlServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        shutil.rmtree(self._folder)
