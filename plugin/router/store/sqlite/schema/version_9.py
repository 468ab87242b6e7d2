# SPDX-License-Identifier: GPL-3.0-or-later
"""When the running attempt began, and how many attempts were interrupted."""

from typing import Final

STATEMENTS: Final = (
    "ALTER TABLE deliveries ADD COLUMN begun_at INTEGER",
    "ALTER TABLE deliveries ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0",
)
