# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies and destinations in the embedded store."""

import sqlite3
from typing import Generic

from router.documents.audit import Act
from router.store.acts import record_of_document, record_of_stored
from router.store.keys import text_key
from router.store.port import (
    AlteredDocument,
    DocumentType,
    NameTaken,
    NotFound,
    RevisionConflict,
    UnreadableDocument,
)
from router.store.reading import digest_of, document_of, name_of, readable_documents, unreadable_documents
from router.store.sqlite.database import Database
from router.store.sqlite.moments import milliseconds, moment
from router.store.sqlite.unaudited import put_down

#: SQLite's integers are smaller than this.
_NO_NUMBER = 2**63


class SqliteDocuments(Generic[DocumentType]):
    """`router.store.port.Documents` of one kind."""

    def __init__(self, database: Database, kind: str, model: type[DocumentType]) -> None:
        self._database = database
        self._kind = kind
        self._model: type[DocumentType] = model

    def generation(self) -> int:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT generation FROM generations WHERE kind = ?", (self._kind,)
            ).fetchone()
        return 0 if row is None else int(row["generation"])

    def all(self) -> list[DocumentType]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT document FROM documents WHERE kind = ? ORDER BY name_key", (self._kind,)
            ).fetchall()
        return self._parsed(rows)

    def unreadable(self) -> list[UnreadableDocument]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, name_key, document FROM documents WHERE kind = ? ORDER BY name_key", (self._kind,)
            ).fetchall()
        return list(unreadable_documents(self._model, map(tuple, rows)))

    def altered(self) -> list[AlteredDocument]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, name_key, document, altered_at FROM documents"
                " WHERE kind = ? AND altered_at IS NOT NULL ORDER BY name_key",
                (self._kind,),
            ).fetchall()
        return [
            AlteredDocument(row["id"], name_of(row["document"], row["name_key"]), moment(row["altered_at"]))
            for row in rows
        ]

    def notice_altered(self, act: Act) -> list[str]:
        with self._database.read() as connection:
            looked_at = connection.execute(
                "SELECT id, name_key, document, digest, altered_digest FROM documents"
                " WHERE kind = ? AND digest IS NOT NULL",
                (self._kind,),
            ).fetchall()
        names = []
        for row in looked_at:
            found = digest_of(row["document"])
            altered = None if found == row["digest"] else found
            if altered == row["altered_digest"]:
                continue
            with self._database.write() as connection:
                noted = connection.execute(
                    "UPDATE documents SET altered_digest = ?, altered_at = ?"
                    " WHERE kind = ? AND id = ? AND document = ? AND altered_digest IS ? RETURNING 1",
                    (
                        altered,
                        milliseconds(act.at) if altered else None,
                        self._kind,
                        row["id"],
                        row["document"],
                        row["altered_digest"],
                    ),
                ).fetchone()
                if noted is None:
                    continue
                self._advance(connection)
                if altered is not None:
                    names.append(name_of(row["document"], row["name_key"]))
                    put_down(connection, record_of_stored(act, self._model, row["id"], row["document"]))
        return names

    def get(self, identifier: str) -> DocumentType:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT document FROM documents WHERE kind = ? AND id = ?", (self._kind, identifier)
            ).fetchone()
        if row is None:
            raise NotFound(identifier)
        return document_of(self._model, row["document"])

    def create(self, document: DocumentType, act: Act | None = None) -> None:
        with self._database.write() as connection:
            self._add(connection, document, act)

    def replace(self, document: DocumentType, act: Act | None = None) -> None:
        with self._database.write() as connection:
            self._replace(connection, document, act)

    def save_within(self, connection: sqlite3.Connection, document: DocumentType, act: Act | None) -> None:
        """Create a document at revision 1, or replace it at a later one, inside the caller's transaction."""
        save = self._add if document.revision == 1 else self._replace
        save(connection, document, act)

    def delete(self, identifier: str, revision: int | None = None, act: Act | None = None) -> None:
        with self._database.write() as connection:
            deleted = self._expected(connection, identifier, revision)
            connection.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (self._kind, identifier))
            self._advance(connection)
            if act is not None:
                put_down(connection, record_of_stored(act, self._model, identifier, deleted["document"]))

    def revive(self, document: DocumentType, act: Act | None = None) -> None:
        with self._database.write() as connection:
            row = connection.execute(
                "SELECT max(revision) AS last, (SELECT 1 FROM documents WHERE kind = ?1 AND id = ?2) AS there"
                " FROM revisions WHERE kind = ?1 AND id = ?2",
                (self._kind, document.id),
            ).fetchone()
            if row["there"] or row["last"] != document.revision - 1:
                raise NotFound(document.id)
            self._add(connection, document, act)

    def revisions(self, identifier: str) -> list[DocumentType]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT document FROM revisions WHERE kind = ? AND id = ? ORDER BY revision DESC",
                (self._kind, identifier),
            ).fetchall()
        if not rows:
            raise NotFound(identifier)
        return self._parsed(rows)

    def revision(self, identifier: str, number: int) -> DocumentType:
        if number >= _NO_NUMBER:
            raise NotFound(f"{identifier} at revision {number}")
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT document FROM revisions WHERE kind = ? AND id = ? AND revision = ?",
                (self._kind, identifier, number),
            ).fetchone()
        if row is None:
            raise NotFound(f"{identifier} at revision {number}")
        return document_of(self._model, row["document"])

    def _parsed(self, rows: list[sqlite3.Row]) -> list[DocumentType]:
        return readable_documents(self._model, (row["document"] for row in rows))

    def _add(self, connection: sqlite3.Connection, document: DocumentType, act: Act | None) -> None:
        self._claim_name(connection, document)
        text = document.model_dump_json()
        connection.execute(
            "INSERT INTO documents (kind, id, name_key, revision, document, digest)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (self._kind, document.id, text_key(document.name), document.revision, text, digest_of(text)),
        )
        self._keep(connection, document, act)

    def _replace(self, connection: sqlite3.Connection, document: DocumentType, act: Act | None) -> None:
        self._expected(connection, document.id, document.revision - 1)
        self._claim_name(connection, document)
        text = document.model_dump_json()
        connection.execute(
            "UPDATE documents SET name_key = ?, revision = ?, document = ?, digest = ?,"
            " altered_digest = NULL, altered_at = NULL WHERE kind = ? AND id = ?",
            (text_key(document.name), document.revision, text, digest_of(text), self._kind, document.id),
        )
        self._keep(connection, document, act)

    def _expected(self, connection: sqlite3.Connection, identifier: str, revision: int | None) -> sqlite3.Row:
        row: sqlite3.Row | None = connection.execute(
            "SELECT revision, document FROM documents WHERE kind = ? AND id = ?", (self._kind, identifier)
        ).fetchone()
        if row is None:
            raise NotFound(identifier)
        if revision is not None and row["revision"] != revision:
            raise RevisionConflict(row["revision"])
        return row

    def _claim_name(self, connection: sqlite3.Connection, document: DocumentType) -> None:
        taken = connection.execute(
            "SELECT 1 FROM documents WHERE kind = ? AND name_key = ? AND id <> ?",
            (self._kind, text_key(document.name), document.id),
        ).fetchone()
        if taken:
            raise NameTaken(document.name)

    def _keep(self, connection: sqlite3.Connection, document: DocumentType, act: Act | None) -> None:
        connection.execute(
            "INSERT INTO revisions (kind, id, revision, document) VALUES (?, ?, ?, ?)",
            (self._kind, document.id, document.revision, document.model_dump_json()),
        )
        self._advance(connection)
        if act is not None:
            put_down(connection, record_of_document(act, document))

    def _advance(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO generations VALUES (?, 1) ON CONFLICT DO UPDATE SET generation = generation + 1",
            (self._kind,),
        )
