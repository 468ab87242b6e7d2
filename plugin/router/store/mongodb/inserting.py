"""Inserting what may be there already."""

from collections.abc import Sequence

from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from router.store.mongodb.connection import Record, duplicates


def insert_missing(collection: Collection[Record], records: Sequence[Record]) -> list[Record]:
    """Insert the records whose ids are not there yet; those whose ids are."""
    if not records:
        return []
    try:
        collection.insert_many(records, ordered=False)
    except BulkWriteError as error:
        return [records[position] for position in duplicates(error)]
    return []
