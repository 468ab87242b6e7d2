# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's store: the port (`port`) and its two implementations."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import IO

from router.store import port
from router.store.port import *  # noqa: F403 - all that the port names, which are listed there
from router.store.port import Store
from router.store.sqlite import FILE_NAME, SqliteStore
from router.store.sqlite.copies import put_back_file

__all__ = ["is_of_this_version", "open_store", "put_back"]
__all__ += port.__all__


def open_store(mongo_uri: str | None, mongo_database: str, data_directory: Path, index: str = "") -> Store:
    """Open the store of this installation: MongoDB where its URI is given, else a file in the folder.

    `index` names the Orthanc database that the store is opened for; several may use one MongoDB.
    Raises StoreUnavailable, with what an administrator can do, where it cannot be opened now.
    """
    if mongo_uri:
        # Imported here, so that an installation on SQLite does not spend memory on the MongoDB driver.
        from router.store.mongodb import MongoStore

        return MongoStore(mongo_uri, mongo_database, index)
    return SqliteStore(data_directory)


def is_of_this_version(mongo_uri: str | None, mongo_database: str, data_directory: Path) -> bool:
    """Whether a router of this version has opened the store before (of SQLite: any router).

    Raises StoreUnavailable.
    """
    if not mongo_uri:
        return (data_directory / FILE_NAME).exists()
    from router.store.mongodb.connection import MongoConnection
    from router.store.mongodb.schema import is_of_this_version

    with closing(MongoConnection(mongo_uri, mongo_database)) as connection:
        return is_of_this_version(connection)


def put_back(
    mongo_uri: str | None,
    mongo_database: str,
    data_directory: Path,
    parts: Mapping[str, IO[bytes]],
    replace: bool,
) -> None:
    """Make this installation's store from the parts of `Store.copy`. `replace` allows replacing a store that
    is there already. No router may be running on it.

    Raises StoreNotEmpty, StoreInUse, StoreUnavailable, OSError.
    """
    if mongo_uri:
        from router.store.mongodb.connection import MongoConnection
        from router.store.mongodb.copies import put_back

        with closing(MongoConnection(mongo_uri, mongo_database)) as connection:
            put_back(connection, parts, replace)
    else:
        put_back_file(data_directory, parts, replace)
