# SPDX-License-Identifier: GPL-3.0-or-later
"""A damaged store is told, and stays told."""

import sqlite3
from contextlib import closing
from pathlib import Path

from router.store import open_store
from unit.store.stored_samples import policy


def test_a_whole_one_is_not_damaged(tmp_path: Path) -> None:
    with closing(open_store(None, "", tmp_path)) as store:
        store.look_for_damage()
        assert store.damage() == ""


def test_damage_that_no_request_has_met_is_found(tmp_path: Path) -> None:
    with closing(open_store(None, "", tmp_path)) as store:
        for number in range(60):
            store.policies.create(policy(f"P{number} {'x' * 150}"))
    file = tmp_path / "router.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'revisions'").fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(bytes([5]) + bytes(200))
    with closing(open_store(None, "", tmp_path)) as store:
        assert store.damage() == ""
        store.look_for_damage()
        assert "is damaged" in store.damage()
        assert "restore it from a backup" in store.damage()
        # What can still be read does not take it back.
        assert len(store.policies.all()) == 60
        assert "is damaged" in store.damage()
