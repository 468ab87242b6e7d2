# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded store: one SQLite file, for a single machine without a MongoDB."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from router.documents.destination import Destination
from router.documents.policy import Policy
from router.store.keys import above_all_with_prefix
from router.store.port import (
    AuditTrail,
    Deliveries,
    Documents,
    IntakeLedger,
    Lanes,
    Lineages,
    Nodes,
    Repetitions,
    Runs,
    Save,
)
from router.store.sqlite import schema
from router.store.sqlite.audit import SqliteAuditTrail
from router.store.sqlite.copies import copy_of
from router.store.sqlite.database import FILE_NAME, Database
from router.store.sqlite.deliveries import SqliteDeliveries
from router.store.sqlite.documents import SqliteDocuments
from router.store.sqlite.intake_ledger import SqliteIntakeLedger
from router.store.sqlite.lineages import SqliteLineages
from router.store.sqlite.machine_clock import MachineClock
from router.store.sqlite.nodes import SqliteNodes
from router.store.sqlite.repetitions import SqliteRepetitions
from router.store.sqlite.runs import SqliteRuns
from router.store.sqlite.secrets import rewrite_secrets

__all__ = ["FILE_NAME", "SqliteStore"]


class SqliteStore:
    """`router.store.port.Store` in the file `router.sqlite3` of a folder."""

    kind: Literal["sqlite", "mongodb"] = "sqlite"

    def __init__(self, data_directory: Path) -> None:
        """Open the store; make it where it is missing. Raises StoreUnavailable."""
        self._database = Database(data_directory / FILE_NAME, schema.prepare)
        self._policies = SqliteDocuments(self._database, "policy", Policy)
        self._destinations = SqliteDocuments(self._database, "destination", Destination)
        self.policies: Documents[Policy] = self._policies
        self.destinations: Documents[Destination] = self._destinations
        self.intake: IntakeLedger = SqliteIntakeLedger(self._database)
        self.deliveries: Deliveries = SqliteDeliveries(self._database)
        self.lineages: Lineages = SqliteLineages(self._database)
        self.audit: AuditTrail = SqliteAuditTrail(self._database)
        self.repetitions: Repetitions = SqliteRepetitions(self._database)
        self.runs: Runs = SqliteRuns(self._database)
        self._clock = MachineClock(self._database)
        self.nodes: Nodes = SqliteNodes(self._database, self._clock)
        self.lanes: Lanes | None = None

    def save_together(self, saves: Sequence[Save]) -> None:
        with self._database.write() as connection:
            for save in saves:
                if isinstance(save.document, Policy):
                    self._policies.save_within(connection, save.document, save.act)
                else:
                    self._destinations.save_within(connection, save.document, save.act)

    def now(self) -> datetime:
        return self._clock.now()

    def remember(self, name: str, text: str) -> str:
        with self._database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO remembered VALUES (?, ?)", (name, text))
            row = connection.execute("SELECT text FROM remembered WHERE name = ?", (name,)).fetchone()
        return str(row["text"])

    def recall(self, name: str) -> str | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT text FROM remembered WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["text"])

    def remembered(self, beginning: str) -> list[str]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT name FROM remembered WHERE name >= ? AND name < ? ORDER BY name",
                (beginning, above_all_with_prefix(beginning)),
            ).fetchall()
        return [row["name"] for row in rows]

    def forget(self, names: Collection[str]) -> None:
        with self._database.write() as connection:
            connection.executemany("DELETE FROM remembered WHERE name = ?", [(name,) for name in names])

    def rewrite_secrets(self, rewrite: Callable[[str], str]) -> int:
        with self._database.write() as connection:
            return rewrite_secrets(connection, rewrite)

    def sign_with(self, sign: Callable[[str], str]) -> None:
        self._database.sign = sign

    def watch(self) -> None:
        """Return None: only this node writes to the store."""

    def copy(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield FILE_NAME, copy_of(self._database)

    def check(self) -> None:
        with self._database.write() as connection:
            connection.execute("UPDATE checks SET number = number + 1")

    def look_for_damage(self) -> None:
        self._database.look_for_damage()

    def damage(self) -> str:
        return self._database.damage

    def describe(self) -> str:
        return f"SQLite file {self._database.path}"

    def close(self) -> None:
        self._database.close()
