# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests, by which the router notices a policy or destination that was changed outside the router."""

from typing import Final

STATEMENTS: Final = (
    # The digest of the document's text as the router wrote it; NULL where an older router wrote it.
    "ALTER TABLE documents ADD COLUMN digest TEXT",
    # The digest of an altered text, and when it was noticed; NULL where the text is not altered.
    "ALTER TABLE documents ADD COLUMN altered_digest TEXT",
    "ALTER TABLE documents ADD COLUMN altered_at INTEGER",
)
