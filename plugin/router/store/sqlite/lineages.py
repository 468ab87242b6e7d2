# SPDX-License-Identifier: GPL-3.0-or-later
"""The lineages of results in the embedded store."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from router.documents.lineage import Lineage
from router.documents.policy import Level
from router.store.reading import read, readable
from router.store.sqlite.database import Database
from router.store.sqlite.moments import milliseconds

_INTO = "INTO lineages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_IN_ORDER = "ORDER BY made_at, result LIMIT ?"


class SqliteLineages:
    """`router.store.port.Lineages`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, lineages: Sequence[Lineage]) -> None:
        with self._database.write() as connection:
            connection.executemany(f"INSERT OR REPLACE {_INTO}", [_row(one) for one in lineages])

    def claim(self, lineage: Lineage) -> Lineage:
        with self._database.write() as connection:
            connection.execute(f"INSERT OR IGNORE {_INTO}", _row(lineage))
            row = connection.execute(
                "SELECT lineage FROM lineages WHERE result = ?", (lineage.result.id,)
            ).fetchone()
        return read(Lineage, row["lineage"])

    def of_results(self, instances: Sequence[str]) -> dict[str, Lineage]:
        found = self._select(
            "SELECT lineage FROM lineages WHERE result IN (SELECT value FROM json_each(?))",
            json.dumps(list(instances)),
        )
        return {one.result.id: one for one in found}

    def find(
        self, side: Literal["source", "result"], level: Level, resources: Sequence[str], limit: int
    ) -> list[Lineage]:
        column = side if level == "instance" else f"{side}_{level}"
        return self._select(
            f"SELECT lineage FROM lineages WHERE {column} IN (SELECT value FROM json_each(?)) {_IN_ORDER}",
            json.dumps(list(resources)),
            limit,
        )

    def of_delivery(self, delivery: str, limit: int) -> list[Lineage]:
        return self._select(f"SELECT lineage FROM lineages WHERE delivery = ? {_IN_ORDER}", delivery, limit)

    def made_before(self, before: datetime, after: Lineage | None, limit: int) -> list[Lineage]:
        since = (milliseconds(after.made_at), after.result.id) if after else (-1, "")
        return self._select(
            f"SELECT lineage FROM lineages WHERE made_at < ? AND (made_at, result) > (?, ?) {_IN_ORDER}",
            milliseconds(before),
            *since,
            limit,
        )

    def forget(self, instances: Sequence[str], before: datetime) -> int:
        with self._database.write() as connection:
            return connection.execute(
                "DELETE FROM lineages WHERE result IN (SELECT value FROM json_each(?)) AND made_at < ?",
                (json.dumps(list(instances)), milliseconds(before)),
            ).rowcount

    def _select(self, statement: str, *values: str | int) -> list[Lineage]:
        with self._database.read() as connection:
            rows: list[sqlite3.Row] = connection.execute(statement, values).fetchall()
        return list(readable(Lineage, (row["lineage"] for row in rows)))


def _row(lineage: Lineage) -> tuple[str | int, ...]:
    return (
        lineage.result.id,
        lineage.result.series,
        lineage.result.study,
        lineage.source.id,
        lineage.source.series,
        lineage.source.study,
        lineage.delivery,
        milliseconds(lineage.made_at),
        lineage.model_dump_json(),
    )
