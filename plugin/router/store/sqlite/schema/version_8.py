"""Arrivals know when they were logged."""

from typing import Final

STATEMENTS: Final = ("ALTER TABLE arrivals ADD COLUMN logged TEXT NOT NULL DEFAULT ''",)
