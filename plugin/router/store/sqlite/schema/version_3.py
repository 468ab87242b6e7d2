# SPDX-License-Identifier: GPL-3.0-or-later
"""An index to delete lineages by age."""

from typing import Final

STATEMENTS: Final = ("CREATE INDEX lineages_by_age ON lineages (made_at, result)",)
