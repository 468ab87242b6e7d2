# SPDX-License-Identifier: GPL-3.0-or-later
"""Leases of nodes: one owner at a time holds one, until it gives it up or does not extend it in time."""

from datetime import datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from router.store.mongodb.connection import Record


def is_claimed(
    claims: Collection[Record], identifier: Any, owner: str, until: datetime, now: datetime
) -> bool:
    """Take a lease, or extend it. Return False where another owner holds it. Raises the driver's errors."""
    free = {"_id": identifier, "$or": [{"owner": owner}, {"until": {"$lte": now}}]}
    try:
        claims.update_one(free, {"$set": {"owner": owner, "until": until}}, upsert=True)
    except DuplicateKeyError:  # another owner holds it
        return False
    return True
