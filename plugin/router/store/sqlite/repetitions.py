# SPDX-License-Identifier: GPL-3.0-or-later
"""The repetitions (images that came in again) in the embedded store."""

from collections.abc import Sequence

from router.documents.repetition import Repetition
from router.store.reading import readable
from router.store.sqlite.database import Database


class SqliteRepetitions:
    """`router.store.port.Repetitions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, node: str) -> list[Repetition]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT repetition FROM repetitions WHERE node = ?", (node,)).fetchall()
        found = readable(Repetition, (row["repetition"] for row in rows))
        return sorted(found, key=lambda one: (one.at, one.study))

    def keep(self, node: str, repetitions: Sequence[Repetition], forgotten: Sequence[str]) -> None:
        with self._database.write() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO repetitions VALUES (?, ?, ?)",
                [(node, one.study, one.model_dump_json()) for one in repetitions],
            )
            connection.executemany(
                "DELETE FROM repetitions WHERE node = ? AND study = ?", [(node, study) for study in forgotten]
            )
