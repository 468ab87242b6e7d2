# SPDX-License-Identifier: GPL-3.0-or-later
"""The date of each arrival's entry in the change log."""

from typing import Final

STATEMENTS: Final = ("ALTER TABLE arrivals ADD COLUMN logged TEXT NOT NULL DEFAULT ''",)
