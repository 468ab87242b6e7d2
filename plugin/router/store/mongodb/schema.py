"""The version of the documents in MongoDB, and what brings those of an older router to it.

Routers of an older version must not run on the database meanwhile, nor afterwards: they refuse to start.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Final

from pymongo.errors import OperationFailure

from router.store.mongodb.connection import MongoConnection
from router.store.port import StoreUnavailable

_SCHEMA: Final = {"_id": "schema"}


def agree_on_version(connection: MongoConnection, index: str) -> None:
    """Bring the database to this router's version. What is found without an index becomes this one's.

    Raises StoreUnavailable where the database is of a newer router. A change that is broken off is made
    again from its beginning; of several nodes at once, each makes it.
    """
    about = connection.collection("about")
    with connection.errors_in_words():
        about.update_one(_SCHEMA, {"$setOnInsert": {"version": VERSION}}, upsert=True)
        found = about.find_one(_SCHEMA)
        assert found is not None, "it is never taken away"
        if found["version"] > VERSION:
            raise StoreUnavailable(
                f"MongoDB ({connection.place}) was written by a newer version of the router (its schema"
                f" is {found['version']}, this router knows {VERSION}); install that version again,"
                " or restore a backup made before the upgrade"
            )
        for version in range(found["version"] + 1, VERSION + 1):
            _CHANGES[version](connection, index)
            about.update_one(_SCHEMA | {"version": version - 1}, {"$set": {"version": version}})


def _to_2(connection: MongoConnection, index: str) -> None:
    """Deliveries, growing resources, parts of plans and lineages say to which index they belong."""
    for name in ("deliveries", "growing", "plan_parts", "lineages"):
        connection.collection(name).update_many({"index": {"$exists": False}}, {"$set": {"index": index}})
    # In their place there are such that begin with the index.
    for name, replaced in (
        ("deliveries", "ready"),
        ("deliveries", "ready_of_action"),
        ("lineages", "by_age"),
    ):
        with contextlib.suppress(OperationFailure):  # there is none, or another node was quicker
            connection.collection(name).drop_index(replaced)


#: By the version that it leads to, what leads there from the version before.
_CHANGES: Final[Mapping[int, Callable[[MongoConnection, str], None]]] = {2: _to_2}

VERSION: Final = max(_CHANGES)
