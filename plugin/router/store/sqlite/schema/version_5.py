# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs, and their deliveries."""

from typing import Final

STATEMENTS: Final = (
    # `run` is the whole run as JSON; the columns before it are for searching.
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        policy TEXT,
        node TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        finished_at INTEGER,
        run TEXT NOT NULL
    )
    """,
    "CREATE INDEX runs_by_age ON runs (created_at)",
    "CREATE INDEX runs_by_state ON runs (state, created_at)",
    "CREATE INDEX runs_by_policy ON runs (policy, created_at)",
    "CREATE INDEX runs_by_end ON runs (finished_at) WHERE finished_at IS NOT NULL",
    """
    CREATE TABLE run_studies (
        run TEXT NOT NULL REFERENCES runs,
        study TEXT NOT NULL,
        position INTEGER NOT NULL,
        done INTEGER NOT NULL,
        verdict TEXT,
        change TEXT,
        looked_at INTEGER NOT NULL,
        told TEXT NOT NULL,
        PRIMARY KEY (run, study)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX run_studies_in_order ON run_studies (run, done, position, looked_at)",
    "CREATE INDEX run_studies_by_verdict ON run_studies (run, verdict, position) WHERE verdict IS NOT NULL",
    "CREATE INDEX run_studies_by_change ON run_studies (run, change, position) WHERE change IS NOT NULL",
    "ALTER TABLE deliveries ADD COLUMN run TEXT",
    "CREATE INDEX deliveries_by_run ON deliveries (run, created_at, state) WHERE run IS NOT NULL",
)
