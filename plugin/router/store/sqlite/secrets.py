# SPDX-License-Identifier: GPL-3.0-or-later
"""The places of sealed secrets in the embedded store."""

import sqlite3
from collections.abc import Callable
from typing import Final

from router.store.reading import digest_of

#: Pairs of statements: one finds texts that may hold secrets, the other replaces such a text.
_PLACES: Final = (
    (
        "SELECT document FROM documents WHERE kind = 'destination'",
        # The digest changes too, unless the document was altered outside the router.
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
    """Rewrite all secrets inside the caller's transaction; see `router.store.port.Store.rewrite_secrets`."""
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
        # So that callers with destinations in memory read them anew.
        connection.execute("UPDATE generations SET generation = generation + 1 WHERE kind = 'destination'")
    return changed
