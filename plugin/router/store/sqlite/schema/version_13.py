# SPDX-License-Identifier: GPL-3.0-or-later
"""Repetitions: images that came in again and were not kept."""

from typing import Final

STATEMENTS: Final = (
    """
    CREATE TABLE repetitions (
        node TEXT NOT NULL,
        study TEXT NOT NULL,
        repetition TEXT NOT NULL,
        PRIMARY KEY (node, study)
    ) WITHOUT ROWID
    """,
)
