# SPDX-License-Identifier: GPL-3.0-or-later
"""No new tables: entries of the audit trail may be keyed, which an older router does not know."""

from typing import Final

STATEMENTS: Final[tuple[str, ...]] = ()
