# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail in the embedded store."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from router.documents.audit import AuditEntry, AuditRecord, signature
from router.documents.document import rfc3339
from router.store.acts import PutDownAct, put_down_act, repeated_act
from router.store.keys import above_all_with_prefix, audit_objects, audit_search_keys, text_key
from router.store.port import AuditFilter, Ends, Link, anchor_text
from router.store.sqlite.database import Database
from router.store.sqlite.delivery_rows import delivery_of
from router.store.sqlite.moments import milliseconds

#: Entries written or deleted in one transaction; more would make other writers wait long.
_PORTION: Final = 100


class SqliteAuditTrail:
    """`router.store.port.AuditTrail`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, record: AuditRecord, key: bytes | None = None) -> None:
        with self._database.write() as connection:
            _append(connection, [(record, key)])

    def settle(self, key: bytes | None = None, *, believes_all: bool = False) -> int:
        with self._database.read() as connection:
            if connection.execute("SELECT 1 FROM unaudited LIMIT 1").fetchone() is None:
                return 0
        with self._database.write() as connection:
            rows = connection.execute(
                "SELECT unaudited.number AS place, content, deliveries.* FROM unaudited"
                " LEFT JOIN deliveries ON deliveries.number = delivery ORDER BY place LIMIT ?",
                (_PORTION,),
            ).fetchall()
            seen: set[str] = set()
            records = []
            for row in rows:
                act = _put_down(row, key)
                records.append((act.record, key if act.is_signed or believes_all else None))
                identifier = act.record.act_id
                if identifier is not None:
                    if identifier in seen or _is_in_trail(connection, identifier):
                        records[-1] = repeated_act(act.record), key
                    seen.add(identifier)
            _append(connection, records)
            if rows:
                connection.execute("DELETE FROM unaudited WHERE number <= ?", (rows[-1]["place"],))
        return len(rows)

    def find(
        self, wanted: AuditFilter, limit: int, offset: int = 0, total: int | None = None
    ) -> tuple[list[AuditEntry], int]:
        where, values = _condition(wanted)
        with self._database.read() as connection:
            if total is None:
                [total] = connection.execute(f"SELECT count(*) FROM audit WHERE {where}", values).fetchone()
            rows = connection.execute(
                f"SELECT entry FROM audit WHERE {where} ORDER BY number DESC LIMIT :limit OFFSET :offset",
                values | {"limit": limit, "offset": offset},
            ).fetchall()
        assert total is not None
        return _entries(rows), total

    def after(self, number: int, limit: int) -> Sequence[AuditEntry]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT entry FROM audit WHERE number > ? ORDER BY number LIMIT ?", (number, limit)
            ).fetchall()
        return _entries(rows)

    def ends(self) -> Ends:
        with self._database.read() as connection:
            return _ends(connection)

    def expire(self, before: datetime, key: bytes | None = None) -> int:
        expired = 0
        while True:
            with self._database.write() as connection:
                anchor = _ends(connection).anchor
                portion = 0
                for entry in _entries(
                    connection.execute(
                        "SELECT entry FROM audit WHERE number > ? ORDER BY number LIMIT ?",
                        (anchor.number, _PORTION),
                    ).fetchall()
                ):
                    if entry.at >= before:
                        break
                    portion += 1
                    connection.execute("DELETE FROM audit WHERE number = ?", (entry.number,))
                    anchor = Link(entry.number, entry.hash)
                if portion:
                    _put_anchor(connection, anchor, key)
            expired += portion
            if portion < _PORTION:
                return expired

    def sign_anchor(self, key: bytes) -> None:
        with self._database.write() as connection:
            _put_anchor(connection, _ends(connection).anchor, key)

    def take_up(self, reader: str, owner: str, until: datetime, now: datetime) -> int | None:
        with self._database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO audit_readers VALUES (?, 0, ?, 0)", (reader, owner))
            taken = connection.execute(
                "UPDATE audit_readers SET owner = ?, until = ? WHERE reader = ? AND (owner = ? OR until < ?)"
                " RETURNING number",
                (owner, milliseconds(until), reader, owner, milliseconds(now)),
            ).fetchone()
        return None if taken is None else int(taken["number"])

    def put_down(self, reader: str, owner: str, number: int) -> bool:
        with self._database.write() as connection:
            kept = connection.execute(
                "UPDATE audit_readers SET number = ? WHERE reader = ? AND owner = ?", (number, reader, owner)
            )
        return kept.rowcount > 0


def _put_down(row: sqlite3.Row, key: bytes | None) -> PutDownAct:
    if row["id"] is None:
        return put_down_act(row["content"], key)
    return put_down_act(row["content"], key, delivery_of(row), row["planned"], row["owner"])


def _is_in_trail(connection: sqlite3.Connection, identifier: str) -> bool:
    there = connection.execute("SELECT 1 FROM audit WHERE act_id = ?", (identifier,))
    return there.fetchone() is not None


def _put_anchor(connection: sqlite3.Connection, anchor: Link, key: bytes | None) -> None:
    signed = None if key is None else signature(key, "anchor", anchor_text(anchor))
    connection.execute(
        "UPDATE audit_ends SET anchor = ?, anchor_hash = ?, anchor_signature = ?",
        (anchor.number, anchor.hash, signed),
    )


def _append(connection: sqlite3.Connection, records: Iterable[tuple[AuditRecord, bytes | None]]) -> None:
    """Append the records to the chain, each with the key under which it is hashed."""
    head = _ends(connection).head
    for record, key in records:
        entry = AuditEntry.after(head.number, head.hash, record, key)
        head = Link(entry.number, entry.hash)
        connection.execute(
            "INSERT INTO audit (number, entry) VALUES (?, ?)", (entry.number, entry.model_dump_json())
        )
        terms = [("object", identifier) for identifier in audit_objects(entry)]
        terms += [("search", key) for key in audit_search_keys(entry)]
        connection.executemany(
            "INSERT INTO audit_terms VALUES (?, ?, ?)", [(*term, entry.number) for term in terms]
        )
    connection.execute("UPDATE audit_ends SET head = ?, head_hash = ?", (head.number, head.hash))


def _ends(connection: sqlite3.Connection) -> Ends:
    row = connection.execute("SELECT * FROM audit_ends").fetchone()
    anchor, head = Link(row["anchor"], row["anchor_hash"]), Link(row["head"], row["head_hash"])
    return Ends(anchor, head, row["anchor_signature"])


def _entries(rows: Iterable[sqlite3.Row]) -> list[AuditEntry]:
    return [AuditEntry.model_validate_json(row["entry"]) for row in rows]


def _condition(wanted: AuditFilter) -> tuple[str, dict[str, str | int]]:
    """Return the condition for WHERE, and the values of its parameters."""
    parts: list[str] = []
    values: dict[str, str | int] = {}
    for kind, term in (("object", wanted.object), ("search", wanted.search)):
        if term is not None:
            parts.append(
                f"number IN (SELECT number FROM audit_terms WHERE kind = '{kind}' AND term = :{kind})"
            )
            values[kind] = text_key(term.strip()) if kind == "search" else term
    if wanted.studies is not None:
        # The terms are indexed; the Orthanc identifier tells two patients' studies with the same UID apart.
        parts.append(
            """number IN (SELECT number FROM audit_terms WHERE kind = 'search'
            AND term IN (SELECT value FROM json_each(:study_uids)))
            AND json_extract(entry, '$.patient.study') IN (SELECT value FROM json_each(:studies))"""
        )
        values["study_uids"] = json.dumps(sorted({text_key(uid.strip()) for _, uid in wanted.studies}))
        values["studies"] = json.dumps(sorted({study for study, _ in wanted.studies}))
    if wanted.event is not None and wanted.event.endswith("."):
        parts.append("event >= :event AND event < :above_event")
        values |= {"event": wanted.event, "above_event": above_all_with_prefix(wanted.event)}
    elif wanted.event is not None:
        parts.append("event = :event")
        values["event"] = wanted.event
    for name, value in (("actor", wanted.actor), ("outcome", wanted.outcome)):
        if value is not None:
            parts.append(f"{name} = :{name}")
            values[name] = value
    for name, comparison, moment in (("since", ">=", wanted.since), ("until", "<=", wanted.until)):
        if moment is not None:
            parts.append(f"at {comparison} :{name}")
            values[name] = rfc3339(moment.astimezone(UTC))
    return " AND ".join(parts) or "TRUE", values
