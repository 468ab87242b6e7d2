# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail."""

from typing import Final

STATEMENTS: Final = (
    # `entry` is the whole entry as JSON; the columns after it are generated from it, so they always agree.
    """
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        entry TEXT NOT NULL,
        at TEXT GENERATED ALWAYS AS (json_extract(entry, '$.at')) VIRTUAL,
        event TEXT GENERATED ALWAYS AS (json_extract(entry, '$.event')) VIRTUAL,
        actor TEXT GENERATED ALWAYS AS (json_extract(entry, '$.actor.name')) VIRTUAL,
        outcome TEXT GENERATED ALWAYS AS (json_extract(entry, '$.outcome')) VIRTUAL
    )
    """,
    "CREATE INDEX audit_by_age ON audit (at)",
    "CREATE INDEX audit_by_event ON audit (event)",
    "CREATE INDEX audit_by_actor ON audit (actor)",
    # The terms that an entry is found by: identifiers of documents ('object'), and those that a person
    # knows ('search').
    """
    CREATE TABLE audit_terms (
        kind TEXT NOT NULL,
        term TEXT NOT NULL,
        number INTEGER NOT NULL REFERENCES audit ON DELETE CASCADE,
        PRIMARY KEY (kind, term, number)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX audit_terms_by_number ON audit_terms (number)",
    """
    CREATE TABLE audit_ends (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        anchor INTEGER NOT NULL,
        anchor_hash TEXT NOT NULL,
        head INTEGER NOT NULL,
        head_hash TEXT NOT NULL
    )
    """,
    f"INSERT INTO audit_ends VALUES (1, 0, '{'0' * 64}', 0, '{'0' * 64}')",
    """
    CREATE TABLE audit_readers (
        reader TEXT PRIMARY KEY,
        number INTEGER NOT NULL,
        owner TEXT NOT NULL,
        until INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    # The acts that are not in the trail yet: a record, or an act on the delivery of this number.
    """
    CREATE TABLE unaudited (
        number INTEGER PRIMARY KEY,
        delivery INTEGER,
        content TEXT NOT NULL
    )
    """,
    "CREATE INDEX unaudited_deliveries ON unaudited (delivery) WHERE delivery IS NOT NULL",
)
