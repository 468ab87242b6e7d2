# SPDX-License-Identifier: GPL-3.0-or-later
"""Inserting what may be there already, and deleting, in commands that are short however much it is."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from router.store.mongodb.connection import Record, duplicates

Item = TypeVar("Item")

#: Records in one command. However long a plan is, each command is short: a slow server answers it in time,
#: and what it has done counts if a later one fails.
_PORTION: Final = 250


def portions(records: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Records, or changes of some, cut into what one command takes."""
    for start in range(0, len(records), _PORTION):
        yield records[start : start + _PORTION]


def insert_missing(collection: Collection[Record], records: Sequence[Record]) -> list[Record]:
    """Insert the records whose ids are not there yet; those whose ids are."""
    there: list[Record] = []
    for portion in portions(records):
        try:
            collection.insert_many(portion, ordered=False)
        except BulkWriteError as error:
            there += [portion[position] for position in duplicates(error)]
    return there


def delete_in_portions(collection: Collection[Record], matching: Record) -> int:
    """Delete what matches; how many documents. Others go on in between, and what an interruption leaves is
    for the next call."""
    deleted = 0
    while found := [record["_id"] for record in collection.find(matching, {"_id": 1}).limit(_PORTION)]:
        # What has changed since it was found is left as it is.
        portion = collection.delete_many({"$and": [{"_id": {"$in": found}}, matching]}).deleted_count
        deleted += portion
        if len(found) < _PORTION or not portion:
            break
    return deleted
