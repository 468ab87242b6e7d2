"""Policies and destinations in MongoDB."""

from typing import Generic

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from router.documents.audit import Act
from router.store.acts import record_of_document
from router.store.keys import text_key
from router.store.mongodb.connection import MongoConnection, Record
from router.store.mongodb.unaudited import put_down
from router.store.port import DocumentType, NameTaken, NotFound, RevisionConflict

_EXISTS = {"name_key": {"$exists": True}}

#: What a deleted document does not leave behind.
_OF_EXISTING = ("name", "name_key", "updated_at", "updated_by", "body")


class MongoDocuments(Generic[DocumentType]):
    """`router.store.port.Documents` of one kind, correct without transactions.

    The current revision is one document, which each save replaces if it is still at the revision it
    was; before that the replaced revision is copied to the archive, where it can be copied as often
    as one likes. A deleted document leaves its `_id`, its revision and its number of writes behind.
    The body is kept as JSON text: BSON bounds nesting, integers and names of fields, which rules do not.
    """

    def __init__(self, connection: MongoConnection, name: str, model: type[DocumentType]) -> None:
        """Makes the indexes."""
        self._connection = connection
        self._model: type[DocumentType] = model
        self._current = connection.collection(name)
        self._archive = connection.collection(f"{name}_revisions")
        with connection.errors_in_words():
            self._current.create_indexes(
                [
                    IndexModel(
                        [("name_key", ASCENDING)],
                        name="by_name",
                        unique=True,
                        partialFilterExpression=_EXISTS,
                    )
                ]
            )
            self._archive.create_indexes(
                [IndexModel([("document", ASCENDING), ("revision", ASCENDING)], name="by_document")]
            )

    def generation(self) -> int:
        # Each write raises one document's number of writes by one, in the same update.
        with self._connection.errors_in_words():
            sums = list(self._current.aggregate([{"$group": {"_id": None, "writes": {"$sum": "$writes"}}}]))
        return int(sums[0]["writes"]) if sums else 0

    def all(self) -> list[DocumentType]:
        with self._connection.errors_in_words():
            records = list(self._current.find(_EXISTS).sort("name_key", ASCENDING))
        return [self._parsed(record) for record in records]

    def get(self, identifier: str) -> DocumentType:
        with self._connection.errors_in_words():
            return self._parsed(self._existing(identifier))

    def create(self, document: DocumentType, act: Act | None = None) -> None:
        record = {"_id": document.id, **_fields(document)}
        if act is not None:
            record["unaudited"] = [put_down(record_of_document(act, document))]
        with self._connection.errors_in_words():
            try:
                self._current.insert_one(record)
            except DuplicateKeyError as error:
                raise NameTaken(document.name) from error

    def replace(self, document: DocumentType, act: Act | None = None) -> None:
        update: Record = {"$set": _fields(document)}
        if act is not None:
            update["$push"] = {"unaudited": put_down(record_of_document(act, document))}
        with self._connection.errors_in_words():
            while True:
                replaced = self._existing(document.id, document.revision - 1)
                self._keep(replaced)
                try:
                    written = self._current.update_one(_unchanged(replaced), update)
                except DuplicateKeyError as error:
                    raise NameTaken(document.name) from error
                if written.matched_count:
                    return

    def delete(self, identifier: str, revision: int | None = None, act: Act | None = None) -> None:
        with self._connection.errors_in_words():
            while True:
                deleted = self._existing(identifier, revision)
                self._keep(deleted)
                update: Record = {"$unset": dict.fromkeys(_OF_EXISTING, ""), "$inc": {"writes": 1}}
                if act is not None:
                    update["$push"] = {"unaudited": put_down(record_of_document(act, self._parsed(deleted)))}
                if self._current.update_one(_unchanged(deleted), update).matched_count:
                    return

    def revisions(self, identifier: str) -> list[DocumentType]:
        with self._connection.errors_in_words():
            # In this order: what is replaced in between is in the archive already.
            current = self._current.find_one({"_id": identifier, **_EXISTS})
            archived = list(self._archive.find({"document": identifier}).sort("revision", DESCENDING))
        if current is not None:
            archived = [current] + [each for each in archived if each["revision"] < current["revision"]]
        if not archived:
            raise NotFound(identifier)
        return [self._parsed(record) for record in archived]

    def revision(self, identifier: str, number: int) -> DocumentType:
        with self._connection.errors_in_words():
            record = self._current.find_one({"_id": identifier, "revision": number, **_EXISTS})
            if record is None:
                record = self._archive.find_one({"_id": f"{identifier}/{number}"})
        if record is None:
            raise NotFound(f"{identifier} at revision {number}")
        return self._parsed(record)

    def _existing(self, identifier: str, revision: int | None = None) -> Record:
        record = self._current.find_one({"_id": identifier, **_EXISTS})
        if record is None:
            raise NotFound(identifier)
        if revision is not None and record["revision"] != revision:
            raise RevisionConflict(record["revision"])
        return record

    def _keep(self, record: Record) -> None:
        identifier, revision = record["_id"], record["revision"]
        archived = {"document": identifier, "revision": revision, "body": record["body"]}
        self._archive.update_one({"_id": f"{identifier}/{revision}"}, {"$setOnInsert": archived}, upsert=True)

    def _parsed(self, record: Record) -> DocumentType:
        return self._model.model_validate_json(record["body"])


def _fields(document: DocumentType) -> Record:
    return {
        "name": document.name,
        "name_key": text_key(document.name),
        "revision": document.revision,
        "writes": document.revision,
        "updated_at": document.updated_at,
        "updated_by": document.updated_by,
        "body": document.model_dump_json(),
    }


def _unchanged(record: Record) -> Record:
    return {"_id": record["_id"], "revision": record["revision"], **_EXISTS}
