# SPDX-License-Identifier: GPL-3.0-or-later
"""Inserts documents that may exist already, and deletes documents, in short commands."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from router.store.mongodb.connection import Record, duplicates

Item = TypeVar("Item")

#: Records in one command. Each command is short even for a long plan: a slow server answers it in time, and
#: its work stays done if a later command fails.
_PORTION: Final = 250


def portions(records: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield the records (or changes) in portions, each for one command."""
    for start in range(0, len(records), _PORTION):
        yield records[start : start + _PORTION]


def insert_missing(collection: Collection[Record], records: Sequence[Record]) -> list[Record]:
    """Insert the records whose ids are new; return the others."""
    there: list[Record] = []
    for portion in portions(records):
        try:
            collection.insert_many(portion, ordered=False)
        except BulkWriteError as error:
            there += [portion[position] for position in duplicates(error)]
    return there


def delete_in_portions(collection: Collection[Record], matching: Record) -> int:
    """Delete the matching documents; return how many. Other writers can work between the portions; the next
    call deletes what an interruption leaves."""
    deleted = 0
    while found := [record["_id"] for record in collection.find(matching, {"_id": 1}).limit(_PORTION)]:
        # `matching` again: a document that no longer matches stays.
        portion = collection.delete_many({"$and": [{"_id": {"$in": found}}, matching]}).deleted_count
        deleted += portion
        if len(found) < _PORTION or not portion:
            break
    return deleted
