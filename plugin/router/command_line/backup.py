# SPDX-License-Identifier: GPL-3.0-or-later
"""`backup`: the router's state in one file."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import Final

from router.clock import utc_now
from router.command_line.archive import write_archive
from router.command_line.installation import Failed, Installation, add_arguments
from router.store import StoreUnavailable
from router.version import VERSION

_WITHOUT: Final = (
    "The key of the secrets is not in it (the file secret.key in the router's folder, or ROUTER_SECRET_KEY):"
    " keep it somewhere else. Nor are Orthanc's images and its configuration."
)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make it one of the commands."""
    parser = commands.add_parser(
        "backup",
        help="copy a store into one file",
        description="Writes policies, destinations, deliveries, audit trail and all else that the router"
        " keeps into one file, while it runs or not. The key of the secrets is not in it.",
    )
    add_arguments(parser)
    parser.add_argument("file", type=Path, nargs="?", help="by default router-DATE-TIME.zip in this folder")
    parser.set_defaults(run=backup)


def backup(given: argparse.Namespace) -> int:
    """Copy the store. Raises Failed."""
    now = utc_now()
    file: Path = given.file or Path(f"router-{now:%Y%m%d-%H%M%S}.zip")
    if file.exists():
        raise Failed(f"{file} is there already.")
    try:
        with closing(Installation.of(given).open()) as store:
            manifest = write_archive(file, store.kind, VERSION, now, store.copy())
    except (StoreUnavailable, OSError) as error:
        raise Failed(f"There is no backup: {error}") from error
    size = sum(part.bytes for part in manifest.parts.values())
    packed = file.stat().st_size
    print(f"{file} has all that the router keeps ({size / 1e6:.1f} MB, {packed / 1e6:.1f} MB packed).")
    print(_WITHOUT)
    return 0
