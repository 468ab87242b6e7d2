# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrivals know when they were logged."""

from typing import Final

STATEMENTS: Final = ("ALTER TABLE arrivals ADD COLUMN logged TEXT NOT NULL DEFAULT ''",)
