# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in the embedded store."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from router.documents.run import Progress, Run, RunState, RunStudy
from router.store.port import DoneStudy, Finding, NotFound, RunFilter, Unreadable
from router.store.reading import read, readable, reason
from router.store.sqlite.database import Database
from router.store.sqlite.delivery_rows import insert_delivery
from router.store.sqlite.moments import milliseconds, milliseconds_or_none

#: Studies deleted in one transaction; more would make other writers wait long.
_PORTION: Final = 2_000

_FOUND_BY: Final[dict[Finding | None, str]] = {
    None: "done = 1",
    "matched": "verdict = 'matched'",
    "unmatched": "verdict = 'unmatched'",
    "gained": "change = 'gained'",
    "lost": "change = 'lost'",
}


class SqliteRuns:
    """`router.store.port.Runs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, run: Run) -> None:
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO runs (id, kind, policy, node, created_at, state, finished_at, run)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run.id,
                    run.kind,
                    run.policy.id if run.policy else None,
                    run.node,
                    milliseconds(run.created_at),
                    *_changing(run),
                ),
            )

    def get(self, identifier: str) -> Run:
        with self._database.read() as connection:
            row = connection.execute("SELECT run FROM runs WHERE id = ?", (identifier,)).fetchone()
        if row is None:
            raise NotFound(identifier)
        try:
            return read(Run, row["run"])
        except ValidationError as error:
            raise Unreadable(reason(error)) from error

    def find(self, wanted: RunFilter, limit: int, offset: int = 0) -> tuple[list[Run], int]:
        where, values = _condition(wanted)
        with self._database.read() as connection:
            total: int = connection.execute(f"SELECT count(*) FROM runs WHERE {where}", values).fetchone()[0]
            rows = connection.execute(
                f"SELECT run FROM runs WHERE {where} ORDER BY created_at DESC, id DESC"
                " LIMIT :limit OFFSET :offset",
                values | {"limit": limit, "offset": offset},
            ).fetchall()
        return list(readable(Run, (row["run"] for row in rows))), total

    def save(self, run: Run, expected: RunState) -> bool:
        with self._database.write() as connection:
            written = connection.execute(
                "UPDATE runs SET state = ?, finished_at = ?, run = ? WHERE id = ? AND state = ?",
                (*_changing(run), run.id, expected),
            )
            return written.rowcount > 0

    def delete(self, identifier: str) -> None:
        self.get(identifier)
        while True:
            with self._database.write() as connection:
                portion = connection.execute(
                    "DELETE FROM run_studies WHERE run = :run AND study IN"
                    " (SELECT study FROM run_studies WHERE run = :run LIMIT :portion)",
                    {"run": identifier, "portion": _PORTION},
                ).rowcount
                if portion < _PORTION:
                    connection.execute("DELETE FROM runs WHERE id = ?", (identifier,))
                    return

    def expire(self, before: datetime) -> int:
        with self._database.read() as connection:
            ended = connection.execute(
                "SELECT id FROM runs WHERE finished_at < ?", (milliseconds(before),)
            ).fetchall()
        for row in ended:
            self.delete(row["id"])
        return len(ended)

    def add_studies(self, run: str, studies: Sequence[RunStudy]) -> None:
        with self._database.write() as connection:
            connection.executemany(
                "INSERT INTO run_studies (run, study, position, done, verdict, change, looked_at, told)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, study) DO NOTHING",
                [(run, study.study, study.position, *_told(study)) for study in studies],
            )

    def next_studies(self, run: str, limit: int) -> list[RunStudy]:
        with self._database.read() as connection:
            return _studies(connection, "done = 0", {"run": run, "limit": limit, "offset": 0})

    def record(self, run: str, done: Sequence[DoneStudy]) -> None:
        with self._database.write() as connection:
            connection.executemany(
                "UPDATE run_studies SET done = ?, verdict = ?, change = ?, looked_at = ?, told = ?"
                " WHERE run = ? AND study = ?",
                [(*_told(each.study), run, each.study.study) for each in done],
            )
            for new in (new for each in done for new in each.deliveries):
                insert_delivery(connection, new)

    def progress(self, run: str) -> Progress:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) AS studies, coalesce(sum(done), 0) AS done,"
                " coalesce(sum(looked_at), 0) AS instances FROM run_studies WHERE run = ?",
                (run,),
            ).fetchone()
        return Progress(studies_done=row["done"], studies_total=row["studies"], instances=row["instances"])

    def studies(
        self, run: str, finding: Finding | None, limit: int, offset: int = 0
    ) -> tuple[list[RunStudy], int]:
        found_by = _FOUND_BY[finding]
        with self._database.read() as connection:
            total: int = connection.execute(
                f"SELECT count(*) FROM run_studies WHERE run = ? AND {found_by}", (run,)
            ).fetchone()[0]
            page = _studies(connection, found_by, {"run": run, "limit": limit, "offset": offset})
        return page, total

    def studies_after(
        self, run: str, finding: Finding | None, after: RunStudy | None, limit: int
    ) -> list[RunStudy]:
        found_by = _FOUND_BY[finding]
        values: dict[str, str | int] = {"run": run, "limit": limit, "offset": 0}
        if after is not None:
            found_by += " AND (position, study) > (:position, :study)"
            values |= {"position": after.position, "study": after.study}
        with self._database.read() as connection:
            return _studies(connection, found_by, values)


def _changing(run: Run) -> tuple[str, int | None, str]:
    return run.state, milliseconds_or_none(run.finished_at), run.model_dump_json()


def _told(study: RunStudy) -> tuple[bool, str | None, str | None, int, str]:
    return study.done, study.verdict, study.change, study.looked_at, study.model_dump_json()


def _studies(connection: sqlite3.Connection, found_by: str, values: dict[str, str | int]) -> list[RunStudy]:
    rows = connection.execute(
        f"SELECT told FROM run_studies WHERE run = :run AND {found_by}"
        " ORDER BY position, study LIMIT :limit OFFSET :offset",
        values,
    ).fetchall()
    return list(readable(RunStudy, (row["told"] for row in rows)))


def _condition(wanted: RunFilter) -> tuple[str, dict[str, str | int]]:
    """Return the condition for WHERE, and the values of its parameters."""
    parts: list[str] = []
    values: dict[str, str | int] = {}
    for column, one_of in (("kind", wanted.kinds), ("state", wanted.states)):
        if one_of:
            names = {f"{column}_{position}": value for position, value in enumerate(sorted(one_of))}
            parts.append(f"{column} IN ({', '.join(f':{name}' for name in names)})")
            values |= names
    for column, value in (("policy", wanted.policy), ("node", wanted.node)):
        if value is not None:
            parts.append(f"{column} = :{column}")
            values[column] = value
    return " AND ".join(parts) or "TRUE", values
