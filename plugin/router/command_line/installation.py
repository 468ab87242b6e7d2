# SPDX-License-Identifier: GPL-3.0-or-later
"""Which installation a command is about."""

import argparse
import getpass
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from router.audit import Audit, AuditTrailKey
from router.clock import utc_now
from router.documents.audit import Actor
from router.secrets import Vault
from router.store import Store, StoreUnavailable, is_of_this_version, open_store


class Failed(Exception):  # noqa: N818 - it reads as what it says
    """A command failed; the message says why, and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name the installation."""
    parser.add_argument(
        "--data-directory", type=Path, help="the router's own folder; by default `router` in DATA_DIR"
    )


@dataclass(frozen=True, slots=True)
class Installation:
    """Where its state is."""

    #: The router's own folder, with the key of secrets and the SQLite file.
    data_directory: Path
    #: Empty: SQLite.
    mongo_uri: str
    mongo_database: str

    @classmethod
    def of(cls, given: argparse.Namespace) -> Self:
        """From the environment, as `.env.example` tells of it; the folder may be named instead."""
        return cls(
            given.data_directory or Path(os.environ.get("DATA_DIR", "data")) / "router",
            os.environ.get("MONGO_URI", ""),
            os.environ.get("MONGO_INITDB_DATABASE", "orthanc_router"),
        )

    def open(self) -> Store:
        """Its store, which a router of this version must have opened before: which Orthanc it belongs to, no
        command knows. Raises StoreUnavailable."""
        mongo_uri = self.mongo_uri or None
        if not is_of_this_version(mongo_uri, self.mongo_database, self.data_directory):
            raise StoreUnavailable(
                "MongoDB has no store of this version of the router; Orthanc must be started with it first"
                if mongo_uri
                else f"the router has no store in {self.data_directory.resolve()}"
                " (DATA_DIR, --data-directory), and MONGO_URI is not set"
            )
        return open_store(mongo_uri, self.mongo_database, self.data_directory)

    def audit(self, store: Store) -> Audit:
        """Its audit trail."""
        return Audit(store, AuditTrailKey(store, self.vault()), "command line", utc_now)

    def vault(self) -> Vault:
        """Its keys."""
        return Vault.of(os.environ, self.data_directory / "secret.key", self.data_directory)


def person() -> Actor:
    """Return the person who runs the command, as the audit records people: this machine's user."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return Actor(type="user", name=name, address=socket.gethostname())
