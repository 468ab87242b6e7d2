# SPDX-License-Identifier: GPL-3.0-or-later
"""When the attempt under way has begun, and how many before it did not come to their end."""

from typing import Final

STATEMENTS: Final = (
    "ALTER TABLE deliveries ADD COLUMN begun_at INTEGER",
    "ALTER TABLE deliveries ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0",
)
