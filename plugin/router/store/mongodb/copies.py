# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the router's collections, and their way back."""

from collections.abc import Iterator, Mapping
from typing import IO, Final

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING

from router.documents.node import SILENCE, NodeState
from router.store.mongodb.connection import MongoConnection
from router.store.mongodb.nodes import MongoNodes
from router.store.mongodb.server_clock import ServerClock
from router.store.port import StoreInUse, StoreNotEmpty, StoreUnavailable

_ENDING: Final = ".bson"
_RAW: Final = CodecOptions[RawBSONDocument](RawBSONDocument)

#: Copied before all others: what comes in afterwards is read from Orthanc's change log again.
_FIRST: Final = ("joint_saves", "cursor", "plan_parts", "audit_state")
#: Copied last: what is put down for it elsewhere is in it, or is brought into it later.
_LAST: Final = ("audit",)

_INSERTED_AT_ONCE: Final = 500
#: In the collection `about` while a copy is being put back.
_RESTORING: Final = {"_id": "restoring"}


def copy_of(connection: MongoConnection) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each collection as its documents one after the other in BSON.

    A single MongoDB server shows no common moment of several collections. The order sees to it that what the
    router does meanwhile may be there in part, and then is done again, but never counts as done without being
    there.
    """
    names = connection.collection_names()
    middle = sorted(names - {*_FIRST, *_LAST})
    for name in (*_FIRST, *middle, *_LAST):
        if name in names:
            yield f"{name}{_ENDING}", _documents(connection, name)


def put_back(connection: MongoConnection, parts: Mapping[str, IO[bytes]], replace: bool) -> None:
    """Make the collections of a copy. Until all of it is there, no router begins to work on it.

    Raises StoreInUse, StoreNotEmpty, StoreUnavailable.
    """
    _refuse_in_use(connection)
    with connection.errors_in_words():
        about = connection.collection("about")
        half_restored = about.find_one(_RESTORING) is not None
        for name in connection.collection_names():
            collection = connection.collection(name)
            if not (replace or half_restored) and collection.find_one({}, {"_id": 1}) is not None:
                raise StoreNotEmpty(f"{connection.place} is not empty (there is something in {name})")
        about.replace_one(_RESTORING, _RESTORING, upsert=True)
        for name in connection.collection_names() - {"about"}:
            connection.collection(name).drop()
        about.delete_many({"_id": {"$ne": _RESTORING["_id"]}})
        for part, content in parts.items():
            target = connection.raw_collection(part.removesuffix(_ENDING))
            documents: list[RawBSONDocument] = []
            for document in bson.decode_file_iter(content, _RAW):
                documents.append(document)
                if len(documents) == _INSERTED_AT_ONCE:
                    target.insert_many(documents)
                    documents = []
            if documents:
                target.insert_many(documents)
        about.delete_one(_RESTORING)


def _refuse_in_use(connection: MongoConnection) -> None:
    """Raises StoreInUse while a node is heard of."""
    clock = ServerClock(connection)
    now = clock.now()
    working = [node for node in MongoNodes(connection, clock).all() if node.state(now) != NodeState.GONE]
    if working:
        names = ", ".join(f"{node.name!r}" for node in working)
        raise StoreInUse(
            f"{connection.place} is in use by {names}: stop Orthanc there first (one that was killed counts"
            f" as gone {SILENCE.total_seconds():.0f} seconds later)"
        )


def refuse_half_restored(connection: MongoConnection) -> None:
    """Raises StoreUnavailable where putting a copy back has been interrupted."""
    if connection.collection("about").find_one(_RESTORING) is not None:
        raise StoreUnavailable(
            f"A backup has been restored into MongoDB ({connection.place}) in part only: restore it again"
        )


def _documents(connection: MongoConnection, name: str) -> Iterator[bytes]:
    for document in connection.raw_collection(name).find().sort("_id", ASCENDING):
        yield bytes(document.raw)
