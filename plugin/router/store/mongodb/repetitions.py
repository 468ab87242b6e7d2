# SPDX-License-Identifier: GPL-3.0-or-later
"""The repetitions (images that came in again) in MongoDB."""

from collections.abc import Sequence

from pymongo import ASCENDING, DeleteOne, IndexModel, ReplaceOne

from router.documents.repetition import Repetition
from router.store.mongodb.connection import MongoConnection, Record
from router.store.reading import readable


class MongoRepetitions:
    """`router.store.port.Repetitions`; a document's `_id` names the node and the study."""

    def __init__(self, connection: MongoConnection) -> None:
        """Make the index."""
        self._connection = connection
        self._repetitions = connection.collection("repetitions")
        with connection.errors_in_words():
            connection.make_indexes(self._repetitions, [IndexModel([("node", ASCENDING)], name="by_node")])

    def all(self, node: str) -> list[Repetition]:
        with self._connection.errors_in_words():
            records = list(self._repetitions.find({"node": node}))
        found = readable(Repetition, (record["repetition"] for record in records))
        return sorted(found, key=lambda one: (one.at, one.study))

    def keep(self, node: str, repetitions: Sequence[Repetition], forgotten: Sequence[str]) -> None:
        kept: dict[str, ReplaceOne[Record] | DeleteOne] = {
            one.study: ReplaceOne(
                {"_id": f"{node} {one.study}"},
                {"node": node, "repetition": one.model_dump_json()},
                upsert=True,
            )
            for one in repetitions
        }
        writes = kept | {study: DeleteOne({"_id": f"{node} {study}"}) for study in forgotten}
        if writes:
            with self._connection.errors_in_words():
                self._repetitions.bulk_write(list(writes.values()), ordered=False)
