# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that an earlier version of the router has written is brought to what this one needs."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from router.store import open_store
from router.store.sqlite import FILE_NAME, schema


def tables(folder: Path) -> list[tuple[str, ...]]:
    """What the store's file is made of."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


@pytest.mark.parametrize("version", range(1, schema.VERSION))
def test_a_file_of_an_earlier_version_becomes_one_of_this(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, version: int
) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        for statement in (each for change in schema._CHANGES[:version] for each in change):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    open_store(None, "", tmp_path).close()
    new = tmp_path_factory.mktemp("new")
    open_store(None, "", new).close()
    assert tables(tmp_path) == tables(new)
