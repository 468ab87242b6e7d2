"""Inserting what may be there already."""

from collections.abc import Sequence
from typing import Final

from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from router.store.mongodb.connection import Record, duplicates

#: Records in one command. However long a plan is, each command is short: a slow server answers it in time,
#: and what it has done counts if a later one fails.
PORTION: Final = 250


def insert_missing(collection: Collection[Record], records: Sequence[Record]) -> list[Record]:
    """Insert the records whose ids are not there yet; those whose ids are."""
    there: list[Record] = []
    for start in range(0, len(records), PORTION):
        portion = records[start : start + PORTION]
        try:
            collection.insert_many(portion, ordered=False)
        except BulkWriteError as error:
            there += [portion[position] for position in duplicates(error)]
    return there
