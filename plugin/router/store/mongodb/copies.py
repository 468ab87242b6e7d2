# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies the router's collections, and puts copies back."""

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

#: Copied first: what arrives later is read again from Orthanc's change log after a restore.
_FIRST: Final = ("joint_saves", "cursor", "plan_parts", "audit_state")
#: Copied last: acts queued in the other collections are in it already, or `settle` moves them into it later.
_LAST: Final = ("audit",)

_INSERTED_AT_ONCE: Final = 500
#: In the collection `about` while a copy is being put back.
_RESTORING: Final = {"_id": "restoring"}


def copy_of(connection: MongoConnection) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each collection with its documents, one after the other, in BSON.

    A single MongoDB server cannot give several collections as of one moment. The order makes this safe: work
    that the router does meanwhile may be in the copy in part, and is then repeated, but the copy never
    counts work as done that it does not contain.
    """
    names = connection.collection_names()
    middle = sorted(names - {*_FIRST, *_LAST})
    for name in (*_FIRST, *middle, *_LAST):
        if name in names:
            yield f"{name}{_ENDING}", _documents(connection, name)


def put_back(connection: MongoConnection, parts: Mapping[str, IO[bytes]], replace: bool) -> None:
    """Make the collections from a copy. No router starts on the database before they are complete.

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
    """Raise StoreInUse while a node is alive."""
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
    """Raise StoreUnavailable where putting a copy back was interrupted."""
    if connection.collection("about").find_one(_RESTORING) is not None:
        raise StoreUnavailable(
            f"A backup has been restored into MongoDB ({connection.place}) in part only: restore it again"
        )


def _documents(connection: MongoConnection, name: str) -> Iterator[bytes]:
    for document in connection.raw_collection(name).find().sort("_id", ASCENDING):
        yield bytes(document.raw)
