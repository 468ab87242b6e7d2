# SPDX-License-Identifier: GPL-3.0-or-later
"""By what it is noticed that a policy or destination was changed in the database, not by the router."""

from typing import Final

STATEMENTS: Final = (
    # Of the document's text as the router has written it; none where an older router has.
    "ALTER TABLE documents ADD COLUMN digest TEXT",
    # Of the other text that has been noticed, and since when; NULL where there is none.
    "ALTER TABLE documents ADD COLUMN altered_digest TEXT",
    "ALTER TABLE documents ADD COLUMN altered_at INTEGER",
)
