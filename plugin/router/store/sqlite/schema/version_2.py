# SPDX-License-Identifier: GPL-3.0-or-later
"""Lineages, and texts that are remembered by name."""

from typing import Final

STATEMENTS: Final = (
    # `lineage` is the whole lineage as JSON; the columns before it are for searching.
    """
    CREATE TABLE lineages (
        result TEXT PRIMARY KEY,
        result_series TEXT NOT NULL,
        result_study TEXT NOT NULL,
        source TEXT NOT NULL,
        source_series TEXT NOT NULL,
        source_study TEXT NOT NULL,
        delivery TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        lineage TEXT NOT NULL
    )
    """,
    "CREATE INDEX lineages_by_result_series ON lineages (result_series)",
    "CREATE INDEX lineages_by_result_study ON lineages (result_study)",
    "CREATE INDEX lineages_by_source ON lineages (source)",
    "CREATE INDEX lineages_by_source_series ON lineages (source_series)",
    "CREATE INDEX lineages_by_source_study ON lineages (source_study)",
    "CREATE INDEX lineages_by_delivery ON lineages (delivery)",
    "CREATE TABLE remembered (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
)
