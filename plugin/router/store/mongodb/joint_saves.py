# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves several documents as one in MongoDB, without transactions."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from router.documents.destination import Destination
from router.documents.document import new_id
from router.documents.policy import Policy
from router.store.acts import record_of_document
from router.store.keys import text_key
from router.store.mongodb.connection import MongoConnection, Record
from router.store.mongodb.unaudited import put_down
from router.store.port import NameTaken, NotFound, RevisionConflict, Save
from router.store.reading import digest_of

#: How long a joint save may take, and how often the next one polls: MongoDB cannot wake it.
_PATIENCE_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Shelf:
    """The collections of one kind of documents: the current revisions, and the replaced ones."""

    current: Collection[Record]
    archive: Collection[Record]

    @classmethod
    def of(cls, connection: MongoConnection, name: str) -> "Shelf":
        return cls(connection.collection(name), connection.collection(f"{name}_revisions"))

    def keep(self, record: Record) -> None:
        """Copy a revision to the archive before it is replaced; may be repeated."""
        identifier, revision = record["_id"], record["revision"]
        archived = {"document": identifier, "revision": revision, "body": record["body"]}
        self.archive.update_one({"_id": f"{identifier}/{revision}"}, {"$setOnInsert": archived}, upsert=True)


class JointSaves:
    """Saves several documents as one, by a record of the save and a mark on each document.

    First each document is marked: its next revision is stored beside the current one, in the field `next`,
    which names the save. A new document has only its name and the mark. A marked document cannot be saved by
    others. Then one update of the save's record makes the save valid; from then on it counts as done. Last,
    each next revision replaces the current one, in writes that any node may repeat at any time, and the
    record is deleted.

    A reader that finds a mark of a valid save carries the save out first; it ignores any other mark. To save
    a marked document alone, a writer calls off the joint save that is not valid yet; that save then starts
    again. So what a crash leaves behind blocks no one. Joint saves wait for each other.
    """

    def __init__(self, connection: MongoConnection) -> None:
        self._connection = connection
        self._saves = connection.collection("joint_saves")

    def save(self, saves: Sequence[Save]) -> None:
        """See `router.store.port.Store.save_together`."""
        members = [{"shelf": _shelf_of(one.document), "document": one.document.id} for one in saves]
        with self._connection.errors_in_words():
            while True:
                save = new_id()
                record = {"_id": save, "valid": False, "members": members}
                self._saves.insert_one(record)
                self._take_turn(save)
                try:
                    for one in saves:
                        self._mark(self._shelf(_shelf_of(one.document)), one, save)
                except (NotFound, NameTaken, RevisionConflict):
                    self._call_off(record)
                    raise
                valid = self._saves.update_one({"_id": save, "valid": False}, {"$set": {"valid": True}})
                if valid.matched_count:
                    self._carry_out(record)
                    return
                self._call_off(record)

    def finish(self, marked: Record) -> bool:
        """Carry out the save that has marked this record if it is valid; return whether it was."""
        record = self._saves.find_one({"_id": marked["next"]["save"], "valid": True})
        if record is None:
            return False
        self._carry_out(record)
        return True

    def clear(self, shelf: Shelf, marked: Record) -> None:
        """Remove the mark of this record: carry its save out if that is valid, else call it off."""
        if self.finish(marked):
            return
        save = marked["next"]["save"]
        self._saves.delete_one({"_id": save, "valid": False})
        record = self._saves.find_one({"_id": save})
        if record is None:
            # It was called off, or carried out; in the latter case the mark is gone already.
            _unmark(shelf, marked["_id"], save)
        else:
            self._carry_out(record)

    def _take_turn(self, save: str) -> None:
        """Wait for the joint saves that began before: two at once would call off each other. A save that
        takes very long was left behind by a crash, and is called off."""
        patience = time.monotonic() + _PATIENCE_SECONDS
        while before := self._saves.find_one({"_id": {"$lt": save}}, sort=[("_id", ASCENDING)]):
            if before["valid"]:
                self._carry_out(before)
            elif time.monotonic() > patience:
                self._call_off(before)
            else:
                time.sleep(_LOOK_SECONDS)

    def _mark(self, shelf: Shelf, one: Save, save: str) -> None:
        document, name_key = one.document, text_key(one.document.name)
        following: Record = {"save": save, "fields": fields(document)}
        if one.act is not None:
            following["unaudited"] = put_down(record_of_document(one.act, document), self._connection.sign)
        while True:
            if document.revision == 1:
                try:
                    shelf.current.insert_one({"_id": document.id, "name_key": name_key, "next": following})
                    return
                except DuplicateKeyError as error:
                    self.clear_name(shelf, document.name, error, save)
                    continue
            free = {"_id": document.id, "revision": document.revision - 1, "name_key": name_key, **UNMARKED}
            if shelf.current.update_one({**free, **EXISTS}, {"$set": {"next": following}}).matched_count:
                return
            there = shelf.current.find_one({"_id": document.id, **EXISTS})
            if there is None:
                raise NotFound(document.id)
            if "next" in there:
                self.clear(shelf, there)
            elif there["revision"] != document.revision - 1:
                raise RevisionConflict(there["revision"])
            elif there["name_key"] != name_key:
                raise NameTaken(document.name)

    def clear_name(self, shelf: Shelf, name: str, error: DuplicateKeyError, own: str = "") -> None:
        """Free a name that only a marked new document has. Raises NameTaken where an existing document has
        it, or another document of the save `own`."""
        holder = shelf.current.find_one({"name_key": text_key(name)})
        if holder is None:
            return
        if "body" in holder or holder["next"]["save"] == own:
            raise NameTaken(name) from error
        self.clear(shelf, holder)

    def _carry_out(self, record: Record) -> None:
        for member in record["members"]:
            shelf = self._shelf(member["shelf"])
            marked = {"_id": member["document"], "next.save": record["_id"]}
            there = shelf.current.find_one(marked)
            if there is None:
                continue
            if "body" in there:
                shelf.keep(there)
            following = there["next"]
            update: Record = {"$set": following["fields"], "$inc": {"writes": 1}}
            update["$unset"] = {"next": "", "altered": ""}
            if "unaudited" in following:
                update["$push"] = {"unaudited": following["unaudited"]}
            shelf.current.update_one(marked, update)
        self._saves.delete_one({"_id": record["_id"]})

    def _call_off(self, record: Record) -> None:
        """Delete the record of a save, so that it cannot become valid, and its marks."""
        self._saves.delete_one({"_id": record["_id"], "valid": False})
        for member in record["members"]:
            _unmark(self._shelf(member["shelf"]), member["document"], record["_id"])

    def _shelf(self, name: str) -> Shelf:
        return Shelf.of(self._connection, name)


#: Matches an existing document: neither a deleted one, nor a new one with only a name and a mark.
EXISTS: dict[str, Any] = {"body": {"$exists": True}}
MARKED: dict[str, Any] = {"next": {"$exists": True}}
UNMARKED: dict[str, Any] = {"next": {"$exists": False}}


def fields(document: Destination | Policy) -> Record:
    """Return the fields of a document's record, without its identifier and its number of writes."""
    body = document.model_dump_json()
    return {
        "name": document.name,
        "name_key": text_key(document.name),
        "revision": document.revision,
        "updated_at": document.updated_at,
        "updated_by": document.updated_by,
        "body": body,
        "digest": digest_of(body),
    }


def _shelf_of(document: Destination | Policy) -> str:
    return "destinations" if isinstance(document, Destination) else "policies"


def _unmark(shelf: Shelf, identifier: str, save: str) -> None:
    marked = {"_id": identifier, "next.save": save}
    shelf.current.delete_one({**marked, "body": {"$exists": False}})
    shelf.current.update_one(marked, {"$unset": {"next": ""}})
