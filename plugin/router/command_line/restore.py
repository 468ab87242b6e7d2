# SPDX-License-Identifier: GPL-3.0-or-later
"""`restore`: a store made of a backup."""

import argparse
from contextlib import ExitStack, closing
from pathlib import Path

from router.command_line.archive import NoBackup, read_archive
from router.command_line.installation import Failed, Installation, add_arguments, person
from router.secrets.rotation import unreadable_secrets
from router.store import StoreInUse, StoreNotEmpty, StoreUnavailable, put_back


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make it one of the commands."""
    parser = commands.add_parser(
        "restore",
        help="make a store of a backup",
        description="Makes the router's store of a backup. Orthanc must be stopped, on every node that shares"
        " the store. What Orthanc has received since the backup was made is routed again afterwards.",
    )
    add_arguments(parser)
    parser.add_argument("file", type=Path, help="what `backup` has written")
    parser.add_argument(
        "--replace", action="store_true", help="take away what is in the store now, all of it"
    )
    parser.set_defaults(run=restore)


def restore(given: argparse.Namespace) -> int:
    """Put the backup in the store's place. Raises Failed."""
    installation = Installation.of(given)
    kind = "mongodb" if installation.mongo_uri else "sqlite"
    try:
        with ExitStack() as opened:
            archive = opened.enter_context(read_archive(given.file))
            manifest = archive.manifest
            if manifest.store != kind:
                raise Failed(
                    f"{given.file} is of a router on {manifest.store}, and this one is on {kind} (MONGO_URI)."
                )
            parts = {name: opened.enter_context(archive.part(name)) for name in manifest.parts}
            put_back(
                installation.mongo_uri or None,
                installation.mongo_database,
                installation.data_directory,
                parts,
                given.replace,
            )
    except StoreNotEmpty as error:
        raise Failed(f"{error}. --replace takes away what is there.") from error
    except (NoBackup, StoreInUse, StoreUnavailable, OSError) as error:
        raise Failed(f"Nothing has been restored: {error}") from error
    at = f"{manifest.created_at:%Y-%m-%d %H:%M:%S} UTC"
    print(f"The router is as it was at {at} (version {manifest.version}).")
    _complete(installation, f"backup of {at}")
    return 0


def _complete(installation: Installation, detail: str) -> None:
    """Tell the audit trail, and what the backup cannot bring. Raises Failed."""
    try:
        # It may be of a router that marked no secrets: the next start does.
        installation.vault().unmark()
        with closing(installation.open()) as store:
            unreadable = unreadable_secrets(store, installation.vault())
            installation.audit(store).record("store.restored", person(), detail)
    except (StoreUnavailable, OSError) as error:
        raise Failed(f"It is not in the audit trail that it was restored: {error}.") from error
    if unreadable:
        print(
            f"{unreadable} secrets cannot be opened: put back the key that was in use then (secret.key or"
            " ROUTER_SECRET_KEY) before Orthanc is started, or enter them again in the page."
        )
