# SPDX-License-Identifier: GPL-3.0-or-later
"""The places of sealed secrets in MongoDB."""

from collections.abc import Callable
from typing import Final

from router.store.mongodb.connection import MongoConnection, Record
from router.store.reading import digest_of

#: Collections, and the field of their documents that may hold secrets. The current revisions come first,
#: because they move to the archive as others write.
_PLACES: Final = (("destinations", "body"), ("destinations_revisions", "body"), ("remembered", "text"))


def rewrite_secrets(connection: MongoConnection, rewrite: Callable[[str], str]) -> int:
    """Rewrite all secrets; see `router.store.port.Store.rewrite_secrets`."""
    changed = 0
    for name, field in _PLACES:
        collection = connection.collection(name)
        for record in list(collection.find({field: {"$exists": True}}, {field: 1, "digest": 1})):
            text: str = record[field]
            rewritten = rewrite(text)
            if rewritten != text:
                update: Record = {"$set": {field: rewritten}}
                if record.get("digest") == digest_of(text):  # else it was altered outside the router
                    update["$set"]["digest"] = digest_of(rewritten)
                if name == "destinations":
                    # So that callers with destinations in memory read them anew.
                    update["$inc"] = {"writes": 1}
                changed += collection.update_one({"_id": record["_id"], field: text}, update).modified_count
    return changed
