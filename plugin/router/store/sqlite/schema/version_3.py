# SPDX-License-Identifier: GPL-3.0-or-later
"""Lineage is forgotten by its age."""

from typing import Final

STATEMENTS: Final = ("CREATE INDEX lineages_by_age ON lineages (made_at, result)",)
