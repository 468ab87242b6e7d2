# SPDX-License-Identifier: GPL-3.0-or-later
"""Where sealed secrets lie in the embedded store."""

import sqlite3
from collections.abc import Callable
from typing import Final

from router.store.reading import digest_of

#: A statement that finds texts that may hold secrets, and one that replaces such a text where it is found.
_PLACES: Final = (
    (
        "SELECT document FROM documents WHERE kind = 'destination'",
        # Its digest too, unless somebody else has changed it.
        "UPDATE documents SET document = :text, digest = iif(digest = :digest_before, :digest, digest)"
        " WHERE kind = 'destination' AND document = :before",
    ),
    (
        "SELECT document FROM revisions WHERE kind = 'destination'",
        "UPDATE revisions SET document = :text WHERE kind = 'destination' AND document = :before",
    ),
    ("SELECT text FROM remembered", "UPDATE remembered SET text = :text WHERE text = :before"),
)


def rewrite_secrets(connection: sqlite3.Connection, rewrite: Callable[[str], str]) -> int:
    """As `router.store.port.Store.rewrite_secrets` says, inside the caller's transaction."""
    changed = 0
    for find, replace in _PLACES:
        for (text,) in connection.execute(find).fetchall():
            rewritten = rewrite(text)
            if rewritten != text:
                values = {
                    "text": rewritten,
                    "digest": digest_of(rewritten),
                    "before": text,
                    "digest_before": digest_of(text),
                }
                changed += connection.execute(replace, values).rowcount
    if changed:
        # Whoever keeps destinations in memory reads them anew.
        connection.execute("UPDATE generations SET generation = generation + 1 WHERE kind = 'destination'")
    return changed
