# SPDX-License-Identifier: GPL-3.0-or-later
"""The first tables: documents, the intake's ledger, deliveries."""

from typing import Final

STATEMENTS: Final = (
    # The current revision of each policy and destination; `name_key` is the name without case.
    """
    CREATE TABLE documents (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        name_key TEXT NOT NULL,
        revision INTEGER NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (kind, id),
        UNIQUE (kind, name_key)
    ) WITHOUT ROWID
    """,
    # Every revision for ever, also of deleted documents.
    """
    CREATE TABLE revisions (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (kind, id, revision)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE generations (kind TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE cursor (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        sequence INTEGER NOT NULL,
        version INTEGER NOT NULL,
        anchor TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE arrivals (
        instance TEXT PRIMARY KEY,
        series TEXT NOT NULL,
        study TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        at INTEGER NOT NULL,
        digest TEXT NOT NULL
    )
    """,
    "CREATE INDEX arrivals_by_series ON arrivals (series, sequence)",
    "CREATE INDEX arrivals_by_study ON arrivals (study, sequence)",
    "CREATE INDEX arrivals_by_age ON arrivals (at)",
    # `fired` is a JSON object: policy id -> [through_sequence, matched].
    """
    CREATE TABLE growing (
        level TEXT NOT NULL,
        resource TEXT NOT NULL,
        last_sequence INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        due_at INTEGER,
        fired TEXT NOT NULL,
        PRIMARY KEY (level, resource)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX growing_by_due ON growing (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX growing_settled_by_age ON growing (last_at) WHERE due_at IS NULL",
    # `planned` is the new delivery (JSON); the columns from `state` on are its present state. `ready_at`:
    # when it can be leased; 0: at once, whatever the clock says; while it runs, the end of the lease; NULL
    # once it is finished, or while it is held until a person releases it.
    """
    CREATE TABLE deliveries (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        lane TEXT NOT NULL,
        rank INTEGER NOT NULL,
        action_key TEXT NOT NULL,
        policy TEXT NOT NULL,
        destination TEXT,
        created_at INTEGER NOT NULL,
        planned TEXT NOT NULL,
        state TEXT NOT NULL,
        remaining INTEGER NOT NULL,
        attempts TEXT NOT NULL,
        attempt_count INTEGER NOT NULL,
        note TEXT,
        next_attempt_at INTEGER,
        finished_at INTEGER,
        ready_at INTEGER,
        owner TEXT,
        claim TEXT
    )
    """,
    """
    CREATE INDEX deliveries_ready ON deliveries (lane, rank, ready_at, created_at)
    WHERE ready_at IS NOT NULL
    """,
    """
    CREATE INDEX deliveries_ready_by_action ON deliveries (lane, rank, action_key, ready_at, created_at)
    WHERE ready_at IS NOT NULL
    """,
    "CREATE INDEX deliveries_by_age ON deliveries (created_at)",
    "CREATE INDEX deliveries_by_state ON deliveries (state, created_at)",
    "CREATE INDEX deliveries_by_policy ON deliveries (policy, created_at, state)",
    "CREATE INDEX deliveries_by_destination ON deliveries (destination, created_at, state)",
    "CREATE INDEX deliveries_by_end ON deliveries (finished_at) WHERE finished_at IS NOT NULL",
    # JSON arrays of Orthanc identifiers; `remaining` is NULL while it is all of them.
    """
    CREATE TABLE delivery_instances (
        delivery INTEGER PRIMARY KEY REFERENCES deliveries ON DELETE CASCADE,
        instances TEXT NOT NULL,
        remaining TEXT
    )
    """,
    # The terms that a delivery is found by: Orthanc's identifiers ('resource'), and those that a person
    # knows ('identifier', 'patient_name'), which ignore case.
    """
    CREATE TABLE delivery_terms (
        kind TEXT NOT NULL,
        term TEXT NOT NULL,
        delivery INTEGER NOT NULL REFERENCES deliveries ON DELETE CASCADE,
        PRIMARY KEY (kind, term, delivery)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX delivery_terms_by_delivery ON delivery_terms (delivery)",
    # Triggers keep the counts, so that they cannot differ from the deliveries.
    """
    CREATE TABLE delivery_counts (
        lane TEXT NOT NULL,
        state TEXT NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (lane, state)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER delivery_added AFTER INSERT ON deliveries BEGIN
        INSERT INTO delivery_counts VALUES (NEW.lane, NEW.state, 1)
        ON CONFLICT (lane, state) DO UPDATE SET number = number + 1;
    END
    """,
    """
    CREATE TRIGGER delivery_moved AFTER UPDATE OF state ON deliveries WHEN OLD.state <> NEW.state BEGIN
        UPDATE delivery_counts SET number = number - 1 WHERE lane = OLD.lane AND state = OLD.state;
        INSERT INTO delivery_counts VALUES (NEW.lane, NEW.state, 1)
        ON CONFLICT (lane, state) DO UPDATE SET number = number + 1;
    END
    """,
    """
    CREATE TRIGGER delivery_deleted AFTER DELETE ON deliveries BEGIN
        UPDATE delivery_counts SET number = number - 1 WHERE lane = OLD.lane AND state = OLD.state;
    END
    """,
    # Written to by `check`, which must prove that writing works.
    "CREATE TABLE checks (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL)",
    "INSERT INTO checks VALUES (1, 0)",
)
