# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables, indexes and triggers of the embedded store, and their version. Each version has a module with
the statements that bring a file there from the version before."""

import sqlite3
from typing import Final

from router.store.port import StoreUnavailable
from router.store.sqlite.schema import (
    version_1,
    version_2,
    version_3,
    version_4,
    version_5,
    version_6,
    version_7,
    version_8,
    version_9,
    version_10,
    version_11,
    version_12,
    version_13,
    version_14,
)

#: The statements that bring a file from each version to the next; the first ones from an empty file.
_CHANGES: Final = (
    version_1.STATEMENTS,
    version_2.STATEMENTS,
    version_3.STATEMENTS,
    version_4.STATEMENTS,
    version_5.STATEMENTS,
    version_6.STATEMENTS,
    version_7.STATEMENTS,
    version_8.STATEMENTS,
    version_9.STATEMENTS,
    version_10.STATEMENTS,
    version_11.STATEMENTS,
    version_12.STATEMENTS,
    version_13.STATEMENTS,
    version_14.STATEMENTS,
)

VERSION: Final = len(_CHANGES)


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Bring the file to this version, inside the caller's transaction.

    Raises StoreUnavailable where a newer router wrote the file.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StoreUnavailable(
            f"{path} was written by a newer version of the router (its schema is {version}, this router "
            f"knows {VERSION}); install that version again, or restore a backup made before the upgrade"
        )
    for statement in (each for change in _CHANGES[version:] for each in change):
        connection.execute(statement)
    if version < VERSION:
        connection.execute(f"PRAGMA user_version = {VERSION}")
