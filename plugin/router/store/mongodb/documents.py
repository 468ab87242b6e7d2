# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies and destinations in MongoDB."""

from collections.abc import Iterable
from typing import Generic

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from router.documents.audit import Act
from router.store.acts import record_of_document, record_of_stored
from router.store.mongodb.connection import MongoConnection, Record
from router.store.mongodb.joint_saves import EXISTS, MARKED, UNMARKED, JointSaves, Shelf, fields
from router.store.mongodb.unaudited import put_down
from router.store.port import (
    AlteredDocument,
    DocumentType,
    NotFound,
    RevisionConflict,
    UnreadableDocument,
)
from router.store.reading import digest_of, document_of, name_of, readable_documents, unreadable_documents

_NAMED = {"name_key": {"$exists": True}}

#: The fields that `delete` removes.
_OF_EXISTING = ("name", "name_key", "updated_at", "updated_by", "body", "digest", "altered")


class MongoDocuments(Generic[DocumentType]):
    """`router.store.port.Documents` of one kind, correct without transactions.

    The current revision is one document. A save first copies it to the archive, which may be repeated, and
    then replaces it if its revision is still the same. A deleted document leaves its `_id`, its revision
    and its number of writes. The body is JSON text, because BSON limits nesting, integers and names of
    fields, and rules do not.
    """

    def __init__(
        self, connection: MongoConnection, saves: JointSaves, name: str, model: type[DocumentType]
    ) -> None:
        """Make the indexes."""
        self._connection = connection
        self._saves = saves
        self._model: type[DocumentType] = model
        self._shelf = Shelf.of(connection, name)
        self._current = self._shelf.current
        self._archive = self._shelf.archive
        with connection.errors_in_words():
            connection.make_indexes(
                self._current,
                [
                    IndexModel(
                        [("name_key", ASCENDING)],
                        name="by_name",
                        unique=True,
                        partialFilterExpression=_NAMED,
                    )
                ],
            )
            connection.make_indexes(
                self._archive,
                [IndexModel([("document", ASCENDING), ("revision", ASCENDING)], name="by_document")],
            )

    def generation(self) -> int:
        with self._connection.errors_in_words():
            return self._writes()

    def all(self) -> list[DocumentType]:
        with self._connection.errors_in_words():
            while True:
                # Read again if a joint save or any write came in between: a joint save is read whole or not.
                before = self._writes()
                records = list(self._current.find(EXISTS).sort("name_key", ASCENDING))
                if not self._finish(self._current.find(MARKED)) and self._writes() == before:
                    return readable_documents(self._model, (record["body"] for record in records))

    def unreadable(self) -> list[UnreadableDocument]:
        with self._connection.errors_in_words():
            records = list(self._current.find(EXISTS).sort("name_key", ASCENDING))
        stored = ((record["_id"], record["name_key"], record["body"]) for record in records)
        return list(unreadable_documents(self._model, stored))

    def altered(self) -> list[AlteredDocument]:
        with self._connection.errors_in_words():
            found = self._current.find({**EXISTS, "altered": {"$exists": True}}).sort("name_key", ASCENDING)
            return [
                AlteredDocument(
                    record["_id"], name_of(record["body"], record["name_key"]), record["altered"]["at"]
                )
                for record in found
            ]

    def notice_altered(self, act: Act) -> list[str]:
        names = []
        with self._connection.errors_in_words():
            for record in list(self._current.find({**EXISTS, "digest": {"$exists": True}})):
                body, noted = record["body"], record.get("altered")
                found = digest_of(body)
                # Matches only if it was neither saved nor noted by another node since it was read.
                as_read: Record = {name: record[name] for name in ("_id", "body", "digest")}
                as_read["altered.digest"] = {"$exists": False} if noted is None else noted["digest"]
                if found == record["digest"]:
                    if noted is not None:
                        update: Record = {"$unset": {"altered": ""}, "$inc": {"writes": 1}}
                        self._current.update_one(as_read, update)
                elif noted is None or noted["digest"] != found:
                    told = record_of_stored(act, self._model, record["_id"], body)
                    update = {
                        "$set": {"altered": {"digest": found, "at": act.at}},
                        "$push": {"unaudited": put_down(told, self._connection.sign)},
                        "$inc": {"writes": 1},
                    }
                    if self._current.update_one(as_read, update).matched_count:
                        names.append(name_of(body, record["name_key"]))
        return names

    def get(self, identifier: str) -> DocumentType:
        with self._connection.errors_in_words():
            return self._parsed(self._existing(identifier))

    def create(self, document: DocumentType, act: Act | None = None) -> None:
        record = {"_id": document.id, **fields(document), "writes": 1}
        if act is not None:
            record["unaudited"] = [put_down(record_of_document(act, document), self._connection.sign)]
        with self._connection.errors_in_words():
            while True:
                try:
                    self._current.insert_one(record)
                    return
                except DuplicateKeyError as error:
                    self._saves.clear_name(self._shelf, document.name, error)

    def replace(self, document: DocumentType, act: Act | None = None) -> None:
        with self._connection.errors_in_words():
            while True:
                replaced = self._free(document.id, document.revision - 1)
                self._shelf.keep(replaced)
                if self._write(_unchanged(replaced), document, act):
                    return

    def delete(self, identifier: str, revision: int | None = None, act: Act | None = None) -> None:
        with self._connection.errors_in_words():
            while True:
                deleted = self._free(identifier, revision)
                self._shelf.keep(deleted)
                update: Record = {"$unset": dict.fromkeys(_OF_EXISTING, ""), "$inc": {"writes": 1}}
                if act is not None:
                    told = record_of_stored(act, self._model, identifier, deleted["body"])
                    update["$push"] = {"unaudited": put_down(told, self._connection.sign)}
                if self._current.update_one(_unchanged(deleted), update).matched_count:
                    return

    def revive(self, document: DocumentType, act: Act | None = None) -> None:
        deleted = {"_id": document.id, "revision": document.revision - 1, "body": {"$exists": False}}
        with self._connection.errors_in_words():
            if not self._write(deleted, document, act):
                raise NotFound(document.id)

    def revisions(self, identifier: str) -> list[DocumentType]:
        with self._connection.errors_in_words():
            # In this order: a revision that is replaced in between is in the archive already.
            current = self._found(identifier)
            archived = list(self._archive.find({"document": identifier}).sort("revision", DESCENDING))
        if current is not None:
            archived = [current] + [each for each in archived if each["revision"] < current["revision"]]
        if not archived:
            raise NotFound(identifier)
        return readable_documents(self._model, (record["body"] for record in archived))

    def revision(self, identifier: str, number: int) -> DocumentType:
        with self._connection.errors_in_words():
            record = self._found(identifier)
            if record is None or record["revision"] != number:
                record = self._archive.find_one({"_id": f"{identifier}/{number}"})
        if record is None:
            raise NotFound(f"{identifier} at revision {number}")
        return self._parsed(record)

    def _writes(self) -> int:
        """Return the number of all writes. Each write adds one to its document's number, in one update."""
        sums = list(self._current.aggregate([{"$group": {"_id": None, "writes": {"$sum": "$writes"}}}]))
        return int(sums[0]["writes"]) if sums else 0

    def _write(self, expected: Record, document: DocumentType, act: Act | None) -> bool:
        """Write the document over the one that matches `expected`; return whether one did. Raises
        NameTaken."""
        update: Record = {"$set": fields(document), "$inc": {"writes": 1}, "$unset": {"altered": ""}}
        if act is not None:
            told = record_of_document(act, document)
            update["$push"] = {"unaudited": put_down(told, self._connection.sign)}
        while True:
            try:
                return bool(self._current.update_one(expected, update).matched_count)
            except DuplicateKeyError as error:
                self._saves.clear_name(self._shelf, document.name, error)

    def _found(self, identifier: str) -> Record | None:
        """Return the current revision; None where the document is missing or deleted."""
        while True:
            record = self._current.find_one({"_id": identifier})
            if record is None or "next" not in record or not self._saves.finish(record):
                return record if record is not None and "body" in record else None

    def _existing(self, identifier: str) -> Record:
        record = self._found(identifier)
        if record is None:
            raise NotFound(identifier)
        return record

    def _free(self, identifier: str, revision: int | None) -> Record:
        """Return a document (at this revision if given) without the mark of a joint save; clear a mark
        first."""
        while True:
            record = self._existing(identifier)
            if revision is not None and record["revision"] != revision:
                raise RevisionConflict(record["revision"])
            if "next" not in record:
                return record
            self._saves.clear(self._shelf, record)

    def _finish(self, marked: Iterable[Record]) -> bool:
        """Carry out the valid saves that have marked these records; return whether there was one."""
        finished = [self._saves.finish(record) for record in marked]
        return any(finished)

    def _parsed(self, record: Record) -> DocumentType:
        return document_of(self._model, record["body"])


def _unchanged(record: Record) -> Record:
    return {"_id": record["_id"], "revision": record["revision"], **EXISTS, **UNMARKED}
