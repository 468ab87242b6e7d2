# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims: what one node at a time has, until it gives it up or has not said for a while that it has it."""

from datetime import datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from router.store.mongodb.connection import Record


def is_claimed(
    claims: Collection[Record], identifier: Any, owner: str, until: datetime, now: datetime
) -> bool:
    """Claim it, or prolong the claim; False where another owner has it still. Raises the driver's errors."""
    free = {"_id": identifier, "$or": [{"owner": owner}, {"until": {"$lte": now}}]}
    try:
        claims.update_one(free, {"$set": {"owner": owner, "until": until}}, upsert=True)
    except DuplicateKeyError:  # it is there, and not free
        return False
    return True
