# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the documents in MongoDB, and the changes that bring an older router's documents to it.

Routers of an older version must not run on the database during the change or after it; they refuse to start.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Final

from pymongo.errors import OperationFailure

from router.store.mongodb.connection import MongoConnection
from router.store.mongodb.copies import refuse_half_restored
from router.store.port import StoreUnavailable

_SCHEMA: Final = {"_id": "schema"}

#: The changes, each by the version that it leads to from the version before.
Changes = Mapping[int, Callable[[MongoConnection, str], None]]


def agree_on_version(connection: MongoConnection, index: str, changes: Changes | None = None) -> None:
    """Bring the database to this router's version. Documents without an index are assigned to `index`.

    An interrupted change is repeated from its beginning; of several nodes at once, each makes it. Raises
    StoreUnavailable where the database is of a newer router, or has been restored only in part.
    """
    changes = _CHANGES if changes is None else changes
    newest = max(changes)
    about = connection.collection("about")
    with connection.errors_in_words():
        refuse_half_restored(connection)
        about.update_one(_SCHEMA, {"$setOnInsert": {"version": newest}}, upsert=True)
        found = _version_of(connection)
        _refuse_newer(connection, found, newest)
        for version in range(found + 1, newest + 1):
            changes[version](connection, index)
            about.update_one(_SCHEMA | {"version": version - 1}, {"$set": {"version": version}})


def check_version(connection: MongoConnection) -> None:
    """Check that writing works. Raises StoreUnavailable, also where a newer router has changed the database
    since."""
    with connection.errors_in_words():
        connection.collection("about").update_one(_SCHEMA, {"$inc": {"checks": 1}})
        found = _version_of(connection)
    _refuse_newer(connection, found, VERSION)


def is_of_this_version(connection: MongoConnection) -> bool:
    """Whether a router of this version has opened the database before. Raises StoreUnavailable."""
    with connection.errors_in_words():
        return _version_of(connection) == VERSION


def _version_of(connection: MongoConnection) -> int:
    """Return the database's version; 0 where there is none yet."""
    about = connection.collection("about").find_one(_SCHEMA)
    return 0 if about is None else int(about["version"])


def _refuse_newer(connection: MongoConnection, found: int, newest: int) -> None:
    if found > newest:
        raise StoreUnavailable(
            f"MongoDB ({connection.place}) was written by a newer version of the router (its schema"
            f" is {found}, this router knows {newest}); install that version here too,"
            " or restore a backup made before the upgrade"
        )


def _to_2(connection: MongoConnection, index: str) -> None:
    """Set the index of deliveries, growing resources, parts of plans and lineages."""
    for name in ("deliveries", "growing", "plan_parts", "lineages"):
        connection.collection(name).update_many({"index": {"$exists": False}}, {"$set": {"index": index}})
    # Indexes that begin with the field `index` replace these.
    _drop_index(connection, "deliveries", "ready")
    _drop_index(connection, "deliveries", "ready_of_action")
    _drop_index(connection, "lineages", "by_age")


def _to_3(connection: MongoConnection, _index: str) -> None:
    """Drop the old index for counting deliveries; the new one begins with their state."""
    _drop_index(connection, "deliveries", "by_lane_and_state")


def _drop_index(connection: MongoConnection, collection: str, name: str) -> None:
    with contextlib.suppress(OperationFailure):  # there is none, or another node was quicker
        connection.collection(collection).drop_index(name)


def _to_4(_connection: MongoConnection, _index: str) -> None:
    """Change nothing: entries of the audit trail may be keyed, which an older router does not know."""


def _to_5(_connection: MongoConnection, _index: str) -> None:
    """Change nothing: deliveries have a number of interruptions, which an older router neither counts nor can
    read."""


def _to_6(_connection: MongoConnection, _index: str) -> None:
    """Change nothing: the audit trail's anchor and the queued acts are signed, which an older router does not
    know."""


def _to_7(_connection: MongoConnection, _index: str) -> None:
    """Change nothing: entries of the audit trail have the id of their act, which an older router cannot read;
    policies and destinations have a digest, which it would not update."""


_CHANGES: Final[Changes] = {2: _to_2, 3: _to_3, 4: _to_4, 5: _to_5, 6: _to_6, 7: _to_7}

VERSION: Final = max(_CHANGES)
